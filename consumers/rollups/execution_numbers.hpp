// The numbers of a row of agent_executions as Postgres gives them, in text. They become whole numbers by the rules of the decoders, so that
// a row counts the same wherever it is read.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/pure/execution.hpp"

namespace weir::rollups {

/// Reads seven columns from `column` on: progress, user_rating, execution_time_ms, memory_mb, cpu_percent, quality_score and
/// confidence_score. False where one of them is no number that weir can keep.
[[nodiscard]] bool read_numbers(const postgres::Row& in, int column, ExecutionRow& out);

}  // namespace weir::rollups
