// metric_trends and queue_forecasts: one row for each metric of each agent, and one for each organization's queue, at the newest final
// window. Both are computed anew from the windows before it, whenever one of these changed. Agents that have no row in the newest window
// any more lose their trends. Locks: as coarse_store.hpp says.
#pragma once

#include "consumers/rollups/derive.hpp"

namespace weir::rollups {

/// Computes the trends of the organizations in `scope`, at most once each.
[[nodiscard]] Result<void> write_trends(postgres::Statements& connection, const DeriveScope& scope, Instant now);

}  // namespace weir::rollups
