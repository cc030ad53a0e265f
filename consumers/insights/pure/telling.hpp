// Which findings are told. A pattern of a user and subject is told again after 14 days, or at once when its class changes. Whoever rated
// two insights of a pattern as not helpful is told of it half as often from then on, and every two further ratings double the pause once
// more. A change of class is told in any case.
#pragma once

#include "consumers/insights/pure/finding.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <span>

namespace weir::insights {

inline constexpr std::chrono::days kPause{14};
inline constexpr std::int64_t kRatingsToDouble = 2;
/// Sixteen pauses are seven months; after more of them nobody remembers having rated.
inline constexpr std::int64_t kMostDoublings = 4;

/// The newest insight of a pattern and subject, whatever became of it.
struct Told {
  Uuid insight;
  std::string pattern;
  std::string subject;
  std::string classed;
  Instant at{};
};

/// How many insights of each pattern the user rated as not helpful.
using NotHelpful = std::map<std::string, std::int64_t, std::less<>>;

struct Telling {
  Finding finding;
  std::optional<Uuid> supersedes;  // the insight that told it before
};

[[nodiscard]] std::chrono::days pause_after(std::int64_t not_helpful);

/// Those of `findings` that are to be told at `now`.
[[nodiscard]] std::vector<Telling> to_tell(std::vector<Finding> findings, std::span<const Told> told, const NotHelpful& not_helpful,
                                           Instant now);

}  // namespace weir::insights
