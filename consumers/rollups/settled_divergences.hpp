// What becomes of divergences when windows are recomputed: windows that are made of rows hold what the rows say, and no longer what a
// change that died had left in them.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/progress_store.hpp"
#include "consumers/rollups/pure/divergence.hpp"
#include "consumers/rollups/pure/metrics_row.hpp"
#include "consumers/rollups/pure/range.hpp"

#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace weir::rollups {

/// The executions with an open divergence.
[[nodiscard]] Result<std::unordered_set<ExecutionId>> read_open_ids(postgres::Statements& connection, std::string_view group);

/// Settles the divergences that concern recomputed windows. `counted`: the rows with a divergence that the windows hold now. `known`: the
/// divergences that were known when the rows were read. Returns what windows outside of the range still hold of these rows, to be taken
/// out; none where divergences have come since, so that the rows must be read again.
[[nodiscard]] Result<std::optional<std::vector<Contribution>>> settle_divergences(
    postgres::Statements& connection, std::string_view group, const OrganizationRange& range,
    const std::unordered_map<ExecutionId, Contribution>& counted, const std::unordered_set<ExecutionId>& known);
/// Gives the rows that it wrote.
[[nodiscard]] Result<std::vector<MetricsRow>> take_out(postgres::Statements& connection, const std::vector<Contribution>& held,
                                                       const Progress& progress, Instant now);

}  // namespace weir::rollups
