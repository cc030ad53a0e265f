// Users whose activity has dropped: each has an insight for itself, and one for its teachers.
#pragma once

#include "common/postgres/connection.hpp"

#include <cstdint>

namespace weir::testing {

inline constexpr std::int64_t kInsightsOfAUser = 2;

/// Users who consent, in organizations of fifty.
[[nodiscard]] Result<void> add_consenting_users(postgres::Connection& owner, std::int64_t users);

/// Twelve weeks of work of every user, then three without any. Numbers differ within an organization and among a thousand users, so that no
/// two of them have the same input.
[[nodiscard]] Result<void> add_dropped_activity(postgres::Connection& owner);

/// The same, with an intent of every user that is due.
[[nodiscard]] Result<void> let_activity_drop(postgres::Connection& owner);

}  // namespace weir::testing
