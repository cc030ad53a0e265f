// The SQL of weir.weekly_activity.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/insights/pure/weekly_activity.hpp"

namespace weir::insights {

/// Adds the actions and counts the completions of the weeks anew, as their rows stand once the weeks are locked. Weeks of users that are
/// not there are left out, and a week in which nothing is left loses its row.
[[nodiscard]] Result<void> write_weekly(postgres::Statements& connection, const WeeklyChanges& changes);

}  // namespace weir::insights
