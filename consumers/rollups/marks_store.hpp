// weir.window_changes: whoever changes agent_metrics, engagement_rollups or the length of a queue appends a mark in the same transaction.
// The table has no unique key, so writers of one window do not wait for each other. Deriving takes an organization's marks by DELETE …
// RETURNING, under a lock of the organization. It reads the metrics only in a later statement, which therefore sees every change whose mark
// was taken.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/pure/window_marks.hpp"

#include <map>
#include <span>
#include <vector>

namespace weir::rollups {

/// Appends a mark for each window.
[[nodiscard]] Result<void> append_marks(postgres::Statements& connection, const MarkedWindows& windows);
/// Appends a mark for each range of windows. `are_half_derived`: only days and trends are still to be computed.
[[nodiscard]] Result<void> append_marks(postgres::Statements& connection, std::span<const OrganizationRange> ranges,
                                        bool are_half_derived = false);

/// At most `limit` organizations that have marks, ascending, from the one after `after` on, without those held back.
[[nodiscard]] Result<std::vector<OrganizationId>> read_marked(postgres::Statements& connection, const OrganizationId& after,
                                                              std::span<const Uuid> held_back, std::int64_t limit);
/// Takes the lock of deriving of each organization until the transaction ends. Leaves out those that another transaction derives.
[[nodiscard]] Result<std::vector<OrganizationId>> lock_for_deriving(postgres::Statements& connection, std::string_view group,
                                                                    std::span<const OrganizationId> organizations);
/// Takes the marks of organizations that this transaction has locked.
[[nodiscard]] Result<std::map<OrganizationId, std::vector<WindowMark>>> take_marks(postgres::Statements& connection,
                                                                                   std::span<const OrganizationId> organizations);

}  // namespace weir::rollups
