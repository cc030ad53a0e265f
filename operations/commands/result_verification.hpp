// Compares results with their source rows, group by group, as the groups' components do it. A change on its way to a group differs for a
// moment: a difference stands only where it is the same once the group has taken all that was there when it was seen first.
#pragma once

#include "common/postgres/connection.hpp"
#include "common/process/component.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::operations {

/// The most differences of a group that are kept and told.
inline constexpr std::size_t kMostDifferences = 1'000;

/// What a difference is once the group and its letters were asked.
enum class Standing : std::uint8_t {
  kDiffers,
  kExplained,  // a letter of the group has the change that is lacking
  kNotYet,     // the group has not taken all changes in time, so that nothing can be said
};
[[nodiscard]] std::string_view name_of(Standing standing);

struct StandingDifference {
  process::ResultDifference what;
  Standing standing = Standing::kDiffers;
  std::string by{};  // of an explained one: "letter 17: dead, out_of_domain"
};

struct VerifiedResults {
  std::string group;
  std::map<std::string, process::ResultDifferences::Counts> tables;
  std::map<std::string, std::int64_t> not_asked;
  std::vector<StandingDifference> differences;
  std::string behind{};          // why differences are not yet: what was waited for
  std::optional<Fault> fault{};  // why its rows could not be compared

  [[nodiscard]] std::int64_t count(const std::string& table, Standing standing) const;
};

struct ResultsAsked {
  std::optional<std::string> group;  // none: every group that has begun
  process::Period period;
  Milliseconds patience{30'000};  // for a group to take what is there
};

[[nodiscard]] Result<std::vector<VerifiedResults>> verify_results(process::Context& context, std::span<const process::Component> components,
                                                                  postgres::Connection& connection, const ResultsAsked& asked);

}  // namespace weir::operations
