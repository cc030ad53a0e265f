// Trends and forecasts in a real Postgres.
#include "consumers/rollups/trends_store.hpp"
#include "tests/component/rollups/levels.hpp"

#include <fmt/format.h>

using namespace weir;
using namespace weir::rollups;

namespace {

constexpr int kWindows = 300;
const Instant kClosed = kStart + kWindows * kWindowLength;

/// 300 final windows of one organization: `agents` agents, whose execution times rise in the last 12 windows, and a queue that grows by 5.
std::string filled(int agents) {
  std::string dsn = migrated_database();
  run_sql(dsn, fmt::format(R"(
SELECT weir.ensure_partition('public.agent_metrics', '2026-11-18 12:00Z'::timestamptz + n * interval '1 day') FROM generate_series(0, 1) n;
INSERT INTO agent_metrics (organization_id, agent_id, window_start, total_tasks, success_rate, throughput_per_minute, avg_execution_time_ms,
                           avg_memory_mb, is_final)
SELECT '{0}', ('00000000-0000-4000-9000-' || lpad(a::text, 12, '0'))::uuid, '2026-11-18 12:00Z'::timestamptz + n * interval '5 minutes',
       10, CASE WHEN n % 3 > 0 THEN 90 + n % 2 END, 2, CASE WHEN n >= 288 THEN 1000 + 10 * (n - 288) + n % 2 ELSE 1000 + n % 5 END, NULL, true
  FROM generate_series(1, {1}) a, generate_series(0, {2} - 1) n;
INSERT INTO system_health (organization_id, window_start, queued_tasks, running_tasks, is_final)
SELECT '{0}', '2026-11-18 12:00Z'::timestamptz + n * interval '5 minutes', 5 * n, 3, true FROM generate_series(0, {2} - 1) n)",
                           id(1).text(), agents, kWindows));
  return dsn;
}

void write(const std::string& dsn, const DeriveScope& scope) {
  auto connection = connect(dsn);
  must(connection.within_transaction([&] { return write_trends(connection, scope, kClosed); }));
}

DeriveScope newest_of(Instant closed_until) { return {{{OrganizationId{id(1)}, closed_until - kWindowLength}}, closed_until}; }

}  // namespace

TEST_CASE("each metric of each agent has one trend, at the newest final window") {
  const std::string dsn = filled(150);
  write(dsn, newest_of(kClosed));
  CHECK(dump(dsn,
             "SELECT count(*), count(DISTINCT agent_id), min(window_start) = max(window_start), extract(epoch FROM max(window_start)) FROM "
             "metric_trends") == fmt::format("900|150|t|{}.000000\n", unix_us(kClosed - kWindowLength) / 1'000'000));
  CHECK(dump(dsn, R"(
SELECT metric, direction, count(*), min(round(slope::numeric, 4)), bool_or(is_anomaly), bool_or(robust_z IS NOT NULL), max(value)
  FROM metric_trends
 GROUP BY metric, direction
 ORDER BY metric)") ==
        "avg_execution_time_ms|rising|150|10.0210|t|t|1111\n"
        "avg_memory_mb|stable|150|null|f|f|null\n"
        "avg_quality_score|stable|150|null|f|f|null\n"
        "p95_execution_time_ms|stable|150|null|f|f|null\n"
        "success_rate|stable|150|0.0000|f|t|91\n"
        "throughput_per_minute|stable|150|0.0000|f|f|2\n");
}

TEST_CASE("the queue's forecast goes on along its line, with the workers that hold it") {
  const std::string dsn = filled(4);
  write(dsn, newest_of(kClosed));
  CHECK(dump(dsn, "SELECT queued_tasks, forecast_queued, forecast_arrivals, tasks_per_worker, workers_needed FROM queue_forecasts") ==
        "1495|{1500,1505,1510,1515,1520,1525}|{45,45,45,45,45,45}|10|5\n");
}

TEST_CASE("closing window by window, a queue that suddenly grows is forecast as Holt's method is worked out by hand") {
  const std::string dsn = database_known_from(kStart - std::chrono::hours{1});
  Instance instance(dsn);
  for (int window = 0; window < 10; ++window) {
    const Instant start = kStart + window * kWindowLength;
    Events events;
    for (int i = 0; i < 4; ++i) events.push_back(change(std::nullopt, execution(i % 2, start + Seconds{i})));
    for (int i = 0; i < (window == 9 ? 8 : 0); ++i) events.push_back(task_change(std::nullopt, task(true, start)));
    instance.apply(events);
    instance.close(start + kWindowLength + std::chrono::minutes{2});
  }
  // The queue: l = 0.5 · 8 = 4, b = 0.1 · 4 = 0.4. What comes in, of 4, …, 4, 12: l = 0.5 · 12 + 0.5 · 4 = 8, b = 0.1 · 4 = 0.4. Two agents
  // end 4 tasks a window, 2 each, and 10.4 / 2 rounds up to 6.
  CHECK(dump(dsn, R"(
SELECT queued_tasks, (SELECT array_agg(round(f::numeric, 9)::double precision) FROM unnest(forecast_queued) f),
       (SELECT array_agg(round(f::numeric, 9)::double precision) FROM unnest(forecast_arrivals) f), tasks_per_worker, workers_needed
  FROM queue_forecasts)") == "8|{4.4,4.8,5.2,5.6,6,6.4}|{8.4,8.8,9.2,9.6,10,10.4}|2|6\n");
}

TEST_CASE("a correction within the last day's windows computes trends anew, an older one does not") {
  const std::string dsn = filled(2);
  write(dsn, newest_of(kClosed));
  const std::string value = "SELECT DISTINCT robust_z > 60 FROM metric_trends WHERE metric = 'avg_execution_time_ms'";
  CHECK(dump(dsn, value) == "t\n");
  run_sql(dsn, "UPDATE agent_metrics SET avg_execution_time_ms = 1002, revision = 1 WHERE window_start < '2026-11-19 12:00Z'");
  write(dsn, {{{OrganizationId{id(1)}, kStart + 11 * kWindowLength}}, kClosed});
  CHECK(dump(dsn, value) == "t\n");
  write(dsn, {{{OrganizationId{id(1)}, kStart + 12 * kWindowLength}}, kClosed});
  CHECK(dump(dsn, "SELECT count(*) FROM metric_trends WHERE metric = 'avg_execution_time_ms' AND robust_z IS NULL") == "2\n");
}

TEST_CASE("a late correction computes the trends of the agents whose windows it changed, and of no other") {
  const std::string dsn = filled(3);
  write(dsn, newest_of(kClosed));
  run_sql(dsn, "UPDATE metric_trends SET value = -1");
  run_sql(dsn, R"(
UPDATE agent_metrics SET revision = 1
 WHERE window_start = '2026-11-19 12:00Z' AND agent_id = '00000000-0000-4000-9000-000000000002')");
  write(dsn, {{{OrganizationId{id(1)}, kStart + 288 * kWindowLength}}, kClosed});
  const std::string computed = "SELECT DISTINCT right(agent_id::text, 1) FROM metric_trends WHERE value IS DISTINCT FROM -1 ORDER BY 1";
  CHECK(dump(dsn, computed) == "2\n");
  // An agent that is learnt late has no trend yet; one that is gone from the newest window loses its own.
  run_sql(dsn, R"(
DELETE FROM metric_trends WHERE agent_id = '00000000-0000-4000-9000-000000000003';
DELETE FROM agent_metrics WHERE agent_id = '00000000-0000-4000-9000-000000000001' AND window_start = '2026-11-19 12:55Z')");
  write(dsn, newest_of(kClosed));
  CHECK(dump(dsn, computed) == "2\n3\n");
  CHECK(dump(dsn, "SELECT count(DISTINCT agent_id) FROM metric_trends") == "2\n");
}

TEST_CASE("in a partition that Postgres knows nothing of, the windows of trends are read a few times, however many agents there are") {
  constexpr int kAgents = 600;
  const std::string dsn = filled(kAgents);
  auto connection = connect(dsn);
  must(connection.begin());
  must(write_trends(connection, newest_of(kClosed), kClosed));
  const auto read = must(connection.script(R"(
SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_user_tables WHERE relname LIKE 'agent_metrics%')"));
  must(connection.rollback());
  // A day for the trends and three hours for the forecast; were agents asked for a hundred at a time, it would be six days.
  CHECK(read[0].get<std::int64_t>(0) < 2 * 288 * kAgents);
}

TEST_CASE("an agent without a row in the newest window loses its trends, and an organization without a known queue its forecast") {
  const std::string dsn = filled(2);
  write(dsn, newest_of(kClosed));
  run_sql(dsn, fmt::format(R"(
INSERT INTO agent_metrics (organization_id, agent_id, window_start, is_final)
SELECT organization_id, agent_id, window_start + interval '5 minutes', true FROM agent_metrics ORDER BY window_start DESC, agent_id LIMIT 1;
INSERT INTO system_health (organization_id, window_start, no_data, is_final) VALUES ('{}', '2026-11-19 13:00Z', '{{queue}}', true))",
                           id(1).text()));
  write(dsn, newest_of(kClosed + kWindowLength));
  CHECK(dump(dsn, "SELECT count(*), count(DISTINCT agent_id) FROM metric_trends") == "6|1\n");
  CHECK(dump(dsn, "SELECT count(*) FROM queue_forecasts") == "0\n");
}

TEST_CASE("provisional windows have no trends yet") {
  const std::string dsn = filled(1);
  write(dsn, {{{OrganizationId{id(1)}, kClosed - kWindowLength}}, std::nullopt});
  run_sql(dsn, "UPDATE agent_metrics SET is_final = false");
  write(dsn, newest_of(kClosed));
  CHECK(dump(dsn, "SELECT count(*) FROM metric_trends") == "0\n");
}
