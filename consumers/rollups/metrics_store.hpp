// agent_metrics in SQL. A batch of changed windows is one COPY into a TEMP table and one upsert that takes a row only where the version
// is the one it was computed from; rows that another instance wrote meanwhile are read, merged and written in the same transaction.
// Locks: rows are always taken in primary-key order.
#pragma once

#include "common/postgres/connection.hpp"
#include "consumers/rollups/pure/metrics_row.hpp"

#include <span>
#include <unordered_map>
#include <vector>

namespace weir::rollups {

using MetricsCache = std::unordered_map<WindowKey, MetricsRow, WindowKeyHash>;

/// Makes the partitions of agent_metrics for these times, where they are missing. Before any row lock of the transaction.
[[nodiscard]] Result<void> ensure_partitions(postgres::Connection& connection, std::span<const Instant> days);

/// Writes the changes and gives the rows as they now are, in the order of the keys. `known` are rows as they were last seen: a guess that
/// costs a second round where it is wrong, and no more. `changes` must be ascending by key, one a window.
[[nodiscard]] Result<std::vector<MetricsRow>> write_metrics(postgres::Connection& connection, std::span<const MetricsChange> changes,
                                                            const MetricsCache& known, Instant now);

}  // namespace weir::rollups
