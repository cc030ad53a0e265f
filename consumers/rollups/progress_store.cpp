#include "consumers/rollups/progress_store.hpp"

#include "common/group_state/group_lock.hpp"
#include "consumers/rollups/agents_store.hpp"
#include "consumers/rollups/finals.hpp"

#include <fmt/format.h>

namespace weir::rollups {

namespace {

using postgres::Params;
using postgres::Row;
using postgres::Rows;
using postgres::Statements;

/// $2 to $6: topics of executions, agents, actions, notices, tasks. A gap in the notices may hide one of any table.
constexpr const char* kLook = R"(
SELECT p.closed_until, p.executions_known_from, p.agents_known_from, p.actions_known_from, p.tasks_known_from, p.unmarked_until,
       EXISTS (SELECT FROM weir.diverged_executions d WHERE d.group_id = $1),
       p.frozen_until, p.dropped_until, now(), p.recomputed_from, p.recomputed_until, p.generation, p.armed_from, p.armed_until,
       p.retention_us, p.max_future_us, gaps.of_executions, gaps.of_agents, gaps.of_actions, gaps.of_tasks
  FROM (SELECT max(accepted_at) FILTER (WHERE topic IN ($2, $5)) AS of_executions,
               max(accepted_at) FILTER (WHERE topic IN ($3, $5)) AS of_agents,
               max(accepted_at) FILTER (WHERE topic = $4) AS of_actions,
               max(accepted_at) FILTER (WHERE topic IN ($6, $5)) AS of_tasks
          FROM weir.offset_gaps WHERE group_id = $1 AND accepted_at IS NOT NULL) AS gaps
  LEFT JOIN weir.rollup_progress p ON p.group_id = $1)";

/// $8: windows of agent_metrics are in doubt, among them some that may have been recomputed.
constexpr const char* kRaise = R"(
INSERT INTO weir.rollup_progress AS p (group_id, executions_known_from, agents_known_from, actions_known_from, retention_us, max_future_us,
                                       tasks_known_from, unmarked_until, doubted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, GREATEST($2::timestamptz, $3::timestamptz), now())
ON CONFLICT (group_id) DO UPDATE
   SET executions_known_from = GREATEST(p.executions_known_from, excluded.executions_known_from),
       agents_known_from = GREATEST(p.agents_known_from, excluded.agents_known_from),
       actions_known_from = GREATEST(p.actions_known_from, excluded.actions_known_from),
       tasks_known_from = GREATEST(p.tasks_known_from, excluded.tasks_known_from),
       retention_us = excluded.retention_us,
       max_future_us = excluded.max_future_us,
       unmarked_until = CASE WHEN $8 THEN excluded.unmarked_until ELSE p.unmarked_until END,
       doubted_at = CASE WHEN $8 THEN now() ELSE p.doubted_at END,
       recomputed_from = CASE WHEN NOT $8 THEN p.recomputed_from END,
       recomputed_until = CASE WHEN NOT $8 THEN p.recomputed_until END,
       updated_at = now()
RETURNING executions_known_from, agents_known_from, actions_known_from, tasks_known_from, unmarked_until, recomputed_from,
          recomputed_until)";

constexpr const char* kDerivesFrom = R"(
INSERT INTO weir.rollup_progress AS p (group_id, derives_from) VALUES ($1, now())
ON CONFLICT (group_id) DO UPDATE SET derives_from = coalesce(p.derives_from, excluded.derives_from)
RETURNING derives_from)";

constexpr const char* kForgetRecomputed = R"(
WITH forgotten AS (DELETE FROM weir.recomputations WHERE group_id = $1)
UPDATE weir.rollup_progress SET generation = generation + 1 WHERE group_id = $1 RETURNING generation)";

constexpr const char* kClose = R"(
INSERT INTO weir.rollup_progress AS p (group_id, closed_until, updated_at) VALUES ($1, $2, $3)
ON CONFLICT (group_id) DO UPDATE
   SET closed_until = GREATEST(p.closed_until, excluded.closed_until), updated_at = excluded.updated_at)";

/// $1, $2: the range of windows to mark, which begins with a day. Marking a final row counts as a correction of it.
std::string mark_sql(bool tells) {
  return fmt::format(
      R"(
WITH changed AS (
UPDATE public.agent_metrics m
   SET is_complete = false, version = m.version + 1, revision = m.revision + m.is_final::integer,
       corrected_at = CASE WHEN m.is_final THEN $4 ELSE m.corrected_at END, updated_at = $4
  FROM (SELECT organization_id, agent_id, window_start FROM public.agent_metrics
         WHERE is_complete AND window_start >= $1 AND window_start < $2 LIMIT $3) AS unmarked
 WHERE m.organization_id = unmarked.organization_id AND m.agent_id = unmarked.agent_id AND m.window_start = unmarked.window_start
   AND m.window_start >= $1 AND m.window_start < $2
RETURNING m.organization_id, m.agent_id, m.window_start, m.version, m.is_final), marks AS (
INSERT INTO weir.window_changes (organization_id, window_start) SELECT DISTINCT organization_id, window_start FROM changed){}
SELECT count(*) FROM changed)",
      tells ? ", told AS (" + telling_of("SELECT organization_id, agent_id, window_start, version FROM changed WHERE is_final") + ")" : "");
}

/// Called once the day that begins at $2 is done, if $3 still holds: goes on to the newest older partition, or ends.
constexpr const char* kMarked = R"(
UPDATE weir.rollup_progress
   SET unmarked_until = (SELECT (max(to_date(right(c.relname, 8), 'YYYYMMDD')) + 1)::timestamp AT TIME ZONE 'UTC'
                           FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                          WHERE i.inhparent = 'public.agent_metrics'::regclass
                            AND right(c.relname, 8) < to_char($2::timestamptz AT TIME ZONE 'UTC', 'YYYYMMDD'))
 WHERE group_id = $1 AND unmarked_until = $3)";

KnownFrom known_from_at(const Row& row, int column) {
  KnownFrom known;
  known.raise(Source::kExecutions, row.maybe<Instant>(column));
  known.raise(Source::kAgents, row.maybe<Instant>(column + 1));
  known.raise(Source::kActions, row.maybe<Instant>(column + 2));
  known.raise(Source::kTasks, row.maybe<Instant>(column + 3));
  return known;
}

std::optional<Range> range_at(const Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return Range{row.get<Instant>(column), row.get<Instant>(column + 1)};
}

}  // namespace

struct ProgressStore::Seen {
  Progress progress;
  std::optional<Microseconds> retention;
  std::optional<Microseconds> max_future;
  KnownFrom accepted;  // the time of the last accepted gap of each source
};

Result<ProgressStore::Seen> ProgressStore::look(Statements& connection) const {
  const Rows rows = WEIR_TRY(connection.query(
      "rollups_progress", kLook,
      Params{}.add(group_).add(topics_.executions).add(topics_.agents).add(topics_.actions).add(topics_.notices).add(topics_.tasks)));
  const Row row = rows[0];
  const auto duration = [&row](int column) -> std::optional<Microseconds> {
    const auto us = row.maybe<std::int64_t>(column);
    return us ? std::optional(Microseconds{*us}) : std::nullopt;
  };
  Seen seen{{row.maybe<Instant>(0), known_from_at(row, 1), row.maybe<Instant>(5), row.get<bool>(6), row.maybe<Instant>(7),
             row.maybe<Instant>(8), row.get<Instant>(9), row.maybe<std::int64_t>(12).value_or(0), range_at(row, 13)},
            duration(15),
            duration(16),
            known_from_at(row, 17)};
  seen.progress.known_from.set_recomputed(range_at(row, 10));
  return seen;
}

KnownFrom ProgressStore::due(const Seen& seen) const {
  KnownFrom due = seen.progress.known_from;
  for (const Source source : kEverySource) {
    // Where no instant is stored the group begins now: it has not seen earlier changes, except those that the log still holds.
    const bool begins = !seen.progress.known_from.of(source);
    const std::optional<Instant>& accepted = seen.accepted.of(source);
    if (begins || accepted) due.raise(source, (begins ? seen.progress.now : *accepted) + times_.max_future);
  }
  // With other limits of time, a change may be judged otherwise when it is taken out than it was when it was put in.
  const bool other_limits =
      seen.retention && seen.max_future && (seen.retention != times_.retention || seen.max_future != times_.max_future);
  if (other_limits) due.raise(Source::kExecutions, seen.progress.now + std::max(*seen.max_future, times_.max_future));
  return due;
}

Result<Progress> ProgressStore::hold(Statements& connection) const {
  WEIR_TRY(group_state::work_beside(connection, group_));
  Seen seen = WEIR_TRY(look(connection));
  const KnownFrom known_from = due(seen);
  if (known_from != seen.progress.known_from) WEIR_TRY(begin_anew(connection, seen.progress, known_from));
  return std::move(seen.progress);
}

Result<bool> ProgressStore::heed(Statements& connection) const {
  Seen seen = WEIR_TRY(look(connection));
  const KnownFrom known_from = due(seen);
  if (known_from == seen.progress.known_from) return false;
  WEIR_TRY(begin_anew(connection, seen.progress, known_from));
  return true;
}

Result<void> ProgressStore::begin_anew(Statements& connection, Progress& progress, const KnownFrom& known_from) const {
  WEIR_TRY(raise(connection, progress, known_from));
  const Rows rows = WEIR_TRY(connection.query("rollups_forget_recomputed", kForgetRecomputed, Params{}.add(group_)));
  if (!rows.empty()) progress.generation = rows[0].get<std::int64_t>(0);
  return {};
}

Result<void> ProgressStore::lock_alone(Statements& connection) const { return group_state::work_alone(connection, group_); }

Result<Progress> ProgressStore::read(Statements& connection) const { return WEIR_TRY(look(connection)).progress; }

Result<Instant> ProgressStore::derives_from(Statements& connection) const {
  return WEIR_TRY(connection.query("rollups_derives_from", kDerivesFrom, Params{}.add(group_)))[0].get<Instant>(0);
}

Result<void> ProgressStore::raise(Statements& connection, Progress& progress, const KnownFrom& known_from) const {
  KnownFrom raised = progress.known_from;
  raised.raise(known_from);
  // An incident of a time before the known instants leaves them as they are. Windows that were recomputed since may lack its changes.
  const bool is_doubt = known_from.of(Source::kExecutions) || known_from.of(Source::kAgents);
  if (raised == progress.known_from && !is_doubt) return {};
  const std::optional<Instant> agents_before = progress.known_from.of(Source::kAgents);
  const Rows rows = WEIR_TRY(connection.query("rollups_raise", kRaise,
                                              Params{}
                                                  .add(group_)
                                                  .add(raised.of(Source::kExecutions))
                                                  .add(raised.of(Source::kAgents))
                                                  .add(raised.of(Source::kActions))
                                                  .add(times_.retention.count())
                                                  .add(times_.max_future.count())
                                                  .add(raised.of(Source::kTasks))
                                                  .add(is_doubt)));
  progress.known_from = known_from_at(rows[0], 0);
  progress.unmarked_until = rows[0].maybe<Instant>(4);
  progress.known_from.set_recomputed(range_at(rows[0], 5));
  const std::optional<Instant> agents = raised.of(Source::kAgents);
  if (agents_before && agents > agents_before) return doubt_all_agents(connection, *agents);
  // The changes of agents that were lost with an older incident are not told by a recomputation either.
  const auto& lost = known_from.of(Source::kAgents);
  return lost && lost < agents ? lose_statuses(connection, *lost) : Result<void>{};
}

Result<void> ProgressStore::close_until(Statements& connection, Instant until, Instant now) const {
  WEIR_TRY(connection.execute("rollups_advance", kClose, Params{}.add(group_).add(until).add(now)));
  return {};
}

Result<void> ProgressStore::mark_incomplete(Statements& connection, const Progress& progress, std::int64_t rows, Instant now,
                                            bool tells) const {
  if (!progress.unmarked_until) return {};
  const Instant until = *progress.unmarked_until;
  const Instant day = std::chrono::floor<std::chrono::days>(until - Microseconds{1});
  const Rows marked = WEIR_TRY(connection.query(tells ? "rollups_mark_and_tell" : "rollups_mark_incomplete", mark_sql(tells),
                                                Params{}.add(day).add(until).add(rows).add(now)));
  if (marked[0].get<std::int64_t>(0) == rows) return {};
  WEIR_TRY(connection.execute("rollups_marked", kMarked, Params{}.add(group_).add(day).add(until)));
  return {};
}

}  // namespace weir::rollups
