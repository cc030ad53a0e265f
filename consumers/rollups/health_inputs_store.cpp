#include "consumers/rollups/health_inputs_store.hpp"

#include "common/postgres/columns.hpp"
#include "consumers/rollups/agents_store.hpp"
#include "consumers/rollups/metrics_store.hpp"
#include "consumers/rollups/queue_store.hpp"

#include <algorithm>

namespace weir::rollups {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Row;
using postgres::Rows;
using postgres::Statements;

constexpr const char* kSettings = R"(
SELECT organization_id, name, value
  FROM weir.health_settings
 WHERE organization_id = ANY ($1))";

/// $1, $2: the windows. $3, $4: the first and the last of them. The mean of doubles depends on their order. Each window is read by itself:
/// Postgres takes a new partition for nearly empty, and would sort or compare the rows of all windows together.
constexpr const char* kSums = R"(
SELECT w.organization_id, w.window_start, s.*
  FROM unnest($1, $2) AS w(organization_id, window_start)
 CROSS JOIN LATERAL (
   SELECT sum(m.total_tasks), sum(m.completed_tasks), sum(m.failed_tasks), sum(m.execution_time_count), sum(m.execution_time_sum),
          count(m.availability_percent), sum(m.availability_percent ORDER BY m.agent_id)
     FROM public.agent_metrics m
    WHERE m.organization_id = w.organization_id AND m.window_start = w.window_start AND m.window_start BETWEEN $3 AND $4
   HAVING count(*) > 0) AS s)";

/// Agents of which a rate may break a threshold. $5: ended executions. $6: the success rate. $7: the execution time.
constexpr const char* kSuspects = R"(
SELECT w.organization_id, w.window_start, s.*
  FROM unnest($1, $2) AS w(organization_id, window_start)
 CROSS JOIN LATERAL (
   SELECT m.agent_id, m.total_tasks, m.completed_tasks, m.execution_time_count, m.execution_time_sum
     FROM public.agent_metrics m
    WHERE m.organization_id = w.organization_id AND m.window_start = w.window_start AND m.window_start BETWEEN $3 AND $4
      AND m.total_tasks >= $5 AND (m.success_rate < $6 OR m.avg_execution_time_ms > $7)
   OFFSET 0) AS s)";

using Inputs = std::map<OrganizationWindow, HealthInputs>;
using AgentsByWindow = std::map<OrganizationWindow, std::map<AgentId, AgentHealth>>;

Params bounded(std::span<const OrganizationWindow> windows) {
  const auto earlier = [](const OrganizationWindow& a, const OrganizationWindow& b) { return a.second < b.second; };
  const auto [first, last] = std::minmax_element(windows.begin(), windows.end(), earlier);
  Params params = columns_of(windows, &OrganizationWindow::first, &OrganizationWindow::second);
  return params.add(first->second).add(last->second);
}

Measure measure_at(const Row& row, int column) {
  Measure out;
  out.count = row.get<std::int64_t>(column);
  out.sum = parse_sum(row.text(column + 1));
  return out;
}

OrganizationWindow window_at(const Row& row) { return {row.get<OrganizationId>(0), row.get<Instant>(1)}; }

Result<void> read_sums(Statements& connection, std::span<const OrganizationWindow> windows, Inputs& inputs) {
  const Rows rows = WEIR_TRY(connection.query("rollups_health_sums", kSums, bounded(windows)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    HealthInputs& in = inputs[window_at(rows[i])];
    in.total = rows[i].get<std::int64_t>(2);
    in.completed = rows[i].get<std::int64_t>(3);
    in.failed = rows[i].get<std::int64_t>(4);
    in.execution_time = measure_at(rows[i], 5);
    in.availability_count = rows[i].get<std::int64_t>(7);
    in.availability_sum = rows[i].maybe<double>(8).value_or(0);
  }
  return {};
}

Result<void> read_suspects(Statements& connection, std::span<const OrganizationWindow> windows, const SettingsByOrganization& settings,
                           const HealthSettings& defaults, AgentsByWindow& agents) {
  // One statement asks for all organizations, so it goes by the thresholds that most agents break.
  double min_samples = defaults.min_samples;
  double success_rate = std::max(defaults.success_rate_critical, defaults.success_rate_warning);
  double time_ms = std::min(defaults.execution_time_critical_ms, defaults.execution_time_warning_ms);
  for (const auto& [organization, own] : settings) {
    min_samples = std::min(min_samples, own.min_samples);
    success_rate = std::max({success_rate, own.success_rate_critical, own.success_rate_warning});
    time_ms = std::min({time_ms, own.execution_time_critical_ms, own.execution_time_warning_ms});
  }
  Params params = bounded(windows);
  const Rows rows =
      WEIR_TRY(connection.query("rollups_health_suspects", kSuspects, params.add(min_samples).add(success_rate).add(time_ms)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const AgentId id = rows[i].get<AgentId>(2);
    agents[window_at(rows[i])][id] = {id, rows[i].get<std::int64_t>(3), rows[i].get<std::int64_t>(4), measure_at(rows[i], 5)};
  }
  return {};
}

/// Reads the statuses at the ends of windows that lie close to each other in time.
Result<void> read_statuses(Statements& connection, std::span<const OrganizationWindow> windows, Inputs& inputs, AgentsByWindow& agents) {
  std::map<OrganizationId, std::vector<Instant>> starts;
  std::vector<OrganizationId> organizations;
  Instant first = windows.front().second;
  Instant last = first;
  for (const auto& [organization, start] : windows) {
    if (starts[organization].empty()) organizations.push_back(organization);
    starts[organization].push_back(start);
    first = std::min(first, start);
    last = std::max(last, start);
  }
  const Timelines timelines = WEIR_TRY(read_timelines(connection, organizations, first, last + kWindowLength));
  for (const auto& [key, timeline] : timelines) {
    for (const Instant start : starts.at(key.organization)) {
      const auto found = inputs.find({key.organization, start});
      if (found == inputs.end() || !timeline.lives_before(start + kWindowLength)) continue;
      ++found->second.total_agents;
      const auto status = timeline.status_before(start + kWindowLength);
      if (!status) continue;
      if (is_available(*status)) ++found->second.active_agents;
      if (*status != AgentStatus::kError) continue;
      AgentHealth& agent = agents[found->first][key.agent];
      agent.agent = key.agent;
      agent.is_in_error = true;
    }
  }
  return {};
}

/// Windows of one statement lie within an hour of each other, so that no statement reads the statuses of long times between.
Result<void> read_statuses_by_time(Statements& connection, std::span<const OrganizationWindow> windows, Inputs& inputs,
                                   AgentsByWindow& agents) {
  constexpr auto kFarthest = std::chrono::hours{1};
  std::vector<OrganizationWindow> by_time(windows.begin(), windows.end());
  std::sort(by_time.begin(), by_time.end(),
            [](const auto& a, const auto& b) { return std::tie(a.second, a.first) < std::tie(b.second, b.first); });
  for (auto from = by_time.begin(); from != by_time.end();) {
    const auto to = std::find_if(from, by_time.end(), [&](const auto& window) { return window.second - from->second > kFarthest; });
    WEIR_TRY(read_statuses(connection, std::span(from, to), inputs, agents));
    from = to;
  }
  return {};
}

}  // namespace

Result<SettingsByOrganization> read_settings(Statements& connection, std::span<const OrganizationId> organizations,
                                             const HealthSettings& defaults) {
  SettingsByOrganization settings;
  const Rows rows = WEIR_TRY(connection.query("rollups_health_settings", kSettings, columns_of(organizations, &OrganizationId::value)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto found = std::ranges::find(health_settings(), rows[i].text(1), &HealthSetting::name);
    HealthSettings& own = settings.try_emplace(rows[i].get<OrganizationId>(0), defaults).first->second;
    if (found != health_settings().end()) own.*found->value = rows[i].get<double>(2);
  }
  return settings;
}

Result<Inputs> read_health_inputs(Statements& connection, std::span<const OrganizationWindow> windows,
                                  const SettingsByOrganization& settings, const HealthSettings& defaults) {
  Inputs inputs;
  if (windows.empty()) return inputs;
  WEIR_TRY(read_sums(connection, windows, inputs));
  for (const auto& [window, queue] : WEIR_TRY(read_queues(connection, windows))) {
    inputs[window].queued = queue.length.queued;
    inputs[window].running = queue.length.running;
  }
  AgentsByWindow agents;
  WEIR_TRY(read_suspects(connection, windows, settings, defaults, agents));
  WEIR_TRY(read_statuses_by_time(connection, windows, inputs, agents));
  for (auto& [window, of_window] : agents) {
    const auto found = inputs.find(window);
    if (found == inputs.end()) continue;
    for (auto& [id, agent] : of_window) found->second.agents.push_back(std::move(agent));
  }
  return inputs;
}

}  // namespace weir::rollups
