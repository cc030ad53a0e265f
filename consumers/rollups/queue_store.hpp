// weir.queue_deltas: by how much each organization's queue became longer in each window. Only whoever holds an organization's lock of
// deriving writes its rows.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/pure/window_marks.hpp"

#include <map>
#include <optional>
#include <span>
#include <vector>

namespace weir::rollups {

/// The queue at the end of a window.
struct QueueLength {
  QueueChange length;
  bool has_changed = false;  // in this window
};

/// Adds the changes that marks tell.
[[nodiscard]] Result<void> add_queue_changes(postgres::Statements& connection, const QueueChanges& changes);
/// Joins the changes before `retained` into one row an organization.
[[nodiscard]] Result<void> join_old_queue_changes(postgres::Statements& connection, std::span<const OrganizationId> organizations,
                                                  Instant retained);
/// The lengths at the ends of windows, which are ascending. A window without an entry has an empty queue.
[[nodiscard]] Result<std::map<OrganizationWindow, QueueLength>> read_queues(postgres::Statements& connection,
                                                                            std::span<const OrganizationWindow> windows);
/// For closing: marks the windows of [from, to) of every organization that has a queue or an open alert, because none of its agents may
/// have a row in them. Where nothing was closed before, `from` is none.
[[nodiscard]] Result<void> mark_standing(postgres::Statements& connection, std::optional<Instant> from, Instant to);

}  // namespace weir::rollups
