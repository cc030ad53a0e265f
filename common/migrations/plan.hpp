// What is to be done to a database, decided from what it has and what the executable carries. Pure.
#pragma once

#include "common/core/time.hpp"
#include "common/migrations/catalog.hpp"

#include <optional>

namespace weir::migrations {

/// A row of weir.schema_migrations.
struct Applied {
  int version = 0;
  std::string name;
  std::string checksum;
  Instant applied_at{};
};

struct StatusRow {
  int version = 0;
  std::string name;
  enum class State : std::uint8_t { kApplied, kPending, kChanged, kUnknown } state = State::kPending;
  std::optional<Instant> applied_at;
};

[[nodiscard]] std::string_view state_name(StatusRow::State state);

/// Every migration of the executable and of the database, by version.
[[nodiscard]] std::vector<StatusRow> status_of(const std::vector<Migration>& catalog, const std::vector<Applied>& applied);

/// Fault kData where an applied file has changed since, or the database has a migration that this executable does not know.
[[nodiscard]] Result<void> agree(const std::vector<Migration>& catalog, const std::vector<Applied>& applied);

/// The pending migrations up to version `to` (none: all), lowest first.
[[nodiscard]] Result<std::vector<Migration>> plan_up(const std::vector<Migration>& catalog, const std::vector<Applied>& applied,
                                                     std::optional<int> to);
/// The applied migrations above version `to`, highest first.
[[nodiscard]] Result<std::vector<Migration>> plan_down(const std::vector<Migration>& catalog, const std::vector<Applied>& applied, int to);

}  // namespace weir::migrations
