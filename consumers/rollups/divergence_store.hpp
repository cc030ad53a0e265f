// The stored divergences: weir.diverged_executions has the open rows, and weir.superseding_changes tells which letters are out of date.
// Rows of each table are locked in primary-key order, the first table first.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/pure/divergence.hpp"

#include <span>
#include <string_view>
#include <unordered_set>

namespace weir::rollups {

enum class Wanted : std::uint8_t {
  kOpen,  // enough for changes that nobody sent through again
  kAll,
};

/// Reads the divergences of the rows. Locks keep them as they are until the transaction ends.
[[nodiscard]] Result<Divergences> read_divergences(postgres::Statements& connection, std::string_view group,
                                                   std::span<const ExecutionId> rows, Wanted wanted);
/// Writes the divergences of the rows in `judged`.
[[nodiscard]] Result<void> write_divergences(postgres::Statements& connection, std::string_view group, const Divergences& divergences,
                                             const std::unordered_set<ExecutionId>& judged);
/// Forgets rows that no change can move any more, because all their windows are frozen once windows before `closed_until` are final.
[[nodiscard]] Result<void> forget_divergences(postgres::Statements& connection, std::string_view group, Instant closed_until);

}  // namespace weir::rollups
