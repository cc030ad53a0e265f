#include "consumers/rollups/totals_store.hpp"

#include "consumers/rollups/health_json.hpp"
#include "consumers/rollups/marks_store.hpp"
#include "consumers/rollups/metrics_store.hpp"

#include <array>

namespace weir::rollups {

namespace {

using postgres::Params;
using postgres::Row;
using postgres::Rows;
using postgres::Statements;

/// The sum of doubles depends on their order. Queues of which nobody knows the length count for nothing.
constexpr const char* kSums = R"(
SELECT window_start, sum(total_tasks), sum(completed_tasks), sum(failed_tasks), sum(execution_time_count), sum(execution_time_sum),
       sum(availability_count), sum(availability_sum ORDER BY organization_id), sum(active_agents), sum(total_agents),
       coalesce(sum(queued_tasks) FILTER (WHERE 'queue' <> ALL (no_data)), 0), sum(running_tasks), bool_or('queue' <> ALL (no_data))
  FROM public.system_health
 WHERE window_start = ANY ($1)
 GROUP BY window_start
 ORDER BY window_start)";

constexpr const char* kWrite = R"(
INSERT INTO weir.system_health_total AS t (
       window_start, overall_health_score, system_success_rate, availability_percent, avg_execution_time_ms, active_agents, total_agents,
       queued_tasks, running_tasks, critical_issues, warnings, issues, status, is_final)
SELECT r.window_start, overall_health_score, system_success_rate, availability_percent, avg_execution_time_ms, active_agents, total_agents,
       queued_tasks, running_tasks, critical, warnings, issues,
       CASE WHEN critical > 0 THEN 'critical' WHEN warnings > 0 THEN 'warning' ELSE 'healthy' END, is_final
  FROM jsonb_to_recordset($1) AS r(
       window_start timestamptz, overall_health_score double precision, system_success_rate double precision,
       availability_percent double precision, avg_execution_time_ms double precision, active_agents bigint, total_agents bigint,
       queued_tasks bigint, running_tasks bigint, is_final boolean)
 CROSS JOIN LATERAL (
   SELECT count(*) FILTER (WHERE i.issue->>'severity' = 'critical') AS critical,
          count(*) FILTER (WHERE i.issue->>'severity' = 'warning') AS warnings,
          coalesce(jsonb_agg(i.issue || jsonb_build_object('organization_id', h.organization_id) ORDER BY h.organization_id, i.place),
                   '[]') AS issues
     FROM public.system_health h CROSS JOIN jsonb_array_elements(h.issues) WITH ORDINALITY AS i(issue, place)
    WHERE h.window_start = r.window_start) AS of_all
 ORDER BY r.window_start
ON CONFLICT (window_start) DO UPDATE
   SET overall_health_score = excluded.overall_health_score, system_success_rate = excluded.system_success_rate,
       availability_percent = excluded.availability_percent, avg_execution_time_ms = excluded.avg_execution_time_ms,
       active_agents = excluded.active_agents, total_agents = excluded.total_agents, queued_tasks = excluded.queued_tasks,
       running_tasks = excluded.running_tasks, critical_issues = excluded.critical_issues, warnings = excluded.warnings,
       issues = excluded.issues, status = excluded.status, is_final = t.is_final OR excluded.is_final
 WHERE (t.overall_health_score, t.system_success_rate, t.availability_percent, t.avg_execution_time_ms, t.active_agents, t.total_agents,
        t.queued_tasks, t.running_tasks, t.issues, t.is_final)
       IS DISTINCT FROM
       (excluded.overall_health_score, excluded.system_success_rate, excluded.availability_percent, excluded.avg_execution_time_ms,
        excluded.active_agents, excluded.total_agents, excluded.queued_tasks, excluded.running_tasks, excluded.issues,
        t.is_final OR excluded.is_final))";

constexpr const char* kRemoveEmpty = R"(
DELETE FROM weir.system_health_total t
 WHERE window_start = ANY ($1) AND NOT EXISTS (SELECT FROM public.system_health h WHERE h.window_start = t.window_start))";

HealthInputs inputs_at(const Row& row) {
  HealthInputs in;
  in.total = row.get<std::int64_t>(1);
  in.completed = row.get<std::int64_t>(2);
  in.failed = row.get<std::int64_t>(3);
  in.execution_time.count = row.get<std::int64_t>(4);
  in.execution_time.sum = parse_sum(row.text(5));
  in.availability_count = row.get<std::int64_t>(6);
  in.availability_sum = row.get<double>(7);
  in.active_agents = row.get<std::int64_t>(8);
  in.total_agents = row.get<std::int64_t>(9);
  in.queued = row.get<std::int64_t>(10);
  in.running = row.get<std::int64_t>(11);
  in.queue_is_known = row.get<bool>(12);
  return in;
}

std::string json_of(const Rows& rows, const HealthSettings& settings, std::optional<Instant> closed_until) {
  std::string text;
  JsonWriter json(text);
  json.begin_array();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Instant start = rows[i].get<Instant>(0);
    const HealthInputs in = inputs_at(rows[i]);
    json.begin_object().member("window_start", format_instant(start));
    put_health(json, in, health_of(in, settings));
    json.member("is_final", is_closed(start, closed_until)).end_object();
  }
  json.end_array();
  return text;
}

}  // namespace

Result<std::vector<WindowMark>> take_total_marks(Statements& connection, std::string_view group) {
  const auto locked = WEIR_TRY(lock_for_deriving(connection, group, std::array{kEveryOrganization}));
  auto marks = WEIR_TRY(take_marks(connection, locked));
  return std::move(marks[kEveryOrganization]);
}

Result<void> write_totals(Statements& connection, const WindowShare& share, const HealthSettings& settings,
                          std::optional<Instant> closed_until) {
  std::vector<OrganizationRange> rest;
  for (const Range& range : share.rest) rest.push_back({kEveryOrganization, range});
  WEIR_TRY(append_marks(connection, rest));
  const auto starts = [&] { return Params{}.add_array(share.windows); };
  const Rows sums = WEIR_TRY(connection.query("rollups_total_sums", kSums, starts()));
  WEIR_TRY(connection.execute("rollups_write_totals", kWrite, Params{}.add_json(json_of(sums, settings, closed_until))));
  if (sums.size() < share.windows.size()) WEIR_TRY(connection.execute("rollups_remove_totals", kRemoveEmpty, starts()));
  return {};
}

}  // namespace weir::rollups
