#include "consumers/rollups/pure/queue.hpp"

#include <algorithm>

namespace weir::rollups {

namespace {

constexpr QueueChange kJoins{1, 0};
constexpr QueueChange kLeaves{-1, 0};
constexpr QueueChange kStarts{0, 1};
constexpr QueueChange kEnds{0, -1};

QueueMove move_at(const OrganizationId& organization, Instant at, const QueueChange& change, Instant since) {
  return {{organization, window_of(at)}, change, since};
}

/// The moves without those that cancel out.
std::vector<QueueMove> joined(std::span<const QueueMove> moves) {
  std::vector<QueueMove> out;
  for (const QueueMove& move : moves) {
    const auto same = std::find_if(out.begin(), out.end(),
                                   [&](const QueueMove& other) { return other.window == move.window && other.since == move.since; });
    if (same == out.end()) {
      out.push_back(move);
    } else {
      same->change.add(move.change);
    }
  }
  std::erase_if(out, [](const QueueMove& move) { return move.change == QueueChange{}; });
  return out;
}

void add_execution(std::vector<QueueMove>& moves, const ExecutionRow& row, const QueueChange& start, const QueueChange& end) {
  const std::optional<Instant> ended = ended_at(row);
  if (!row.started_at || (!ended && row.status != "running")) return;
  moves.push_back(move_at(row.organization, *row.started_at, start, *row.started_at));
  if (ended) moves.push_back(move_at(row.organization, *ended, end, *row.started_at));
}

}  // namespace

std::vector<QueueMove> moves_of_task(const std::optional<TaskRow>& before, const std::optional<TaskRow>& after, Instant recorded_at,
                                     const TimeLimits& limits) {
  const auto joined_at = [&](const TaskRow& row) {
    return judge_time(row.enqueued_at, recorded_at, limits) == Timeliness::kTooFarInFuture ? recorded_at : row.enqueued_at;
  };
  const bool was = before && before->queued;
  const bool is = after && after->queued;
  const Instant changed_at = after && after->updated_at ? *after->updated_at : recorded_at;
  const bool stays = was && is && before->organization == after->organization;
  std::vector<QueueMove> moves;
  if (was) moves.push_back(move_at(before->organization, stays ? joined_at(*before) : changed_at, kLeaves, joined_at(*before)));
  if (is) {
    const bool is_new = !before || stays || before->enqueued_at != after->enqueued_at;
    const Instant at = joined_at(*after);
    moves.push_back(move_at(after->organization, is_new ? at : changed_at, kJoins, at));
  }
  return joined(moves);
}

std::vector<QueueMove> moves_of_execution(const std::optional<ExecutionRow>& before, const std::optional<ExecutionRow>& after) {
  std::vector<QueueMove> moves;
  if (before) add_execution(moves, *before, kEnds, kStarts);
  if (after) add_execution(moves, *after, kStarts, kEnds);
  return joined(moves);
}

}  // namespace weir::rollups
