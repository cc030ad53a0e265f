#include "consumers/rollups/queue_store.hpp"

#include "common/postgres/columns.hpp"

#include <algorithm>

namespace weir::rollups {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Rows;
using postgres::Statements;

constexpr const char* kAdd = R"(
INSERT INTO weir.queue_deltas AS d (organization_id, window_start, queued, running)
SELECT organization_id, window_start, queued, running FROM unnest($1, $2, $3, $4) AS c(organization_id, window_start, queued, running)
 ORDER BY organization_id, window_start
ON CONFLICT (organization_id, window_start) DO UPDATE
   SET queued = d.queued + excluded.queued, running = d.running + excluded.running)";

constexpr const char* kJoinOld = R"(
WITH old AS (
  DELETE FROM weir.queue_deltas
   WHERE organization_id = ANY ($1) AND window_start > '-infinity' AND window_start < $2
  RETURNING organization_id, queued, running)
INSERT INTO weir.queue_deltas AS d (organization_id, window_start, queued, running)
SELECT organization_id, '-infinity', sum(queued), sum(running)
  FROM old
 GROUP BY organization_id
ON CONFLICT (organization_id, window_start) DO UPDATE
   SET queued = d.queued + excluded.queued, running = d.running + excluded.running)";

/// $1, $2: the windows that are asked for. $3: their organizations. $4: the last window.
constexpr const char* kRead = R"(
SELECT organization_id, window_start, queued, running, has_changed
  FROM (SELECT organization_id, window_start, is_asked,
               sum(queued) OVER up_to_here AS queued, sum(running) OVER up_to_here AS running,
               bool_or(NOT is_asked) OVER (PARTITION BY organization_id, window_start) AS has_changed
          FROM (SELECT organization_id, window_start, queued, running, false AS is_asked
                  FROM weir.queue_deltas WHERE organization_id = ANY ($3) AND window_start <= $4
                 UNION ALL
                SELECT organization_id, window_start, queued, running, false
                  FROM weir.standing_deltas WHERE organization_id = ANY ($3) AND window_start <= $4
                 UNION ALL
                SELECT organization_id, window_start, 0, 0, true FROM unnest($1, $2) AS a(organization_id, window_start)) AS changes
        WINDOW up_to_here AS (PARTITION BY organization_id ORDER BY window_start)) AS lengths
 WHERE is_asked AND (has_changed OR queued <> 0 OR running <> 0))";

/// An instance that is deriving meanwhile may have taken the changes of a queue, and not have committed them: then this statement sees
/// their marks still, or else their lengths.
constexpr const char* kMark = R"(
INSERT INTO weir.window_changes (organization_id, window_start, window_until)
SELECT organization_id, least(coalesce($1::timestamptz, min(window_start), $2), $2), $2
  FROM (SELECT organization_id, nullif(window_start, '-infinity') AS window_start FROM weir.queue_deltas
         UNION ALL
        SELECT organization_id, nullif(window_start, 'epoch') FROM weir.standing_deltas
         UNION ALL
        SELECT organization_id, opened_window FROM public.alerts WHERE resolved_at IS NULL
         UNION ALL
        SELECT organization_id, window_start FROM weir.window_changes WHERE queued IS NOT NULL) AS standing
 GROUP BY organization_id)";

}  // namespace

Result<void> add_queue_changes(Statements& connection, const QueueChanges& changes) {
  if (changes.empty()) return {};
  const Params columns = columns_of(
      changes, [](const auto& window) { return window.first.first; }, [](const auto& window) { return window.first.second; },
      [](const auto& window) { return window.second.queued; }, [](const auto& window) { return window.second.running; });
  WEIR_TRY(connection.execute("rollups_add_queue_changes", kAdd, columns));
  return {};
}

Result<void> join_old_queue_changes(Statements& connection, std::span<const OrganizationId> organizations, Instant retained) {
  Params params = columns_of(organizations, &OrganizationId::value);
  WEIR_TRY(connection.execute("rollups_join_old_queue_changes", kJoinOld, params.add(retained)));
  return {};
}

Result<std::map<OrganizationWindow, QueueLength>> read_queues(Statements& connection, std::span<const OrganizationWindow> windows) {
  std::map<OrganizationWindow, QueueLength> queues;
  if (windows.empty()) return queues;
  Instant last = windows.front().second;
  for (const auto& [organization, start] : windows) last = std::max(last, start);
  Params params = columns_of(windows, &OrganizationWindow::first, &OrganizationWindow::second);
  std::vector<Uuid> ids;
  for (const OrganizationId& organization : organizations_of(windows)) ids.push_back(organization.value);
  const Rows rows = WEIR_TRY(connection.query("rollups_read_queues", kRead, params.add_array(ids).add(last)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const QueueLength queue{{rows[i].get<std::int64_t>(2), rows[i].get<std::int64_t>(3)}, rows[i].get<bool>(4)};
    queues[{rows[i].get<OrganizationId>(0), rows[i].get<Instant>(1)}] = queue;
  }
  return queues;
}

Result<void> mark_standing(Statements& connection, std::optional<Instant> from, Instant to) {
  WEIR_TRY(connection.execute("rollups_mark_standing", kMark, Params{}.add(from).add(to)));
  return {};
}

}  // namespace weir::rollups
