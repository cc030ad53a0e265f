// Work that stood before the group began: tasks that were queued and executions that ran by then. Their changes are in no length of a queue
// that comes from changes, because nobody knows which of them the group has seen; so they are read from the sources, as they are.
#pragma once

#include "consumers/rollups/pure/range.hpp"
#include "consumers/rollups/pure/window_marks.hpp"

#include <vector>

namespace weir::rollups {

/// The window that stands for all windows before what is kept.
inline constexpr Instant kBeforeAll{};

/// What the sources say: tasks that wait now, in the window in which they were enqueued, since no source tells when a task left its queue;
/// and executions, in the windows in which they started and ended.
struct Standing {
  QueueChanges changes;
  Instant at{};  // when the sources said this
};

/// Adds the work that another source tells of.
void add_standing(Standing& to, const Standing& from);

struct StandingChange {
  QueueChanges deltas;                     // all of them, without those that cancel out
  std::vector<OrganizationRange> touched;  // windows whose lengths differ from those by `known`
  bool stands = false;                     // work is left that will end
};
/// What is known after the sources were read. `is_first`: they were never read before; later, a task left its queue when it was first seen
/// to have left. `closed`: the windows that are kept and final; closing marks those after them.
[[nodiscard]] StandingChange change_standing(const QueueChanges& known, const Standing& found, const Range& closed, bool is_first);

}  // namespace weir::rollups
