// What analysts ask, as an analyst's login: ranges over all levels, series, and the queries of docs/analyst.md.
#include "common/testing/pages.hpp"
#include "tests/component/rollups/levels.hpp"

#include <fmt/format.h>

using namespace weir;
using namespace weir::rollups;

namespace {

/// Up to the newest window that is final: a month of 10 agents and a day of 40 more; and a day of one agent of another organization.
constexpr const char* kRows = R"(
CREATE ROLE analyst_of_one LOGIN IN ROLE analyst;
INSERT INTO organizations (id, name)
SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'organization ' || n FROM generate_series(1, 2) n
ON CONFLICT (id) DO UPDATE SET name = excluded.name;
INSERT INTO weir.analysts (login, organization_id) VALUES ('analyst_of_one', '00000000-0000-4000-8000-000000000001');
SELECT weir.ensure_partition('public.agent_metrics', now() - n * interval '1 day') FROM generate_series(0, 31) n;
INSERT INTO agent_metrics (organization_id, agent_id, window_start, total_tasks, completed_tasks, failed_tasks, execution_time_count,
                           execution_time_sum, execution_time_sketch, memory_count, memory_sum, memory_peak, memory_peak_samples,
                           known_us, up_us, available_us, touched, is_final, is_complete)
SELECT o.id, ('00000000-0000-4000-9000-' || lpad(a::text, 12, '0'))::uuid, w, 3 + n % 5, 2 + n % 5, 1, 2, 10^9 * (n % 7 + a), ARRAY[n % 50, 1, 60 + n % 9, 1],
       1, 10^9, 10^9 * (n % 100), 1, 300000000, 300000000, 300000000 - n % 1000, true, true, true
  FROM (VALUES ('00000000-0000-4000-8000-000000000001'::uuid, 1, 10, 30), ('00000000-0000-4000-8000-000000000001', 11, 50, 1),
               ('00000000-0000-4000-8000-000000000002', 1, 1, 1)) AS o (id, first, last, days)
 CROSS JOIN LATERAL generate_series(o.first, o.last) AS a
 CROSS JOIN LATERAL generate_series(1, o.days * 288) AS n
 CROSS JOIN LATERAL (SELECT date_bin('5 minutes', now(), 'epoch') - n * interval '5 minutes') AS s (w);
INSERT INTO engagement_rollups (organization_id, action_type, window_start, events, unique_users, users_sketch, is_final)
SELECT o.id, 'click', date_bin('5 minutes', now(), 'epoch') - n * interval '5 minutes', 1, 1,
       decode('01' || lpad(to_hex(n), 4, '0') || '01', 'hex'), true
  FROM organizations o, generate_series(1, 600, 7) n;
INSERT INTO system_health (organization_id, window_start, overall_health_score, issues, is_final)
SELECT o.id, date_bin('5 minutes', now(), 'epoch') - n * interval '5 minutes', 90, '[{"severity": "warning", "kind": "queue_length", "message": "long"}]', true
  FROM organizations o, generate_series(1, 300) n;
INSERT INTO alerts (organization_id, kind, severity, opened_window, last_window, opened_at, last_seen_at)
SELECT id, 'queue_length', 'warning', now(), now(), now(), now() FROM organizations;
INSERT INTO metric_trends (organization_id, agent_id, metric, window_start, direction)
SELECT id, id, 'success_rate', now(), 'rising' FROM organizations;
INSERT INTO queue_forecasts (organization_id, window_start, queued_tasks, forecast_queued, forecast_arrivals)
SELECT id, now(), 1, '{1}', '{1}' FROM organizations;
INSERT INTO weir.rollup_progress (group_id, closed_until) VALUES ('weir.rollups', date_bin('5 minutes', now(), 'epoch'));
)";

Instant closed_until(postgres::Connection& connection) {
  return must(connection.script("SELECT closed_until FROM weir.rollup_progress"))[0].get<Instant>(0);
}

/// A database with these rows and their hours and days.
const std::string& filled() {
  static const std::string dsn = [] {
    std::string made = migrated_database();
    auto connection = connect(made);
    must(connection.script("DROP ROLE IF EXISTS analyst_of_one"));
    must(connection.script(kRows));
    const Instant until = closed_until(connection);
    const DeriveScope scope = all_windows(connection, until);
    must(connection.within_transaction([&] { return write_coarse(connection, scope, until); }));
    return made;
  }();
  return dsn;
}

postgres::Connection analyst() {
  auto connection = connect(filled());
  must(connection.script("SET SESSION AUTHORIZATION analyst_of_one"));
  return connection;
}

}  // namespace

TEST_CASE("a range is the sum of its windows, whichever levels cover it") {
  auto connection = analyst();
  struct Case {
    const char* from;
    const char* to;
    int agents;
  };
  for (const auto& [from, to, agents] :
       {Case{"now() - interval '1 hour'", "now()", 50},
        {"now() - interval '40 hours'", "now() - interval '3 hours'", 50},
        {"date_trunc('day', now()) - interval '9 days'", "date_trunc('day', now()) - interval '2 days'", 10},
        {"now() - interval '13 days 3 hours 7 minutes'", "now() - interval '11 minutes 3 seconds'", 50},
        {"now() - interval '40 days'", "now() + interval '1 day'", 50}}) {
    CAPTURE(from);
    must(connection.begin());
    const auto rows = must(connection.script(fmt::format(R"(
WITH ranged AS (SELECT * FROM rollup_range({0}, {1}, '{{0.5,0.95}}')),
     summed AS (
       SELECT organization_id, agent_id, sum(total_tasks) AS total, sum(completed_tasks) AS completed, sum(failed_tasks) AS failed,
              sum(execution_time_sum) / sum(execution_time_count) / 1e9 AS mean_ms,
              sketch_quantiles(sketch_merge(execution_time_sketch), '{{0.5,0.95}}') AS quantiles, max(memory_peak) / 1e9 AS peak_mb,
              100.0 * sum(available_us) / sum(known_us) AS availability
         FROM agent_metrics
        WHERE window_start >= {0} AND window_start < {1}
        GROUP BY organization_id, agent_id
     )
SELECT count(*), count(*) FILTER (WHERE (r.total_tasks, r.completed_tasks, r.failed_tasks) = (s.total, s.completed, s.failed)
                                    AND abs(r.avg_execution_time_ms - s.mean_ms) < 1e-9 AND r.quantiles_ms = s.quantiles
                                    AND r.peak_memory_mb = s.peak_mb AND abs(r.availability_percent - s.availability) < 1e-9 AND r.is_complete)
  FROM ranged r
  FULL JOIN summed s USING (organization_id, agent_id))",
                                                         from, to)));
    must(connection.rollback());
    CHECK(rows[0].get<int>(0) == agents);
    CHECK(rows[0].get<int>(1) == agents);
  }
}

TEST_CASE("a range is final once its last window is, and is empty where it holds no window") {
  auto connection = analyst();
  CHECK(must(connection.script(
            "SELECT count(*) FILTER (WHERE is_final) FROM rollup_range(now() - interval '2 hours', rollups_final_until())"))[0]
            .get<int>(0) == 50);
  CHECK(must(connection.script(
            "SELECT count(*) FILTER (WHERE NOT is_final) FROM rollup_range(now() - interval '2 hours', now() + interval '1 hour')"))[0]
            .get<int>(0) == 50);
  for (const char* range : {"now(), now() - interval '1 hour'", "now(), now()", "now() + interval '1 day', now() + interval '2 days'"}) {
    CHECK(must(connection.script(fmt::format("SELECT count(*) FROM rollup_range({})", range)))[0].get<int>(0) == 0);
  }
  for (const char* range : {"now(), NULL", "'-infinity', now()"}) {
    const auto asked = connection.script(fmt::format("SELECT count(*) FROM rollup_range({})", range));
    REQUIRE_FALSE(asked.has_value());
    CHECK(asked.error().message.find("a range has two ends that are times") != std::string::npos);
  }
}

TEST_CASE("quantiles come where they are asked for, in their order") {
  auto connection = analyst();
  const auto rows = must(connection.script(R"(
SELECT bool_and(a.quantiles_ms IS NULL), bool_and(b.quantiles_ms[1] >= b.quantiles_ms[2])
  FROM rollup_range(now() - interval '1 day', now()) a
  JOIN rollup_range(now() - interval '1 day', now(), '{0.99,0.5}') b USING (agent_id))"));
  CHECK(rows[0].get<bool>(0));
  CHECK(rows[0].get<bool>(1));
}

TEST_CASE("each of the ten questions has an answer for an analyst, of the own organization alone") {
  auto connection = analyst();
  const auto queries = testing::example_texts(testing::source_directory() / "docs/analyst.md", "## The ten questions that are asked first");
  CHECK(queries.size() == 12);
  for (const std::string& query : queries) {
    CAPTURE(query);
    const auto answered = connection.script(query);
    REQUIRE_MESSAGE(answered.has_value(), (answered ? "" : answered.error().line()));
    // Nothing was corrected, and perhaps no agent fails more than last week.
    const bool may_be_empty = query.find("last_week") != std::string::npos || query.find("corrected_at") != std::string::npos;
    CHECK((may_be_empty || !answered->empty()));
  }
  for (const char* table : {"agent_series_1h", "organization_series_5m", "engagement_series_1d", "health_series_5m",
                            "rollup_range(now() - interval '1 day', now())"}) {
    CAPTURE(table);
    CHECK(dump(connection, fmt::format("SELECT DISTINCT organization_id FROM {}", table)) == "00000000-0000-4000-8000-000000000001\n");
  }
}

TEST_CASE("series have a row for each step, with zeros where nothing happened") {
  auto connection = analyst();
  const auto clicks = must(connection.script(R"(
SELECT count(*), sum(events), count(*) FILTER (WHERE events = 0), bool_and(is_final), max(time) = rollups_final_until() - interval '5 minutes',
       bool_and(gap = interval '5 minutes')
  FROM (SELECT *, time - lag(time, 1, time - interval '5 minutes') OVER (ORDER BY time) AS gap FROM engagement_series_5m) AS steps)"));
  CHECK(clicks[0].get<int>(0) == clicks[0].get<int>(1) + clicks[0].get<int>(2));
  CHECK(clicks[0].get<int>(1) > 80);
  CHECK(clicks[0].get<int>(2) > 400);
  for (const int column : {3, 4, 5}) CHECK(clicks[0].get<bool>(column));
  const auto sums = must(connection.script(R"(
SELECT bool_and(s.total_tasks = m.total), bool_and(s.agents >= 10), bool_and(s.computed_at IS NOT NULL)
  FROM organization_series_1h s
  JOIN (SELECT date_trunc('hour', window_start) AS time, sum(total_tasks) AS total FROM agent_metrics GROUP BY 1) m USING (time)
 WHERE s.is_final)"));
  for (const int column : {0, 1, 2}) CHECK(sums[0].get<bool>(column));
}

TEST_CASE("a range of whole days reads days alone") {
  auto connection = connect(filled());
  must(connection.begin());
  // The last day that is over for the rows, though it may be over for the clock as well by now.
  const std::string asked = R"(
SELECT sum(total_tasks)
  FROM (SELECT date_trunc('day', closed_until) AS midnight FROM weir.rollup_progress) p
 CROSS JOIN LATERAL weir.rollup_range('00000000-0000-4000-8000-000000000001', p.midnight - interval '2 days', p.midnight))";
  const auto before = std::string(must(connection.script(asked))[0].text(0));
  must(connection.script("DELETE FROM agent_metrics; DELETE FROM agent_metrics_1h"));
  CHECK(must(connection.script(asked))[0].text(0) == before);
  must(connection.rollback());
}
