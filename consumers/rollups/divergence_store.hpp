// What is known of executions of which a change was not taken: open rows in weir.diverged_executions, and in weir.superseding_changes which
// letters are out of date. Rows of each table are locked in primary-key order, the first table first.
#pragma once

#include "common/postgres/connection.hpp"
#include "consumers/rollups/pure/divergence.hpp"

#include <span>
#include <string_view>
#include <unordered_set>

namespace weir::rollups {

enum class Wanted : std::uint8_t {
  kOpen,  // all that a change needs which nobody sent through again
  kAll,
};

/// What is known of the rows. It stays so until the transaction ends.
[[nodiscard]] Result<Divergences> read_divergences(postgres::Connection& connection, std::string_view group,
                                                   std::span<const ExecutionId> rows, Wanted wanted);
/// Keeps those of `judged`.
[[nodiscard]] Result<void> write_divergences(postgres::Connection& connection, std::string_view group, const Divergences& divergences,
                                             const std::unordered_set<ExecutionId>& judged);
/// Forgets rows of which every change would be frozen, once windows before `closed_until` are final.
[[nodiscard]] Result<void> forget_divergences(postgres::Connection& connection, std::string_view group, Instant closed_until);

}  // namespace weir::rollups
