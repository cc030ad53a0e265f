// Windows of today and of yesterday are made and merged as weir rollups does it; the days before are copies of yesterday at all levels,
// because a month of merges takes longer than all questions about it.
#include "tests/bench/analysts/month.hpp"

#include "consumers/rollups/coarse_store.hpp"
#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

namespace weir::bench {

namespace {

using postgres::Connection;

constexpr const char* kOrganizations = R"(
DROP ROLE IF EXISTS bench_analyst;
DROP ROLE IF EXISTS bench_analyst_of_few;
CREATE ROLE bench_analyst LOGIN IN ROLE analyst;
CREATE ROLE bench_analyst_of_few LOGIN IN ROLE analyst;
INSERT INTO organizations (id, name)
SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'organization ' || n FROM generate_series(1, 2) n;
INSERT INTO weir.analysts (login, organization_id) VALUES
  ('bench_analyst', '00000000-0000-4000-8000-000000000001'), ('bench_analyst_of_few', '00000000-0000-4000-8000-000000000002');
INSERT INTO weir.rollup_progress (group_id, closed_until) VALUES ('weir.rollups', date_bin('5 minutes', now(), 'epoch'));
-- Sketches of about ten executions, whose times lie between 60 ms and 60 s, most of them near 2 s.
CREATE TABLE samples AS
SELECT number, array_agg(pair.value ORDER BY bucket, pair.place) AS sketch, sum(n) FILTER (WHERE pair.place = 1) AS times,
       sum(n * sketch_bucket_ms(bucket) * 1e9) FILTER (WHERE pair.place = 1)::bigint AS sum
  FROM (SELECT number, 375 + round(50 * sqrt(-2 * ln(random() + 1e-9)) * cos(6.283 * random()))::integer AS bucket, count(*)::integer AS n
          FROM generate_series(0, 999) AS number, generate_series(1, 10)
         GROUP BY number, bucket) AS buckets
 CROSS JOIN LATERAL unnest(ARRAY[bucket, n]) WITH ORDINALITY AS pair (value, place)
 GROUP BY number;
CREATE UNIQUE INDEX ON samples (number);
ANALYZE samples;
-- The ends of what is made: yesterday begins, today begins, windows are closed.
CREATE TABLE ends AS
SELECT date_trunc('day', closed_until, 'UTC') - interval '1 day' AS yesterday, date_trunc('day', closed_until, 'UTC') AS today, closed_until
  FROM weir.rollup_progress;
-- Rows of yesterday, `back` days earlier.
CREATE FUNCTION copy_yesterday(target regclass, back integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE (SELECT format('INSERT INTO %1$s SELECT %2$s FROM %1$s, ends WHERE window_start >= yesterday AND window_start < today', target,
                         string_agg(CASE attname WHEN 'window_start' THEN format('window_start - %s * interval ''1 day''', back)
                                                 ELSE quote_ident(attname) END, ', ' ORDER BY attnum))
             FROM pg_attribute
            WHERE attrelid = target AND attnum > 0 AND NOT attisdropped);
END $$;
)";

/// {0}: agents of the large organization.
constexpr const char* kTwoDays = R"(
SELECT weir.ensure_partition('public.agent_metrics', at) FROM ends, unnest(ARRAY[yesterday, today]) AS at;
INSERT INTO agent_metrics (organization_id, agent_id, window_start, total_tasks, completed_tasks, failed_tasks, success_rate, error_rate,
                           throughput_per_minute, throughput_per_hour, avg_execution_time_ms, median_execution_time_ms,
                           execution_time_count, execution_time_sum, execution_time_sketch, memory_count, memory_sum, memory_peak,
                           memory_peak_samples, known_us, up_us, available_us, uptime_percent, availability_percent, touched, is_final,
                           is_complete)
SELECT o.id, ('00000000-0000-4000-9000-' || lpad(a::text, 12, '0'))::uuid, w, 11, 10, 1, 90.9, 9.1, 2.2, 132, s.sum / s.times / 1e9, 2000,
       s.times, s.sum, s.sketch, 10, 10 * 10^9, 10^9 * (n % 100), 1, 300000000, 300000000, 300000000 - n % 1000, 100, 99.9, true, true, true
  FROM ends
 CROSS JOIN LATERAL generate_series(yesterday, closed_until - interval '5 minutes', '5 minutes') WITH ORDINALITY AS period (w, n)
 CROSS JOIN (VALUES ('00000000-0000-4000-8000-000000000001'::uuid, {0}), ('00000000-0000-4000-8000-000000000002', ({0} + 9) / 10)) AS o (id, agents)
 CROSS JOIN LATERAL generate_series(1, o.agents) AS a
  JOIN samples s ON s.number = (a * 7 + n * 13) % 1000
 ORDER BY w, o.id, a;
INSERT INTO engagement_rollups (organization_id, action_type, window_start, events, unique_users, users_sketch, is_final)
SELECT '00000000-0000-4000-8000-000000000001', kind, w, 1, 1, decode('01' || lpad(to_hex(n % 4096), 4, '0') || '01', 'hex'), true
  FROM ends
 CROSS JOIN LATERAL generate_series(yesterday, closed_until - interval '5 minutes', '5 minutes') WITH ORDINALITY AS period (w, n)
 CROSS JOIN unnest('{{login,click,save}}'::text[]) AS kind;
INSERT INTO system_health (organization_id, window_start, overall_health_score, issues, is_final)
SELECT o.id, w, 90, '[{{"severity": "warning", "kind": "queue_length", "message": "long"}}]', true
  FROM organizations o, ends
 CROSS JOIN LATERAL generate_series(yesterday, closed_until - interval '5 minutes', '5 minutes') AS w;
ANALYZE agent_metrics, system_health, engagement_rollups;
)";

/// {0}: how many days before yesterday.
constexpr const char* kEarlierDay = R"(
SELECT weir.ensure_partition(target, yesterday - {0} * interval '1 day')
  FROM ends, unnest('{{agent_metrics,agent_metrics_1h,agent_metrics_1d}}'::regclass[]) AS target;
SELECT copy_yesterday((name || suffix)::regclass, {0})
  FROM unnest('{{agent_metrics,engagement_rollups,system_health}}'::text[]) AS name, unnest('{{"",_1h,_1d}}'::text[]) AS suffix;
)";

/// A window of one agent that lies in an hour which is over.
constexpr const char* kLate =
    "organization_id = '00000000-0000-4000-8000-000000000001' AND window_start = (SELECT today FROM ends) - interval '8 hours'";

rollups::DeriveScope scope_of(Connection& connection, std::string_view condition) {
  const auto rows = must(connection.script(fmt::format(
      "SELECT organization_id, window_start, (SELECT closed_until FROM weir.rollup_progress) FROM system_health WHERE {} ORDER BY 1, 2",
      condition)));
  rollups::DeriveScope scope;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    scope.windows.emplace_back(rows[i].get<OrganizationId>(0), rows[i].get<Instant>(1));
    scope.closed_until = rows[i].get<Instant>(2);
  }
  return scope;
}

double merge(Connection& connection, const rollups::DeriveScope& scope) {
  const Stopwatch watch;
  must(connection.within_transaction([&]() -> Result<void> {
    WEIR_TRY(rollups::write_hours(connection, scope, *scope.closed_until));
    return rollups::write_days(connection, scope, *scope.closed_until);
  }));
  return watch.seconds();
}

double count(Connection& connection) {
  return static_cast<double>(must(connection.script("SELECT count(*) FROM agent_metrics"))[0].get<std::int64_t>(0));
}

double late_correction(Connection& connection) {
  must(connection.script(fmt::format(R"(
UPDATE agent_metrics SET total_tasks = total_tasks + 1, version = version + 1
 WHERE {} AND agent_id = '00000000-0000-4000-9000-000000000001')",
                                     kLate)));
  return merge(connection, scope_of(connection, kLate));
}

}  // namespace

Filled fill(Connection& connection, const Month& month) {
  const Stopwatch watch;
  const auto tell = [&](const std::string& what) { std::fprintf(stderr, "bench: %s after %.0f s\n", what.c_str(), watch.seconds()); };
  must(connection.script(kOrganizations));
  must(connection.script(fmt::format(kTwoDays, month.agents)));
  Filled filled;
  filled.merged = count(connection);
  tell(fmt::format("{:.0f} windows of yesterday and today", filled.merged));
  filled.merge_seconds = merge(connection, scope_of(connection, "true"));
  tell("their hours and days");
  filled.late_seconds = late_correction(connection);
  for (std::int64_t day = 1; day < month.days; ++day) {
    must(connection.script(fmt::format(kEarlierDay, day)));
    if (day % 5 == 0) tell(fmt::format("{} days before them", day));
  }
  must(connection.script("VACUUM ANALYZE"));
  filled.windows = count(connection);
  tell(fmt::format("all {:.0f} windows", filled.windows));
  return filled;
}

}  // namespace weir::bench
