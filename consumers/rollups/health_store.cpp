#include "consumers/rollups/health_store.hpp"

#include "common/postgres/columns.hpp"
#include "consumers/rollups/health_inputs_store.hpp"
#include "consumers/rollups/health_json.hpp"
#include "consumers/rollups/marks_store.hpp"
#include "consumers/rollups/metrics_store.hpp"

#include <algorithm>
#include <set>

namespace weir::rollups {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Rows;
using postgres::Statements;

/// Answers the windows whose rows changed, with the issues that differ from those of a row that was final before.
constexpr const char* kWrite = R"(
WITH r AS MATERIALIZED (
  SELECT *
    FROM jsonb_to_recordset($1) AS r(
         organization_id uuid, window_start timestamptz, overall_health_score double precision, system_success_rate double precision,
         availability_percent double precision, avg_execution_time_ms double precision, active_agents bigint, total_agents bigint,
         queued_tasks bigint, running_tasks bigint, critical_issues bigint, warnings bigint, issues jsonb, no_data text[], status text,
         is_final boolean, total_tasks bigint, completed_tasks bigint, failed_tasks bigint, execution_time_count bigint,
         execution_time_sum numeric, availability_count bigint, availability_sum double precision)
), before AS (
  SELECT h.organization_id, h.window_start, h.issues
    FROM public.system_health h JOIN r USING (organization_id, window_start)
   WHERE h.is_final
), written AS (
  INSERT INTO public.system_health AS h (
         organization_id, window_start, overall_health_score, system_success_rate, availability_percent, avg_execution_time_ms,
         active_agents, total_agents, queued_tasks, running_tasks, critical_issues, warnings, issues, no_data, status, is_final,
         total_tasks, completed_tasks, failed_tasks, execution_time_count, execution_time_sum, availability_count, availability_sum)
  SELECT * FROM r ORDER BY organization_id, window_start
  ON CONFLICT (organization_id, window_start) DO UPDATE
     SET overall_health_score = excluded.overall_health_score, system_success_rate = excluded.system_success_rate,
         availability_percent = excluded.availability_percent, avg_execution_time_ms = excluded.avg_execution_time_ms,
         active_agents = excluded.active_agents, total_agents = excluded.total_agents, queued_tasks = excluded.queued_tasks,
         running_tasks = excluded.running_tasks, critical_issues = excluded.critical_issues, warnings = excluded.warnings,
         issues = excluded.issues, no_data = excluded.no_data, status = excluded.status, is_final = h.is_final OR excluded.is_final,
         total_tasks = excluded.total_tasks, completed_tasks = excluded.completed_tasks, failed_tasks = excluded.failed_tasks,
         execution_time_count = excluded.execution_time_count, execution_time_sum = excluded.execution_time_sum,
         availability_count = excluded.availability_count, availability_sum = excluded.availability_sum,
         version = h.version + 1, revision = h.revision + h.is_final::integer,
         corrected_at = CASE WHEN h.is_final THEN $2 ELSE h.corrected_at END
   WHERE (h.overall_health_score, h.system_success_rate, h.availability_percent, h.avg_execution_time_ms, h.active_agents, h.total_agents,
          h.queued_tasks, h.running_tasks, h.issues, h.no_data, h.is_final, h.total_tasks, h.completed_tasks, h.failed_tasks,
          h.execution_time_count, h.execution_time_sum, h.availability_count, h.availability_sum)
         IS DISTINCT FROM
         (excluded.overall_health_score, excluded.system_success_rate, excluded.availability_percent, excluded.avg_execution_time_ms,
          excluded.active_agents, excluded.total_agents, excluded.queued_tasks, excluded.running_tasks, excluded.issues,
          excluded.no_data, h.is_final OR excluded.is_final, excluded.total_tasks, excluded.completed_tasks, excluded.failed_tasks,
          excluded.execution_time_count, excluded.execution_time_sum, excluded.availability_count, excluded.availability_sum)
  RETURNING organization_id, window_start, issues)
SELECT w.organization_id, w.window_start, c.issue->>'kind', (c.issue->>'agent_id')::uuid
  FROM written w
  LEFT JOIN before b USING (organization_id, window_start)
  LEFT JOIN LATERAL (
    (SELECT jsonb_array_elements(b.issues) EXCEPT SELECT jsonb_array_elements(w.issues))
     UNION
    (SELECT jsonb_array_elements(w.issues) EXCEPT SELECT jsonb_array_elements(b.issues))) AS c(issue) ON b.issues IS NOT NULL
 ORDER BY 1, 2, 3, 4)";

/// Removes the rows of windows that have nothing to tell any more.
constexpr const char* kRemove = R"(
DELETE FROM public.system_health h
 USING unnest($1, $2) AS w(organization_id, window_start)
 WHERE h.organization_id = w.organization_id AND h.window_start = w.window_start
RETURNING h.organization_id, h.window_start)";

void put_row(JsonWriter& json, const OrganizationWindow& window, const HealthInputs& in, const Health& health, bool is_final) {
  json.begin_object().member("organization_id", window.first.text()).member("window_start", format_instant(window.second));
  put_health(json, in, health);
  json.member("critical_issues", health.count(Severity::kCritical)).member("warnings", health.count(Severity::kWarning));
  json.name("issues").begin_array();
  for (const Issue& issue : health.issues) put_issue(json, issue);
  json.end_array().name("no_data").begin_array();
  for (const std::string_view component : health.no_data) json.value(component);
  json.end_array().member("status", health.status()).member("is_final", is_final);
  json.member("total_tasks", in.total).member("completed_tasks", in.completed).member("failed_tasks", in.failed);
  json.member("execution_time_count", in.execution_time.count).name("execution_time_sum").json(sum_text(in.execution_time.sum));
  json.member("availability_count", in.availability_count).member("availability_sum", in.availability_sum).end_object();
}

/// Notes the windows of the rows for the totals.
void note_windows(const Rows& rows, std::set<Instant>& windows) {
  for (std::size_t i = 0; i < rows.size(); ++i) windows.insert(rows[i].get<Instant>(1));
}

std::vector<CorrectedIssue> corrections_in(const Rows& rows) {
  std::vector<CorrectedIssue> corrected;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].is_null(2)) continue;
    corrected.push_back(
        {{rows[i].get<OrganizationId>(0), rows[i].get<Instant>(1)}, rows[i].get<std::string>(2), rows[i].maybe<AgentId>(3)});
  }
  return corrected;
}

}  // namespace

Result<std::vector<CorrectedIssue>> write_health(Statements& connection, const DeriveScope& scope, const HealthSettings& defaults,
                                                 std::optional<Instant> queues_known_from, Instant now) {
  const auto settings = WEIR_TRY(read_settings(connection, organizations_of(scope.windows), defaults));
  auto inputs = WEIR_TRY(read_health_inputs(connection, scope.windows, settings, defaults));
  std::string text;
  JsonWriter json(text);
  json.begin_array();
  std::vector<OrganizationWindow> empty;
  for (const OrganizationWindow& window : scope.windows) {
    const auto found = inputs.find(window);
    if (found == inputs.end()) {
      empty.push_back(window);
      continue;
    }
    found->second.queue_is_known = queues_known_from && window.second >= *queues_known_from;
    const auto own = settings.find(window.first);
    const Health health = health_of(found->second, own == settings.end() ? defaults : own->second);
    put_row(json, window, found->second, health, is_closed(window.second, scope.closed_until));
  }
  json.end_array();
  const Rows written = WEIR_TRY(connection.query("rollups_write_health", kWrite, Params{}.add_json(text).add(now)));
  std::set<Instant> changed;
  note_windows(written, changed);
  if (!empty.empty()) {
    const Params windows = columns_of(empty, &OrganizationWindow::first, &OrganizationWindow::second);
    note_windows(WEIR_TRY(connection.query("rollups_remove_health", kRemove, windows)), changed);
  }
  MarkedWindows totals;
  for (const Instant start : changed) totals[{kEveryOrganization, start}];
  WEIR_TRY(append_marks(connection, totals));
  return corrections_in(written);
}

}  // namespace weir::rollups
