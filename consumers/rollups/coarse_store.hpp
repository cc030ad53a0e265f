// Hours and days: agent_metrics_1h and _1d, system_health_1h and _1d, engagement_rollups_1h and _1d. A row is the merge of the final rows
// of the next finer level, and is computed anew from all of them, so that neither the order nor the number of corrections shows in it. Only
// rows are computed whose finer rows changed: `version` of a row stands for the finer rows that it was merged from.
//
// Once retention has dropped the finer rows, a row stays as it is. Locks: the caller holds the organizations' locks of deriving, so that no
// other transaction writes these rows.
#pragma once

#include "consumers/rollups/derive.hpp"

namespace weir::rollups {

/// Merges the hours of the windows in `scope`. Rows of agents that lost all finer rows go.
[[nodiscard]] Result<void> write_hours(postgres::Statements& connection, const DeriveScope& scope, Instant now);
/// Merges the days of the hours in which the windows of `scope` lie; their hours are merged before.
[[nodiscard]] Result<void> write_days(postgres::Statements& connection, const DeriveScope& scope, Instant now);

}  // namespace weir::rollups
