// The windows of a day of all agents do not fit in memory, so that they are fetched in parts. They are sorted by one statement: were agents
// asked for in parts, Postgres would read the windows of all agents for each part, in a new partition, which it takes for nearly empty.
#include "consumers/rollups/trends_store.hpp"

#include "consumers/rollups/pure/forecast.hpp"
#include "consumers/rollups/pure/trend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

namespace weir::rollups {

namespace {

using postgres::CopyBuffer;
using postgres::Params;
using postgres::Rows;
using postgres::Statements;

/// The metrics, in the order of kHistory's columns.
constexpr std::array<std::string_view, 6> kMetrics{"success_rate",          "avg_execution_time_ms", "p95_execution_time_ms",
                                                   "throughput_per_minute", "avg_memory_mb",         "avg_quality_score"};

/// An organization that Postgres refuses stays behind the others. Each window is looked into by itself, since in a new partition Postgres
/// would sort all rows of all windows.
constexpr const char* kNewest = R"(
SELECT w.window_start
  FROM generate_series($3, $2 + interval '5 minutes', interval '-5 minutes') AS w(window_start)
 CROSS JOIN LATERAL (SELECT FROM public.agent_metrics m
                      WHERE m.organization_id = $1 AND m.window_start = w.window_start AND m.window_start > $2 AND m.window_start <= $3
                        AND m.is_final
                      LIMIT 1) AS with_rows
 ORDER BY w.window_start DESC
 LIMIT 1)";

/// The agents whose trends must be computed: those without a trend of the newest window, $2, and those of which a window in $3 was
/// corrected after it was final. So a late correction costs the trends of the agents that it concerns, and not of all agents of their
/// organization.
constexpr const char* kAgents = R"(
SELECT m.agent_id
  FROM public.agent_metrics m
 WHERE m.organization_id = $1 AND m.window_start = $2 AND m.is_final
   AND (NOT EXISTS (SELECT FROM public.metric_trends t
                     WHERE t.organization_id = $1 AND t.agent_id = m.agent_id AND t.metric = 'success_rate' AND t.window_start = $2)
        OR m.agent_id IN (SELECT c.agent_id FROM public.agent_metrics c
                           WHERE c.organization_id = $1 AND c.window_start = ANY ($3) AND c.revision > 0))
 ORDER BY m.agent_id)";

/// $3, $4: the first and the last window.
constexpr const char* kHistory = R"(
DECLARE rollups_trend_windows NO SCROLL CURSOR FOR
SELECT agent_id, window_start, success_rate, avg_execution_time_ms, p95_execution_time_ms, throughput_per_minute, avg_memory_mb,
       avg_quality_score
  FROM public.agent_metrics
 WHERE organization_id = $1 AND agent_id = ANY ($2) AND window_start >= $3 AND window_start <= $4 AND is_final
 ORDER BY agent_id, window_start)";
constexpr const char* kFetch = "FETCH 25000 FROM rollups_trend_windows";

constexpr postgres::StagingTable kTrendsIn{"weir_trends_in", R"(
  organization_id uuid NOT NULL, agent_id uuid NOT NULL, metric text NOT NULL, window_start timestamptz NOT NULL, value double precision,
  direction text NOT NULL, slope double precision, t_statistic double precision, is_anomaly boolean NOT NULL, robust_z double precision)"};

constexpr const char* kWriteTrends = R"(
INSERT INTO public.metric_trends AS t (organization_id, agent_id, metric, window_start, value, direction, slope, t_statistic, is_anomaly,
                                       robust_z, updated_at)
SELECT organization_id, agent_id, metric, window_start, value, direction, slope, t_statistic, is_anomaly, robust_z, $1
  FROM weir_trends_in
 ORDER BY organization_id, agent_id, metric
ON CONFLICT (organization_id, agent_id, metric) DO UPDATE
   SET window_start = excluded.window_start, value = excluded.value, direction = excluded.direction, slope = excluded.slope,
       t_statistic = excluded.t_statistic, is_anomaly = excluded.is_anomaly, robust_z = excluded.robust_z, updated_at = excluded.updated_at
 WHERE (t.window_start, t.value, t.direction, t.slope, t.t_statistic, t.is_anomaly, t.robust_z) IS DISTINCT FROM
       (excluded.window_start, excluded.value, excluded.direction, excluded.slope, excluded.t_statistic, excluded.is_anomaly,
        excluded.robust_z))";

constexpr const char* kDropOutdated = R"(
DELETE FROM public.metric_trends
 WHERE organization_id = $1
   AND (window_start < $2
        OR agent_id NOT IN (SELECT agent_id FROM public.agent_metrics WHERE organization_id = $1 AND window_start = $2 AND is_final)))";

/// The unbroken run of windows up to the last one whose queue's length is known.
constexpr const char* kQueue = R"(
SELECT h.window_start, h.queued_tasks, h.running_tasks, coalesce(m.ended, 0), m.busy
  FROM public.system_health h
 CROSS JOIN LATERAL (
   SELECT sum(r.total_tasks)::bigint AS ended, count(*) FILTER (WHERE r.total_tasks > 0) AS busy
     FROM public.agent_metrics r
    WHERE r.organization_id = $1 AND r.window_start = h.window_start AND r.window_start >= $2 AND r.window_start <= $3 AND r.is_final) AS m
 WHERE h.organization_id = $1 AND h.window_start >= $2 AND h.window_start <= $3 AND h.is_final AND NOT 'queue' = ANY (h.no_data)
 ORDER BY h.window_start DESC)";

constexpr const char* kWriteForecast = R"(
INSERT INTO public.queue_forecasts AS f (organization_id, window_start, queued_tasks, forecast_queued, forecast_arrivals, tasks_per_worker,
                                         workers_needed, updated_at)
VALUES ($1, $2, $3, $4::double precision[], $5::double precision[], $6, $7, $8)
ON CONFLICT (organization_id) DO UPDATE
   SET window_start = excluded.window_start, queued_tasks = excluded.queued_tasks, forecast_queued = excluded.forecast_queued,
       forecast_arrivals = excluded.forecast_arrivals, tasks_per_worker = excluded.tasks_per_worker,
       workers_needed = excluded.workers_needed, updated_at = excluded.updated_at
 WHERE (f.window_start, f.queued_tasks, f.forecast_queued, f.forecast_arrivals, f.tasks_per_worker, f.workers_needed) IS DISTINCT FROM
       (excluded.window_start, excluded.queued_tasks, excluded.forecast_queued, excluded.forecast_arrivals, excluded.tasks_per_worker,
        excluded.workers_needed))";
constexpr const char* kDropForecast = "DELETE FROM public.queue_forecasts WHERE organization_id = $1";

/// The values of one metric in each window; none where there is no row, or no value in it.
using Series = std::vector<std::optional<double>>;

void put_trend(CopyBuffer& copy, const OrganizationId& organization, const AgentId& agent, std::string_view metric, Instant newest,
               const Series& series) {
  const Trend trend = trend_of(Values(series).last(kTrendWindows));
  const auto score = robust_score(series);
  copy.begin_row(10);
  copy.uuid(organization.value);
  copy.uuid(agent.value);
  copy.text(metric);
  copy.instant(newest);
  copy.real8(series.back());
  copy.text(text_of(trend.direction));
  copy.real8(trend.slope);
  copy.real8(trend.t_statistic);
  copy.boolean(score && std::abs(*score) > kOutlier);
  copy.real8(score);
}

/// The trends of agents whose windows come one agent after the other.
class Trends {
 public:
  Trends(const OrganizationId& organization, Instant first, Instant newest) : organization_(organization), first_(first), newest_(newest) {}

  /// Adds the trends of agents whose windows have all come.
  void take(const Rows& rows, CopyBuffer& copy) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto agent = rows[i].get<AgentId>(0);
      if (agent_ != agent) {
        finish(copy);
        agent_ = agent;
        series_.fill(Series(kAnomalyWindows));
      }
      const auto window = static_cast<std::size_t>((rows[i].get<Instant>(1) - first_) / kWindowLength);
      for (std::size_t metric = 0; metric < kMetrics.size(); ++metric) {
        series_[metric][window] = rows[i].maybe<double>(static_cast<int>(metric) + 2);
      }
    }
  }
  /// Adds the trends of the last agent.
  void finish(CopyBuffer& copy) {
    if (!agent_) return;
    for (std::size_t metric = 0; metric < kMetrics.size(); ++metric) {
      put_trend(copy, organization_, *agent_, kMetrics[metric], newest_, series_[metric]);
    }
    agent_.reset();
  }

 private:
  OrganizationId organization_;
  Instant first_;
  Instant newest_;
  std::optional<AgentId> agent_;
  std::array<Series, kMetrics.size()> series_;
};

Result<void> write_rows(Statements& connection, CopyBuffer& copy, Instant now) {
  WEIR_TRY(connection.make_staging({kTrendsIn}));
  WEIR_TRY(connection.copy_in("COPY weir_trends_in FROM STDIN (FORMAT binary)", copy));
  WEIR_TRY(connection.execute("rollups_write_trends", kWriteTrends, Params{}.add(now)));
  return {};
}

Result<void> write_trends_of(Statements& connection, const OrganizationId& organization, Instant newest,
                             const std::vector<Instant>& changed, Instant now) {
  const Instant first = newest - (kAnomalyWindows - 1) * kWindowLength;
  const Rows rows = WEIR_TRY(connection.query("rollups_trend_agents", kAgents, Params{}.add(organization).add(newest).add_array(changed)));
  std::vector<Uuid> agents;
  for (std::size_t i = 0; i < rows.size(); ++i) agents.push_back(rows[i].get<Uuid>(0));
  if (!agents.empty()) {
    const Params params = Params{}.add(organization).add_array(agents).add(first).add(newest);
    WEIR_TRY(connection.execute("rollups_trend_windows", kHistory, params));
    Trends trends(organization, first, newest);
    for (bool is_last = false; !is_last;) {
      const Rows windows = WEIR_TRY(connection.query("rollups_fetch_trend_windows", kFetch));
      is_last = windows.empty();
      CopyBuffer copy;
      is_last ? trends.finish(copy) : trends.take(windows, copy);
      WEIR_TRY(write_rows(connection, copy, now));
    }
    WEIR_TRY(connection.execute("rollups_close_trend_windows", "CLOSE rollups_trend_windows"));
  }
  WEIR_TRY(connection.execute("rollups_drop_trends", kDropOutdated, Params{}.add(organization).add(newest)));
  return {};
}

std::string array_of(const Forecast& forecast) { return fmt::format("{{{:.17g}}}", fmt::join(forecast, ",")); }

Result<void> write_forecast_of(Statements& connection, const OrganizationId& organization, Instant newest, Instant now) {
  const Instant first = newest - (kQueueHistory - 1) * kWindowLength;
  const Rows rows = WEIR_TRY(connection.query("rollups_queue", kQueue, Params{}.add(organization).add(first).add(newest)));
  std::vector<QueueWindow> windows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].get<Instant>(0) != newest - static_cast<std::int64_t>(i) * kWindowLength) break;
    windows.push_back(
        {rows[i].get<std::int64_t>(1), rows[i].get<std::int64_t>(2), rows[i].get<std::int64_t>(3), rows[i].get<std::int64_t>(4)});
  }
  std::reverse(windows.begin(), windows.end());
  const auto forecast = forecast_queue(windows);
  if (!forecast) {
    WEIR_TRY(connection.execute("rollups_drop_forecast", kDropForecast, Params{}.add(organization)));
    return {};
  }
  WEIR_TRY(connection.execute("rollups_write_forecast", kWriteForecast,
                              Params{}
                                  .add(organization)
                                  .add(newest)
                                  .add(windows.back().queued)
                                  .add(array_of(forecast->queued))
                                  .add(array_of(forecast->arrivals))
                                  .add(forecast->tasks_a_worker)
                                  .add(forecast->workers)
                                  .add(now)));
  return {};
}

}  // namespace

Result<void> write_trends(Statements& connection, const DeriveScope& scope, Instant now) {
  if (!scope.closed_until) return {};
  const Instant last = *scope.closed_until - kWindowLength;
  std::map<OrganizationId, std::vector<Instant>> changed;
  for (const auto& [organization, start] : scope.windows) {
    if (start <= last && start > last - kAnomalyWindows * kWindowLength) changed[organization].push_back(start);
  }
  for (const auto& [organization, windows] : changed) {
    const Rows rows = WEIR_TRY(connection.query("rollups_newest_final", kNewest,
                                                Params{}.add(organization).add(last - kAnomalyWindows * kWindowLength).add(last)));
    if (rows.empty()) continue;
    const auto newest = rows[0].get<Instant>(0);
    WEIR_TRY(write_trends_of(connection, organization, newest, windows, now));
    WEIR_TRY(write_forecast_of(connection, organization, newest, now));
  }
  return {};
}

}  // namespace weir::rollups
