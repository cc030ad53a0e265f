// Hours and days in a real Postgres, against the sums of their windows.
#include "tests/component/rollups/levels.hpp"

#include <fmt/format.h>

#include <random>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kDay = *parse_instant("2026-11-18T00:00:00Z");
const Instant kNextDay = kDay + std::chrono::days{1};

/// Executions over the afternoon of a day, some with all samples.
Events executions(std::uint32_t seed, int count) {
  std::mt19937 random(seed);
  const auto pick = [&](int to) { return static_cast<int>(random() % static_cast<unsigned>(to)); };
  Events events;
  for (int i = 0; i < count; ++i) {
    constexpr std::array kStatus{"completed", "completed", "failed", "cancelled"};
    auto row = execution(pick(4), kStart + Seconds{pick(3 * 3600)}, kStatus[static_cast<std::size_t>(pick(4))]);
    row.execution_time = static_cast<std::int64_t>(pick(1'000'000)) * kMs / 100;
    if (pick(2) == 0) row.memory = (1 + pick(10)) * kMs;
    if (pick(2) == 0) row.cpu = pick(100) * kMs;
    if (pick(2) == 0) row.quality = pick(1000) * 1'000'000;
    if (pick(3) == 0) row.rating = 1 + pick(5);
    events.push_back(change(std::nullopt, row, kStart + std::chrono::hours{3}));
  }
  return events;
}

Events agents(int count) {
  Events events;
  for (int agent = 0; agent < count; ++agent) {
    events.push_back(agent_change(std::nullopt, agent_row(agent, AgentStatus::kIdle, kStart, kStart), agent + 1, kStart));
  }
  return events;
}

/// What a level must hold, from the windows; sketches and figures made of them are compared apart.
std::string sums(std::string_view table, std::string_view step) {
  return fmt::format(R"(
SELECT agent_id, date_bin('{}', window_start, 'epoch') AS start, sum(total_tasks), sum(completed_tasks), sum(failed_tasks), sum(cancelled_tasks),
       sum(execution_time_count), sum(execution_time_sum), sum(memory_count), sum(memory_sum), max(memory_peak), sum(cpu_count), sum(cpu_sum),
       max(cpu_peak), sum(quality_count), sum(quality_sum), sum(confidence_count), sum(rating_count), sum(rating_sum), sum(known_us),
       sum(up_us), sum(available_us), bool_or(touched), bool_and(is_complete), bool_and(is_final)
  FROM {}
 GROUP BY 1, 2
 ORDER BY 1, 2)",
                     step, table);
}

Sketch sketch_in(const postgres::Row& row, int column) {
  const auto wide = row.get<std::vector<std::int64_t>>(column);
  return *Sketch::from_array(std::vector<std::int32_t>(wide.begin(), wide.end()));
}

/// Every row of `table` has the merged sketch of its windows, and the percentiles of that.
void check_sketches(const std::string& dsn, const std::string& table, const std::string& step) {
  auto connection = connect(dsn);
  const auto rows = must(connection.script(
      "SELECT agent_id, window_start, execution_time_sketch, median_execution_time_ms, p95_execution_time_ms, p99_execution_time_ms FROM " +
      table));
  CHECK(rows.size() > 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto parts = must(connection.script(fmt::format(
        "SELECT execution_time_sketch FROM agent_metrics WHERE agent_id = '{}' AND date_bin('{}', window_start, 'epoch') = '{}'",
        rows[i].text(0), step, rows[i].text(1))));
    Sketch merged;
    for (std::size_t part = 0; part < parts.size(); ++part) merged.merge(sketch_in(parts[part], 0));
    CHECK(sketch_in(rows[i], 2) == merged);
    CHECK(rows[i].maybe<double>(3) == merged.percentile_ms(50));
    CHECK(rows[i].maybe<double>(4) == merged.percentile_ms(95));
    CHECK(rows[i].maybe<double>(5) == merged.percentile_ms(99));
  }
}

}  // namespace

TEST_CASE("an hour and a day are the sums of their windows, with the sketches and percentiles of all of them") {
  const std::string dsn = database_known_from(kStart);
  Instance instance(dsn);
  instance.apply(agents(4));
  instance.apply(executions(1, 400));
  instance.close(kNextDay + std::chrono::minutes{2});
  write_levels(dsn, kNextDay);
  CHECK(dump(dsn, sums("agent_metrics_1h", "1 hour")) == dump(dsn, sums("agent_metrics", "1 hour")));
  CHECK(dump(dsn, sums("agent_metrics_1d", "1 day")) == dump(dsn, sums("agent_metrics", "1 day")));
  check_sketches(dsn, "agent_metrics_1h", "1 hour");
  check_sketches(dsn, "agent_metrics_1d", "1 day");
  CHECK(dump(dsn, R"(
SELECT count(*), bool_and(throughput_per_hour = total_tasks), bool_and(throughput_per_minute = total_tasks / 60.0),
       bool_and(success_rate IS NOT DISTINCT FROM 100.0::double precision * completed_tasks / nullif(total_tasks, 0)),
       bool_and(abs(avg_execution_time_ms - execution_time_sum / nullif(execution_time_count, 0) / 1e9) < 1e-9), bool_and(uptime_percent = 100)
  FROM agent_metrics_1h)") == "48|t|t|t|t|t\n");
}

TEST_CASE("the rows of hours and days do not depend on how often and in which order they were computed") {
  const Events all = executions(2, 300);
  const std::string once = database_known_from(kStart);
  Instance whole(once);
  whole.apply(agents(4));
  whole.apply(all);
  whole.close(kNextDay + std::chrono::minutes{2});
  write_levels(once, kNextDay);

  const std::string often = database_known_from(kStart);
  Instance parts(often);
  parts.apply(agents(4));
  Instant closed = kStart;
  for (std::size_t i = 0; i < all.size(); i += 50) {
    parts.apply(
        Events(all.begin() + static_cast<std::ptrdiff_t>(i), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), i + 50))));
    closed += std::chrono::minutes{40};
    parts.close(closed + std::chrono::minutes{2});
    write_levels(often, closed);
  }
  parts.close(kNextDay + std::chrono::minutes{2});
  write_levels(often, kNextDay);
  CHECK(coarse_rows(often) == coarse_rows(once));
}

TEST_CASE("an hour is provisional until its last window is final, and a day until its last hour is") {
  const std::string dsn = database_known_from(kStart);
  Instance instance(dsn);
  instance.apply(agents(1));
  const std::string states = R"(
SELECT '1h', window_start AT TIME ZONE 'UTC', is_final, known_us / 60000000, revision FROM agent_metrics_1h
 UNION ALL
SELECT '1d', window_start AT TIME ZONE 'UTC', is_final, known_us / 60000000, revision FROM agent_metrics_1d
 ORDER BY 1 DESC, 2)";
  instance.close(kStart + std::chrono::minutes{72});
  write_levels(dsn, kStart + std::chrono::minutes{70});
  CHECK(dump(dsn, states) == "1h|2026-11-18 12:00:00|t|60|0\n1h|2026-11-18 13:00:00|f|10|0\n1d|2026-11-18 00:00:00|f|60|0\n");
  instance.close(kStart + std::chrono::hours{12} + std::chrono::minutes{2});
  write_levels(dsn, kNextDay);
  CHECK(dump(dsn, "SELECT is_final, known_us / 60000000, revision FROM agent_metrics_1d") == "t|720|0\n");
}

TEST_CASE("a late correction reaches the hour and the day of its window, and no other row") {
  const std::string dsn = database_known_from(kStart);
  Instance instance(dsn);
  instance.apply(agents(2));
  instance.close(kNextDay + std::chrono::minutes{2});
  write_levels(dsn, kNextDay);
  instance.apply({change(std::nullopt, execution(1, kStart + Seconds{400}))});
  const Instant later = kStart + std::chrono::days{4};
  auto connection = connect(dsn);
  const DeriveScope scope{{{OrganizationId{id(1)}, kStart + kWindowLength}}, kNextDay};
  must(connection.within_transaction([&] { return write_coarse(connection, scope, later); }));
  const std::string corrected = R"(
SELECT agent_id, window_start AT TIME ZONE 'UTC', total_tasks, revision, corrected_at = '2026-11-22 12:00Z' FROM agent_metrics_1h WHERE corrected_at IS NOT NULL
 UNION ALL
SELECT agent_id, window_start AT TIME ZONE 'UTC', total_tasks, revision, corrected_at = '2026-11-22 12:00Z' FROM agent_metrics_1d WHERE corrected_at IS NOT NULL
 ORDER BY 2)";
  const std::string agent = id(101).text();
  CHECK(dump(dsn, corrected) == agent + "|2026-11-18 00:00:00|1|1|t\n" + agent + "|2026-11-18 12:00:00|1|1|t\n");
}

TEST_CASE("to merge a late correction anew, the rows of its hour are read a few times, however many agents there are") {
  const std::string dsn = migrated_database();
  auto connection = connect(dsn);
  constexpr int kAgents = 300;
  // Hours of many days, so that the planner takes an hour for a small part of the table.
  must(connection.script(fmt::format(R"(
SELECT weir.ensure_partition('public.agent_metrics', '2026-11-18 12:00Z'), weir.ensure_partition('public.agent_metrics_1h', '2026-11-18 12:00Z');
INSERT INTO agent_metrics (organization_id, agent_id, window_start, is_final)
SELECT '{0}', ('00000000-0000-4000-9000-' || lpad(a::text, 12, '0'))::uuid, w, true
  FROM generate_series('2026-11-18 00:00Z'::timestamptz, '2026-11-18 23:55Z', '5 minutes') AS w, generate_series(1, {1}) AS a;
INSERT INTO agent_metrics_1h (organization_id, agent_id, window_start, is_final)
SELECT '{0}', ('00000000-0000-4000-9000-' || lpad(a::text, 12, '0'))::uuid, w, true
  FROM generate_series('2026-11-10 00:00Z'::timestamptz, '2026-11-18 23:00Z', '1 hour') AS w, generate_series(1, {1}) AS a;
ANALYZE agent_metrics, agent_metrics_1h)",
                                     id(1).text(), kAgents)));
  const DeriveScope scope{{{OrganizationId{id(1)}, kStart}}, kNextDay};
  must(connection.within_transaction([&] { return write_coarse(connection, scope, kNextDay); }));
  must(connection.begin());
  must(connection.script(
      "UPDATE agent_metrics SET version = version + 1 WHERE agent_id::text LIKE '%01' AND window_start = '2026-11-18 12:00Z'"));
  constexpr const char* kRead = R"(
SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_user_tables WHERE relname LIKE 'agent_metrics_1h%')";
  const auto before = must(connection.script(kRead))[0].get<std::int64_t>(0);
  must(write_coarse(connection, scope, kNextDay));
  const auto read = must(connection.script(kRead))[0].get<std::int64_t>(0) - before;
  must(connection.rollback());
  // An hour of each agent to compare, and 24 of which the day is made. Were every agent compared with every other, it would be 90,000.
  CHECK(read < 100 * kAgents);
}

TEST_CASE(
    "in a partition that Postgres knows nothing of, the rows of an hour and of a day are read a few times, however many agents there are") {
  const std::string dsn = migrated_database();
  auto connection = connect(dsn);
  constexpr int kAgents = 300;
  must(connection.begin());
  must(connection.script(fmt::format(R"(
SELECT weir.ensure_partition('public.agent_metrics', '2026-11-18 12:00Z');
INSERT INTO agent_metrics (organization_id, agent_id, window_start, is_final)
SELECT '{0}', ('00000000-0000-4000-9000-' || lpad(a::text, 12, '0'))::uuid, w, true
  FROM generate_series('2026-11-18 00:00Z'::timestamptz, '2026-11-18 23:55Z', '5 minutes') AS w, generate_series(1, {1}) AS a)",
                                     id(1).text(), kAgents)));
  constexpr const char* kRead = R"(
SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_user_tables WHERE relname LIKE 'agent_metrics%')";
  const auto read = [&] { return must(connection.script(kRead))[0].get<std::int64_t>(0); };
  const auto before = read();
  DeriveScope scope{{}, kNextDay};
  for (Instant start = kDay; start < kNextDay; start += kWindowLength) scope.windows.emplace_back(OrganizationId{id(1)}, start);
  must(write_coarse(connection, scope, kNextDay));
  CHECK(must(connection.script("SELECT count(*) FROM agent_metrics_1h"))[0].get<int>(0) == 24 * kAgents);
  CHECK(must(connection.script("SELECT count(*) FROM agent_metrics_1d"))[0].get<int>(0) == kAgents);
  // 312 rows of each agent. Were the windows of an hour read for each agent, it would be 26 millions.
  CHECK(read() - before < 5 * 312 * kAgents);
  must(connection.rollback());
}

TEST_CASE("an agent whose deletion is learnt late loses the hours after it") {
  const std::string dsn = database_known_from(kStart);
  Instance instance(dsn);
  instance.apply(agents(1));
  instance.close(kStart + std::chrono::hours{3} + std::chrono::minutes{2});
  write_levels(dsn, kStart + std::chrono::hours{3});
  CHECK(dump(dsn, "SELECT count(*) FROM agent_metrics_1h") == "3\n");
  const DeriveScope scope = [&] {
    auto connection = connect(dsn);
    return all_windows(connection, kStart + std::chrono::hours{3});
  }();
  const Instant gone = kStart + Seconds{1000};
  instance.apply({agent_change(agent_row(0, AgentStatus::kIdle, kStart, kStart), std::nullopt, 9, gone)});
  instance.close(kStart + std::chrono::hours{3} + std::chrono::minutes{2});
  auto connection = connect(dsn);
  must(connection.within_transaction([&] { return write_coarse(connection, scope, kNextDay); }));
  CHECK(dump(dsn, "SELECT known_us / 1000000, is_final FROM agent_metrics_1h") == "1000|t\n");
}

TEST_CASE("hours and days stay as they are once the rows that they were merged from are dropped") {
  const std::string dsn = database_known_from(kStart);
  Instance instance(dsn);
  instance.apply(agents(2));
  instance.apply(executions(3, 50));
  instance.close(kNextDay + std::chrono::minutes{2});
  write_levels(dsn, kNextDay);
  const std::string before = coarse_rows(dsn);
  auto connection = connect(dsn);
  const DeriveScope scope = all_windows(connection, kNextDay);
  run_sql(dsn, "DROP TABLE agent_metrics_20261118; DELETE FROM engagement_rollups; DELETE FROM system_health");
  must(connection.within_transaction([&] { return write_coarse(connection, scope, kNextDay); }));
  CHECK(coarse_rows(dsn) == before);
}

TEST_CASE("the hour of an organization whose last agent is gone is marked, so that it becomes final") {
  const std::string dsn = database_known_from(kStart);
  Instance instance(dsn);
  instance.apply(agents(1));
  instance.apply({agent_change(agent_row(0, AgentStatus::kIdle, kStart, kStart), std::nullopt, 9, kStart + Seconds{1000})});
  instance.close(kStart + std::chrono::minutes{32});
  write_levels(dsn, kStart + std::chrono::minutes{30});
  run_sql(dsn, "DELETE FROM weir.window_changes");
  instance.close(kStart + std::chrono::minutes{92});
  auto connection = connect(dsn);
  const DeriveScope nothing{{}, kStart + std::chrono::minutes{90}};
  must(connection.within_transaction([&] { return write_coarse(connection, nothing, kNextDay); }));
  CHECK(dump(dsn, "SELECT DISTINCT organization_id, window_start AT TIME ZONE 'UTC' FROM weir.window_changes") ==
        id(1).text() + "|2026-11-18 12:00:00\n");
  write_levels(dsn, kStart + std::chrono::minutes{90});
  CHECK(dump(dsn, "SELECT is_final FROM agent_metrics_1h") == "t\n");
}

TEST_CASE("engagement of an hour counts a user of several windows once") {
  const std::string dsn = database_known_from(kStart);
  Instance instance(dsn);
  Events events;
  for (int i = 0; i < 200; ++i) events.push_back(acted(std::to_string(i), kStart + Seconds{i * 20}, i % 30, std::to_string(i % 7)));
  instance.apply(events);
  instance.close(kNextDay + std::chrono::minutes{2});
  write_levels(dsn, kNextDay);
  HyperLogLog users;
  HyperLogLog sessions;
  auto connection = connect(dsn);
  const auto rows = must(connection.script("SELECT users_sketch, sessions_sketch FROM engagement_rollups"));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    users.merge(*HyperLogLog::from_bytes(rows[i].bytes(0)));
    sessions.merge(*HyperLogLog::from_bytes(rows[i].bytes(1)));
  }
  const auto day = must(connection.script(
      "SELECT users_sketch, sessions_sketch, unique_users, sessions, events, first_time_users, is_final FROM engagement_rollups_1d"));
  REQUIRE(day.size() == 1);
  CHECK(day[0].bytes(0) == users.to_bytes());
  CHECK(day[0].bytes(1) == sessions.to_bytes());
  CHECK(day[0].get<std::int64_t>(2) == users.estimate());
  CHECK(day[0].get<std::int64_t>(3) == sessions.estimate());
  CHECK(dump(dsn, "SELECT events, unique_users, sessions, first_time_users, is_final FROM engagement_rollups_1d") == "200|30|7|30|t\n");
}

TEST_CASE("health of an hour has the mean score, the exact rates, and each issue once at its worst") {
  const std::string dsn = database_known_from(kStart);
  Instance instance(dsn);
  instance.apply(agents(2));
  instance.apply({change(std::nullopt, execution(0, kStart + Seconds{10})),
                  change(std::nullopt, execution(1, kStart + Seconds{400}, "failed")),
                  change(std::nullopt, execution(1, kStart + Seconds{401}))});
  instance.close(kStart + std::chrono::minutes{62});
  run_sql(dsn, fmt::format(R"(
DELETE FROM system_health;
INSERT INTO system_health (organization_id, window_start, overall_health_score, active_agents, total_agents, queued_tasks, running_tasks,
                           issues, no_data, status, is_final, total_tasks, completed_tasks, failed_tasks, availability_count, availability_sum)
SELECT '{}', start, score, agents, 2, queued, 1, issues::jsonb, no_data::text[], status, true, agents, 1, agents - 1, 2, 200
  FROM (VALUES ('2026-11-18 12:00Z'::timestamptz, 90.0, 1, 7, '[{{"kind": "success_rate", "severity": "warning", "agent_id": "a", "value": 70}}]', '{{queue,response}}', 'warning'),
               ('2026-11-18 12:05Z', 40.0, 2, 9, '[{{"kind": "success_rate", "severity": "critical", "agent_id": "a", "value": 10}},
                                                   {{"kind": "queue_length", "severity": "warning", "agent_id": null, "value": 60}}]', '{{response}}', 'critical'))
       AS h (start, score, agents, queued, issues, no_data, status))",
                           id(1).text()));
  write_levels(dsn, kStart + std::chrono::hours{1});
  CHECK(
      dump(dsn, R"(
SELECT overall_health_score, round(system_success_rate::numeric, 6), availability_percent, active_agents, total_agents, queued_tasks,
       running_tasks, critical_issues, warnings, no_data, status, is_final, issues
  FROM system_health_1h)") ==
      R"(65|66.666667|100|2|2|9|1|1|1|{response}|critical|t|[{"kind": "queue_length", "value": 60, "agent_id": null, "severity": "warning"}, {"kind": "success_rate", "value": 10, "agent_id": "a", "severity": "critical"}])"
      "\n");
}
