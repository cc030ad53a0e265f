// By how much the change of a task, or of an execution, makes its organization's queue longer or shorter, and when. Changes of one row add
// up in any order, because each adds minus what the row was, plus what it is.
#pragma once

#include "consumers/rollups/pure/execution.hpp"
#include "consumers/rollups/pure/window_marks.hpp"

#include <optional>
#include <vector>

namespace weir::rollups {

/// One image of a row of agent_task_queue.
struct TaskRow {
  OrganizationId organization;
  bool queued = false;
  Instant enqueued_at{};
  std::optional<Instant> updated_at;
};

struct QueueMove {
  OrganizationWindow window;  // the queue is longer or shorter from the end of this window on
  QueueChange change;
  Instant since{};  // when the task was enqueued, or when the execution started
  friend bool operator==(const QueueMove&, const QueueMove&) = default;
};

/// A task joins the queue at its enqueued_at, and leaves it at the updated_at of the change that leaves `queued`. A deleted task leaves at
/// the time of its record. A task that comes back joins anew. A task whose enqueued_at lies too far after its record joins at its record's
/// time, because it is in the queue by then.
[[nodiscard]] std::vector<QueueMove> moves_of_task(const std::optional<TaskRow>& before, const std::optional<TaskRow>& after,
                                                   Instant recorded_at, const TimeLimits& limits);

/// An execution runs from its started_at on, until it ended.
[[nodiscard]] std::vector<QueueMove> moves_of_execution(const std::optional<ExecutionRow>& before,
                                                        const std::optional<ExecutionRow>& after);

}  // namespace weir::rollups
