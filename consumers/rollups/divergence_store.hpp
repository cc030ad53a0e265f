// weir.diverged_executions. Rows are locked in primary-key order.
#pragma once

#include "common/postgres/connection.hpp"
#include "consumers/rollups/pure/divergence.hpp"

#include <span>
#include <string_view>
#include <unordered_set>

namespace weir::rollups {

/// Those of the rows that diverge. They stay so until the transaction ends.
[[nodiscard]] Result<Divergences> read_divergences(postgres::Connection& connection, std::string_view group,
                                                   std::span<const ExecutionId> rows);
/// Keeps those of `judged`: of a row that agrees again nothing.
[[nodiscard]] Result<void> write_divergences(postgres::Connection& connection, std::string_view group, const Divergences& divergences,
                                             const std::unordered_set<ExecutionId>& judged);

}  // namespace weir::rollups
