// The same statements make hours of windows and days of hours; a Level says which tables they are about.
#include "consumers/rollups/coarse_store.hpp"

#include "common/postgres/columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace weir::rollups {

namespace {

using postgres::Params;
using postgres::Statements;

struct Level {
  std::string_view name;             // in the names of statements
  std::string_view suffix;           // of the tables
  std::string_view finer;            // suffix of the tables that are merged
  std::string_view length;           // as an interval
  std::string_view minutes;          // as a number
  std::string_view finer_partition;  // the form in which the time stands in the names of the finer partitions of agent_metrics
  Microseconds finer_span;
  Microseconds span;
};
constexpr Level kHours{"hours", "_1h", "", "1 hour", "60", "\"_\"YYYYMMDD", kWindowLength, std::chrono::hours{1}};
constexpr Level kDays{"days", "_1d", "_1h", "1 day", "1440", "\"_\"YYYYMM", std::chrono::hours{1}, std::chrono::days{1}};

Instant start_of(Instant at, Microseconds span) {
  const Microseconds since = at.time_since_epoch();
  return Instant{since - since % span};
}

/// An hour or a day of an organization.
using Stretch = std::pair<OrganizationId, Instant>;

constexpr std::string_view kEnsure = "SELECT weir.ensure_partition('public.agent_metrics{coarse}', at) FROM unnest($1) AS at ORDER BY at";

/// An hour of an organization is final once it is closed, all agents are settled up to its end, and no finer row is provisional.
/// $3: up to where windows are closed; $4, $5: a range that holds all stretches, so that no other partition is read.
///
/// Postgres knows nothing of a new partition, and takes it for nearly empty: whatever joins rows by agents compares all agents of an
/// organization with each other there. So each stretch is read once, by organization and time, and a row meets the finer rows that it
/// stands for in a window of the query and in no join. OFFSET 0 keeps the order in which tables are read as it is written.
constexpr std::string_view kScope = R"(
WITH scope AS MATERIALIZED (
       SELECT s.organization_id, s.start, s.start + interval '{length}' AS stop,
              s.start + interval '{length}' <= $3
              AND NOT EXISTS (
                SELECT FROM weir.agent_lifetimes l
                 WHERE l.organization_id = s.organization_id AND l.settled_until < s.start + interval '{length}'
                   AND (l.deleted_at IS NULL OR l.settled_until <= l.deleted_at))
              AND NOT EXISTS (
                SELECT FROM public.{table}{finer} f
                 WHERE f.organization_id = s.organization_id AND NOT f.is_final
                   AND f.window_start >= s.start AND f.window_start < s.start + interval '{length}'
                   AND f.window_start >= $4 AND f.window_start < $5) AS all_are_final
         FROM unnest($1, $2) AS s(organization_id, start)
     ),
     gathered AS (
       SELECT s.organization_id, s.start, s.stop, s.all_are_final, {keys}{values}
              hash_record_extended((f.window_start, f.version, f.updated_at), 0) AS finer, NULL::bigint AS known, NULL::boolean AS is_final
         FROM scope s
        CROSS JOIN LATERAL (SELECT *
                              FROM public.{table}{finer} r
                             WHERE r.organization_id = s.organization_id AND r.window_start >= s.start AND r.window_start < s.stop
                               AND r.is_final AND r.window_start >= $4 AND r.window_start < $5
                            OFFSET 0) AS f
        UNION ALL
       SELECT s.organization_id, s.start, s.stop, s.all_are_final, {keys}{values}NULL, f.version, f.is_final
         FROM scope s
        CROSS JOIN LATERAL (SELECT *
                              FROM public.{table}{coarse} r
                             WHERE r.organization_id = s.organization_id AND r.window_start = s.start
                               AND r.window_start >= $4 AND r.window_start < $5
                            OFFSET 0) AS f
     ),
     judged AS (
       SELECT f.*, {highest}bit_xor(f.finer) OVER of_row AS version,
              max(f.known) OVER of_row IS DISTINCT FROM bit_xor(f.finer) OVER of_row
              OR bool_or(f.is_final) OVER of_row <> f.all_are_final AS is_stale
         FROM gathered f
       WINDOW of_row AS (PARTITION BY {keys}f.organization_id, f.start)
     ))";

/// Of the merged peaks the highest counts, with the samples of all rows that have it.
constexpr std::string_view kMergeMetrics = R"(
INSERT INTO public.agent_metrics{coarse} AS c (
       organization_id, agent_id, window_start, total_tasks, completed_tasks, failed_tasks, cancelled_tasks, success_rate, error_rate,
       throughput_per_minute, throughput_per_hour, avg_execution_time_ms, median_execution_time_ms, p95_execution_time_ms,
       p99_execution_time_ms, avg_memory_mb, peak_memory_mb, avg_cpu_percent, peak_cpu_percent, avg_quality_score, avg_confidence_score,
       avg_user_rating, uptime_percent, availability_percent, execution_time_count, execution_time_sum, execution_time_sketch, memory_count,
       memory_sum, memory_peak, memory_peak_samples, cpu_count, cpu_sum, cpu_peak, cpu_peak_samples, quality_count, quality_sum,
       confidence_count, confidence_sum, rating_count, rating_sum, known_us, up_us, available_us, touched, peak_is_upper_bound, is_complete,
       is_final, version, updated_at)
SELECT m.organization_id, m.agent_id, m.start, m.total, m.completed, m.failed, m.cancelled,
       CASE WHEN m.completed BETWEEN 0 AND m.total AND m.total > 0 THEN 100.0::double precision * m.completed / m.total END,
       CASE WHEN m.failed BETWEEN 0 AND m.total AND m.total > 0 THEN 100.0::double precision * m.failed / m.total END,
       m.total / {minutes}::double precision, 60 * m.total / {minutes}::double precision,
       CASE WHEN m.time_count > 0 THEN m.time_sum / m.time_count / 1e9 END, q.ms[1], q.ms[2], q.ms[3],
       CASE WHEN m.memory_count > 0 THEN m.memory_sum / m.memory_count / 1e9 END,
       CASE WHEN m.memory_count > 0 THEN m.memory_peak / 1e9::double precision END,
       CASE WHEN m.cpu_count > 0 THEN m.cpu_sum / m.cpu_count / 1e9 END,
       CASE WHEN m.cpu_count > 0 THEN m.cpu_peak / 1e9::double precision END,
       CASE WHEN m.quality_count > 0 THEN m.quality_sum / m.quality_count / 1e9 END,
       CASE WHEN m.confidence_count > 0 THEN m.confidence_sum / m.confidence_count / 1e9 END,
       CASE WHEN m.rating_count > 0 THEN m.rating_sum / m.rating_count / 1e9 END,
       100.0::double precision * m.up_us / nullif(m.known_us, 0), 100.0::double precision * m.available_us / nullif(m.known_us, 0),
       m.time_count, m.time_sum, m.sketch, m.memory_count, m.memory_sum, m.memory_peak, m.memory_peak_samples, m.cpu_count, m.cpu_sum,
       m.cpu_peak, m.cpu_peak_samples, m.quality_count, m.quality_sum, m.confidence_count, m.confidence_sum, m.rating_count, m.rating_sum,
       m.known_us, m.up_us, m.available_us, m.touched,
       coalesce((m.memory_count > 0 AND m.memory_peak_samples <= 0 AND m.memory_peak IS NOT NULL)
                OR (m.cpu_count > 0 AND m.cpu_peak_samples <= 0 AND m.cpu_peak IS NOT NULL), false),
       m.is_complete, m.all_are_final, m.version, $6
  FROM (SELECT f.organization_id, f.agent_id, f.start, f.version, f.all_are_final, f.highest_memory AS memory_peak,
               f.highest_cpu AS cpu_peak,
               sum(f.total_tasks)::bigint AS total, sum(f.completed_tasks)::bigint AS completed, sum(f.failed_tasks)::bigint AS failed,
               sum(f.cancelled_tasks)::bigint AS cancelled, sum(f.execution_time_count)::bigint AS time_count,
               sum(f.execution_time_sum) AS time_sum, public.sketch_merge(f.execution_time_sketch) AS sketch,
               sum(f.memory_count)::bigint AS memory_count, sum(f.memory_sum) AS memory_sum,
               coalesce(sum(f.memory_peak_samples) FILTER (WHERE f.memory_peak = f.highest_memory), 0)::bigint AS memory_peak_samples,
               sum(f.cpu_count)::bigint AS cpu_count, sum(f.cpu_sum) AS cpu_sum,
               coalesce(sum(f.cpu_peak_samples) FILTER (WHERE f.cpu_peak = f.highest_cpu), 0)::bigint AS cpu_peak_samples,
               sum(f.quality_count)::bigint AS quality_count, sum(f.quality_sum) AS quality_sum,
               sum(f.confidence_count)::bigint AS confidence_count, sum(f.confidence_sum) AS confidence_sum,
               sum(f.rating_count)::bigint AS rating_count, sum(f.rating_sum) AS rating_sum, sum(f.known_us)::bigint AS known_us,
               sum(f.up_us)::bigint AS up_us, sum(f.available_us)::bigint AS available_us, bool_or(f.touched) AS touched,
               bool_and(f.is_complete) AS is_complete
          FROM judged f
         WHERE f.finer IS NOT NULL AND f.is_stale
         GROUP BY f.agent_id, f.organization_id, f.start, f.version, f.all_are_final, f.highest_memory, f.highest_cpu) AS m
 CROSS JOIN LATERAL (SELECT public.sketch_quantiles(m.sketch, '{{0.5,0.95,0.99}}') AS ms) AS q
 ORDER BY m.organization_id, m.agent_id, m.start
ON CONFLICT (organization_id, agent_id, window_start) DO UPDATE
   SET total_tasks = excluded.total_tasks, completed_tasks = excluded.completed_tasks, failed_tasks = excluded.failed_tasks,
       cancelled_tasks = excluded.cancelled_tasks, success_rate = excluded.success_rate, error_rate = excluded.error_rate,
       throughput_per_minute = excluded.throughput_per_minute, throughput_per_hour = excluded.throughput_per_hour,
       avg_execution_time_ms = excluded.avg_execution_time_ms, median_execution_time_ms = excluded.median_execution_time_ms,
       p95_execution_time_ms = excluded.p95_execution_time_ms, p99_execution_time_ms = excluded.p99_execution_time_ms,
       avg_memory_mb = excluded.avg_memory_mb, peak_memory_mb = excluded.peak_memory_mb, avg_cpu_percent = excluded.avg_cpu_percent,
       peak_cpu_percent = excluded.peak_cpu_percent, avg_quality_score = excluded.avg_quality_score,
       avg_confidence_score = excluded.avg_confidence_score, avg_user_rating = excluded.avg_user_rating,
       uptime_percent = excluded.uptime_percent, availability_percent = excluded.availability_percent,
       execution_time_count = excluded.execution_time_count, execution_time_sum = excluded.execution_time_sum,
       execution_time_sketch = excluded.execution_time_sketch, memory_count = excluded.memory_count, memory_sum = excluded.memory_sum,
       memory_peak = excluded.memory_peak, memory_peak_samples = excluded.memory_peak_samples, cpu_count = excluded.cpu_count,
       cpu_sum = excluded.cpu_sum, cpu_peak = excluded.cpu_peak, cpu_peak_samples = excluded.cpu_peak_samples,
       quality_count = excluded.quality_count, quality_sum = excluded.quality_sum, confidence_count = excluded.confidence_count,
       confidence_sum = excluded.confidence_sum, rating_count = excluded.rating_count, rating_sum = excluded.rating_sum,
       known_us = excluded.known_us, up_us = excluded.up_us, available_us = excluded.available_us, touched = excluded.touched,
       peak_is_upper_bound = excluded.peak_is_upper_bound, is_complete = excluded.is_complete, is_final = excluded.is_final,
       version = excluded.version, updated_at = excluded.updated_at, revision = c.revision + c.is_final::integer,
       corrected_at = CASE WHEN c.is_final THEN excluded.updated_at ELSE c.corrected_at END)";

/// An agent whose deletion is learnt late loses windows, and perhaps all of an hour. Where retention has dropped the windows, the hour
/// stays.
constexpr std::string_view kDropEmpty = R"(
WITH scope AS MATERIALIZED (
       SELECT s.organization_id, s.start
         FROM unnest($1, $2) AS s(organization_id, start)
        WHERE to_regclass('public.agent_metrics{finer}' || to_char(s.start AT TIME ZONE 'UTC', '{partition}')) IS NOT NULL
     ),
     present AS (
       SELECT s.organization_id, f.agent_id, s.start, f.is_finer
         FROM scope s
        CROSS JOIN LATERAL (SELECT r.agent_id, true AS is_finer
                              FROM public.agent_metrics{finer} r
                             WHERE r.organization_id = s.organization_id AND r.is_final AND r.window_start >= s.start
                               AND r.window_start < s.start + interval '{length}' AND r.window_start >= $3 AND r.window_start < $4
                             UNION ALL
                            SELECT r.agent_id, false
                              FROM public.agent_metrics{coarse} r
                             WHERE r.organization_id = s.organization_id AND r.window_start = s.start
                               AND r.window_start >= $3 AND r.window_start < $4
                            OFFSET 0) AS f
     ),
     empty AS MATERIALIZED (
       SELECT organization_id, agent_id, start FROM present GROUP BY organization_id, agent_id, start HAVING NOT bool_or(is_finer)
     )
DELETE FROM public.agent_metrics{coarse} c
 USING empty e
 WHERE c.organization_id = e.organization_id AND c.agent_id = e.agent_id AND c.window_start = e.start
   AND c.window_start >= $3 AND c.window_start < $4)";

constexpr std::string_view kMergeEngagement = R"(
INSERT INTO public.engagement_rollups{coarse} AS c (organization_id, action_type, window_start, events, unique_users, sessions,
                                                    first_time_users, users_sketch, sessions_sketch, is_final, version, updated_at)
SELECT m.organization_id, m.action_type, m.start, m.events, public.hll_count(m.users), public.hll_count(m.sessions), m.first_time_users,
       m.users, m.sessions, m.all_are_final, m.version, $6
  FROM (SELECT f.organization_id, f.action_type, f.start, f.version, f.all_are_final, sum(f.events)::bigint AS events,
               sum(f.first_time_users)::bigint AS first_time_users, public.hll_merge(f.users_sketch) AS users,
               public.hll_merge(f.sessions_sketch) AS sessions
          FROM judged f
         WHERE f.finer IS NOT NULL AND f.is_stale
         GROUP BY f.action_type, f.organization_id, f.start, f.version, f.all_are_final) AS m
 ORDER BY m.organization_id, m.action_type, m.start
ON CONFLICT (organization_id, action_type, window_start) DO UPDATE
   SET events = excluded.events, unique_users = excluded.unique_users, sessions = excluded.sessions,
       first_time_users = excluded.first_time_users, users_sketch = excluded.users_sketch, sessions_sketch = excluded.sessions_sketch,
       is_final = excluded.is_final, version = excluded.version, updated_at = excluded.updated_at,
       revision = c.revision + c.is_final::integer,
       corrected_at = CASE WHEN c.is_final THEN excluded.updated_at ELSE c.corrected_at END)";

/// Rates and means come from the sums of the finer rows, because a mean of means would weigh each window alike. What is counted at the end
/// of a window is taken from the last one.
constexpr std::string_view kMergeHealth = R"(
INSERT INTO public.system_health{coarse} AS c (
       organization_id, window_start, overall_health_score, system_success_rate, availability_percent, avg_execution_time_ms, active_agents,
       total_agents, queued_tasks, running_tasks, critical_issues, warnings, issues, no_data, status, total_tasks, completed_tasks, failed_tasks,
       execution_time_count, execution_time_sum, availability_count, availability_sum, is_final, version, updated_at)
SELECT s.organization_id, s.start, f.score, a.success_rate, a.availability, a.time_ms, l.active_agents, l.total_agents, l.queued_tasks,
       l.running_tasks, i.critical, i.warnings, i.issues, n.components, f.status, a.total, a.completed, a.failed, a.times, a.time_sum,
       a.known, a.availability_sum, s.all_are_final, s.version, $6
  FROM (SELECT DISTINCT f.organization_id, f.start, f.stop, f.version, f.all_are_final
          FROM judged f
         WHERE f.finer IS NOT NULL AND f.is_stale) AS s
 CROSS JOIN LATERAL (
   SELECT avg(h.overall_health_score ORDER BY h.window_start) AS score,
          CASE WHEN bool_or(h.status = 'critical') THEN 'critical' WHEN bool_or(h.status = 'warning') THEN 'warning' ELSE 'healthy' END AS status
     FROM public.system_health{finer} h
    WHERE h.organization_id = s.organization_id AND h.window_start >= s.start AND h.window_start < s.stop AND h.is_final) AS f
 CROSS JOIN LATERAL (
   SELECT 100.0::double precision * sum(h.completed_tasks) / nullif(sum(h.total_tasks), 0) AS success_rate,
          sum(h.availability_sum ORDER BY h.window_start) / nullif(sum(h.availability_count), 0)::double precision AS availability,
          (sum(h.execution_time_sum) / nullif(sum(h.execution_time_count), 0) / 1e9)::double precision AS time_ms,
          sum(h.total_tasks) AS total, sum(h.completed_tasks) AS completed, sum(h.failed_tasks) AS failed,
          sum(h.execution_time_count) AS times, sum(h.execution_time_sum) AS time_sum, sum(h.availability_count) AS known,
          sum(h.availability_sum ORDER BY h.window_start) AS availability_sum
     FROM public.system_health{finer} h
    WHERE h.organization_id = s.organization_id AND h.window_start >= s.start AND h.window_start < s.stop AND h.is_final) AS a
 CROSS JOIN LATERAL (
   SELECT h.active_agents, h.total_agents, h.queued_tasks, h.running_tasks
     FROM public.system_health{finer} h
    WHERE h.organization_id = s.organization_id AND h.window_start >= s.start AND h.window_start < s.stop AND h.is_final
    ORDER BY h.window_start DESC
    LIMIT 1) AS l
 CROSS JOIN LATERAL (
   SELECT count(*) FILTER (WHERE worst.issue ->> 'severity' = 'critical') AS critical,
          count(*) FILTER (WHERE worst.issue ->> 'severity' = 'warning') AS warnings,
          coalesce(jsonb_agg(worst.issue ORDER BY worst.issue ->> 'kind', worst.issue ->> 'agent_id'), '[]') AS issues
     FROM (SELECT DISTINCT ON (e.issue ->> 'kind', e.issue ->> 'agent_id') e.issue
             FROM public.system_health{finer} h
            CROSS JOIN LATERAL jsonb_array_elements(h.issues) AS e(issue)
            WHERE h.organization_id = s.organization_id AND h.window_start >= s.start AND h.window_start < s.stop AND h.is_final
            ORDER BY e.issue ->> 'kind', e.issue ->> 'agent_id', e.issue ->> 'severity', h.window_start) AS worst) AS i
 CROSS JOIN LATERAL (
   SELECT coalesce(array_agg(missing.component ORDER BY missing.component), '{{}}') AS components
     FROM (SELECT component
             FROM public.system_health{finer} h
            CROSS JOIN LATERAL unnest(h.no_data) AS component
            WHERE h.organization_id = s.organization_id AND h.window_start >= s.start AND h.window_start < s.stop AND h.is_final
            GROUP BY component
           HAVING count(*) = (SELECT count(*) FROM public.system_health{finer} o
                               WHERE o.organization_id = s.organization_id AND o.window_start >= s.start AND o.window_start < s.stop
                                 AND o.is_final)) AS missing) AS n
 ORDER BY s.organization_id, s.start
ON CONFLICT (organization_id, window_start) DO UPDATE
   SET overall_health_score = excluded.overall_health_score, system_success_rate = excluded.system_success_rate,
       availability_percent = excluded.availability_percent, avg_execution_time_ms = excluded.avg_execution_time_ms,
       active_agents = excluded.active_agents, total_agents = excluded.total_agents, queued_tasks = excluded.queued_tasks,
       running_tasks = excluded.running_tasks, critical_issues = excluded.critical_issues, warnings = excluded.warnings,
       issues = excluded.issues, no_data = excluded.no_data, status = excluded.status, total_tasks = excluded.total_tasks,
       completed_tasks = excluded.completed_tasks, failed_tasks = excluded.failed_tasks,
       execution_time_count = excluded.execution_time_count, execution_time_sum = excluded.execution_time_sum,
       availability_count = excluded.availability_count, availability_sum = excluded.availability_sum, is_final = excluded.is_final,
       version = excluded.version, updated_at = excluded.updated_at, revision = c.revision + c.is_final::integer,
       corrected_at = CASE WHEN c.is_final THEN excluded.updated_at ELSE c.corrected_at END)";

/// Nothing marks the hour of an organization whose last agent is gone, so its end is found by its rows. Where a finer row is provisional,
/// the hour waits for the mark that this row will leave.
constexpr std::string_view kMarkEnded = R"(
INSERT INTO weir.window_changes (organization_id, window_start)
SELECT DISTINCT c.organization_id, c.window_start
  FROM public.{table}{coarse} c
 WHERE NOT c.is_final AND c.window_start <= $1::timestamptz - interval '{length}'
   AND NOT EXISTS (SELECT FROM weir.agent_lifetimes l
                    WHERE l.organization_id = c.organization_id AND l.settled_until < c.window_start + interval '{length}'
                      AND (l.deleted_at IS NULL OR l.settled_until <= l.deleted_at))
   AND NOT EXISTS (SELECT FROM public.{table}{finer} f
                    WHERE f.organization_id = c.organization_id AND NOT f.is_final AND f.window_start >= c.window_start
                      AND f.window_start < c.window_start + interval '{length}'))";

/// One of the three kinds of tables at one level.
struct Merge {
  std::string_view name;
  std::string_view table;
  std::string_view keys;     // what tells rows apart beside organization and time
  std::string_view values;   // what is merged, under the names that both levels have
  std::string_view highest;  // the peaks of a row, which the merge has to know before it adds up the samples that have them
  std::string_view sql;
};
constexpr std::string_view kMetricsValues =
    "f.total_tasks, f.completed_tasks, f.failed_tasks, f.cancelled_tasks, f.execution_time_count, f.execution_time_sum, "
    "f.execution_time_sketch, f.memory_count, f.memory_sum, f.memory_peak, f.memory_peak_samples, f.cpu_count, f.cpu_sum, f.cpu_peak, "
    "f.cpu_peak_samples, f.quality_count, f.quality_sum, f.confidence_count, f.confidence_sum, f.rating_count, f.rating_sum, f.known_us, "
    "f.up_us, f.available_us, f.touched, f.is_complete, ";
constexpr std::string_view kMetricsPeaks =
    "max(f.memory_peak) FILTER (WHERE f.finer IS NOT NULL) OVER of_row AS highest_memory, "
    "max(f.cpu_peak) FILTER (WHERE f.finer IS NOT NULL) OVER of_row AS highest_cpu, ";
constexpr std::array<Merge, 3> kMerges{Merge{"metrics", "agent_metrics", "f.agent_id, ", kMetricsValues, kMetricsPeaks, kMergeMetrics},
                                       Merge{"engagement", "engagement_rollups", "f.action_type, ",
                                             "f.events, f.first_time_users, f.users_sketch, f.sessions_sketch, ", "", kMergeEngagement},
                                       Merge{"health", "system_health", "", "", "", kMergeHealth}};

/// A statement with its tables.
std::string filled(std::string_view sql, const Level& level, const Merge& merge = kMerges[0]) {
  return fmt::format(fmt::runtime(sql), fmt::arg("table", merge.table), fmt::arg("keys", merge.keys), fmt::arg("values", merge.values),
                     fmt::arg("highest", merge.highest), fmt::arg("coarse", level.suffix), fmt::arg("finer", level.finer),
                     fmt::arg("length", level.length), fmt::arg("minutes", level.minutes), fmt::arg("partition", level.finer_partition));
}

std::string named(std::string_view what, const Level& level) { return fmt::format("rollups_{}_{}", what, level.name); }

Result<void> merge_level(Statements& connection, const std::set<Stretch>& stretches, Instant closed_until, const Level& level,
                         Instant now) {
  const auto earlier = [](const Stretch& a, const Stretch& b) { return a.second < b.second; };
  const auto [first, last] = std::minmax_element(stretches.begin(), stretches.end(), earlier);
  const Instant from = first->second;
  const Instant to = last->second + level.span;
  std::set<Instant> starts;
  for (const Stretch& stretch : stretches) starts.insert(stretch.second);
  WEIR_TRY(connection.query(named("ensure", level), filled(kEnsure, level),
                            Params{}.add_array(std::vector<Instant>(starts.begin(), starts.end()))));
  const auto where = [&] { return postgres::columns_of(stretches, &Stretch::first, &Stretch::second); };
  for (const Merge& merge : kMerges) {
    const std::string sql = filled(kScope, level, merge) + filled(merge.sql, level, merge);
    WEIR_TRY(connection.execute(named(merge.name, level), sql, where().add(closed_until).add(from).add(to).add(now)));
  }
  WEIR_TRY(connection.execute(named("drop_empty", level), filled(kDropEmpty, level), where().add(from).add(to)));
  return {};
}

Result<void> write_level(Statements& connection, const DeriveScope& scope, const Level& level, Instant now) {
  if (!scope.closed_until) return {};
  std::set<Stretch> stretches;
  for (const auto& [organization, start] : scope.windows) {
    const Instant finer = start_of(start, level.finer_span);
    if (finer + level.finer_span > *scope.closed_until) continue;  // only what is final is merged
    stretches.emplace(organization, start_of(start, level.span));
  }
  if (!stretches.empty()) WEIR_TRY(merge_level(connection, stretches, *scope.closed_until, level, now));
  for (const Merge& merge : kMerges) {
    WEIR_TRY(connection.execute(named(fmt::format("{}_ended", merge.name), level), filled(kMarkEnded, level, merge),
                                Params{}.add(*scope.closed_until)));
  }
  return {};
}

}  // namespace

Result<void> write_hours(Statements& connection, const DeriveScope& scope, Instant now) {
  return write_level(connection, scope, kHours, now);
}

Result<void> write_days(Statements& connection, const DeriveScope& scope, Instant now) {
  return write_level(connection, scope, kDays, now);
}

}  // namespace weir::rollups
