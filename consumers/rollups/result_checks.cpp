// agent_metrics from agent_executions, engagement_rollups from the actions that were accepted. Samples are whole numbers of 10⁻⁹ units, as
// the tables keep them; `::text::numeric` because a cast of a double keeps only 15 digits. An execution with a value out of its domain is a
// dead letter, so it is in no window.
#include "consumers/rollups/result_checks.hpp"

namespace weir::rollups {

namespace {

/// Answers organization, agent, window, column, expected, found: a row for each column that differs.
constexpr std::string_view kMetricDifferences = R"sql(
WITH samples AS (
  SELECT organization_id, agent_id, date_bin('5 minutes', coalesce(completed_at, updated_at), 'epoch') AS window_start, status,
         CASE WHEN status = 'cancelled' THEN NULL
              WHEN execution_time_ms IS NOT NULL THEN round(execution_time_ms::text::numeric * 1e9)
              ELSE extract(epoch FROM completed_at - started_at) * 1e12 END AS execution_time,
         round(memory_mb::text::numeric * 1e9) AS memory, round(cpu_percent::text::numeric * 1e9) AS cpu,
         round(quality_score::text::numeric * 1e9) AS quality, round(confidence_score::text::numeric * 1e9) AS confidence,
         user_rating::numeric * 1e9 AS rating
    FROM public.agent_executions
   WHERE status IN ('completed', 'failed', 'cancelled')
     AND coalesce(quality_score BETWEEN 0 AND 1, true) AND coalesce(confidence_score BETWEEN 0 AND 1, true)
     AND coalesce(user_rating BETWEEN 1 AND 5, true) AND coalesce(memory_mb >= 0, true) AND coalesce(cpu_percent >= 0, true)
     AND coalesce(execution_time_ms BETWEEN 0 AND 604800000, true)
     AND (status = 'cancelled' OR execution_time_ms IS NOT NULL
          OR coalesce(completed_at - started_at BETWEEN interval '0' AND interval '7 days', true))
), e AS (
  SELECT organization_id, agent_id, window_start, count(*) AS total,
         count(*) FILTER (WHERE status = 'completed') AS completed, count(*) FILTER (WHERE status = 'failed') AS failed,
         count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
         count(execution_time) AS execution_times, sum(execution_time) AS execution_time,
         count(memory) AS memories, sum(memory) AS memory, max(memory) AS highest_memory,
         count(cpu) AS cpus, sum(cpu) AS cpu, max(cpu) AS highest_cpu,
         count(quality) AS qualities, sum(quality) AS quality, count(confidence) AS confidences, sum(confidence) AS confidence,
         count(rating) AS ratings, sum(rating) AS rating,
         percentile_disc(0.5) WITHIN GROUP (ORDER BY execution_time) AS median,
         percentile_disc(0.95) WITHIN GROUP (ORDER BY execution_time) AS p95,
         percentile_disc(0.99) WITHIN GROUP (ORDER BY execution_time) AS p99
    FROM samples GROUP BY 1, 2, 3
)
SELECT organization_id, agent_id, window_start, name, expected, found
  FROM e FULL JOIN public.agent_metrics m USING (organization_id, agent_id, window_start)
 CROSS JOIN LATERAL (VALUES
   ('total_tasks', coalesce(total, 0)::numeric, coalesce(m.total_tasks, 0)::numeric, 0.0),
   ('completed_tasks', coalesce(completed, 0), coalesce(m.completed_tasks, 0), 0.0),
   ('failed_tasks', coalesce(failed, 0), coalesce(m.failed_tasks, 0), 0.0),
   ('cancelled_tasks', coalesce(cancelled, 0), coalesce(m.cancelled_tasks, 0), 0.0),
   ('execution_time_count', coalesce(execution_times, 0), coalesce(m.execution_time_count, 0), 0.0),
   ('execution_time_sum', coalesce(execution_time, 0), coalesce(m.execution_time_sum, 0), 0.0),
   ('memory_count', coalesce(memories, 0), coalesce(m.memory_count, 0), 0.0),
   ('memory_sum', coalesce(memory, 0), coalesce(m.memory_sum, 0), 0.0),
   ('cpu_count', coalesce(cpus, 0), coalesce(m.cpu_count, 0), 0.0),
   ('cpu_sum', coalesce(cpu, 0), coalesce(m.cpu_sum, 0), 0.0),
   ('quality_count', coalesce(qualities, 0), coalesce(m.quality_count, 0), 0.0),
   ('quality_sum', coalesce(quality, 0), coalesce(m.quality_sum, 0), 0.0),
   ('confidence_count', coalesce(confidences, 0), coalesce(m.confidence_count, 0), 0.0),
   ('confidence_sum', coalesce(confidence, 0), coalesce(m.confidence_sum, 0), 0.0),
   ('rating_count', coalesce(ratings, 0), coalesce(m.rating_count, 0), 0.0),
   ('rating_sum', coalesce(rating, 0), coalesce(m.rating_sum, 0), 0.0),
   ('success_rate', 100.0 * completed / nullif(total, 0), m.success_rate::text::numeric, 1e-9),
   ('error_rate', 100.0 * failed / nullif(total, 0), m.error_rate::text::numeric, 1e-9),
   ('throughput_per_minute', coalesce(total, 0) / 5.0, coalesce(m.throughput_per_minute, 0)::text::numeric, 1e-9),
   ('throughput_per_hour', coalesce(total, 0) * 12.0, coalesce(m.throughput_per_hour, 0)::text::numeric, 1e-9),
   ('avg_execution_time_ms', execution_time / nullif(execution_times, 0) / 1e9, m.avg_execution_time_ms::text::numeric, 1e-9),
   ('avg_memory_mb', memory / nullif(memories, 0) / 1e9, m.avg_memory_mb::text::numeric, 1e-9),
   ('avg_cpu_percent', cpu / nullif(cpus, 0) / 1e9, m.avg_cpu_percent::text::numeric, 1e-9),
   ('avg_quality_score', quality / nullif(qualities, 0) / 1e9, m.avg_quality_score::text::numeric, 1e-9),
   ('avg_confidence_score', confidence / nullif(confidences, 0) / 1e9, m.avg_confidence_score::text::numeric, 1e-9),
   ('avg_user_rating', rating / nullif(ratings, 0) / 1e9, m.avg_user_rating::text::numeric, 1e-9),
   -- The sketch answers within 1 % of the sample that percentile_disc names.
   ('median_execution_time_ms', median / 1e9, m.median_execution_time_ms::text::numeric, 0.01000001),
   ('p95_execution_time_ms', p95 / 1e9, m.p95_execution_time_ms::text::numeric, 0.01000001),
   ('p99_execution_time_ms', p99 / 1e9, m.p99_execution_time_ms::text::numeric, 0.01000001),
   -- A peak whose execution was corrected stays as a bound from above until it is recomputed.
   ('peak_memory_mb', highest_memory / 1e9,
    CASE WHEN m.peak_is_upper_bound AND m.peak_memory_mb::text::numeric >= coalesce(highest_memory, 0) / 1e9 THEN highest_memory / 1e9
         ELSE m.peak_memory_mb::text::numeric END, 1e-9),
   ('peak_cpu_percent', highest_cpu / 1e9,
    CASE WHEN m.peak_is_upper_bound AND m.peak_cpu_percent::text::numeric >= coalesce(highest_cpu, 0) / 1e9 THEN highest_cpu / 1e9
         ELSE m.peak_cpu_percent::text::numeric END, 1e-9)
 ) AS columns (name, expected, found, tolerance)
 WHERE (expected IS NULL) <> (found IS NULL) OR abs(expected - found) > tolerance * abs(expected)
 ORDER BY 1, 2, 3, 4)sql";

/// Answers the same of rows that claim to be complete though their windows begin before weir was there to see all that belongs in them.
constexpr std::string_view kWrongClaims = R"sql(
SELECT organization_id, agent_id, window_start, 'is_complete', false, is_complete
  FROM public.agent_metrics
 WHERE is_complete AND window_start < (SELECT min(applied_at) FROM weir.schema_migrations)
 ORDER BY organization_id, agent_id, window_start)sql";

/// Metrics may change after the last record, where windows close.
constexpr std::string_view kWaits = R"sql(
SELECT 'windows are still to be derived'
  FROM weir.window_changes
 WHERE organization_id IN (SELECT id FROM public.organizations)
 LIMIT 1)sql";

/// Answers organization, nothing, window, column, expected, found: the health of organizations from agent_metrics, and the score from its
/// five components by the weights that weir comes with. Left out are organizations that wait to be derived, that set their own weights, and
/// that have no health at all, because they are no rows of organizations.
constexpr std::string_view kHealthDifferences = R"sql(
WITH m AS (
  SELECT organization_id, window_start, sum(total_tasks) AS total, sum(completed_tasks) AS completed, sum(failed_tasks) AS failed,
         sum(execution_time_sum) / nullif(sum(execution_time_count), 0) / 1e9 AS time_ms,
         avg(availability_percent::text::numeric) AS availability
    FROM public.agent_metrics GROUP BY 1, 2
), h AS (
  SELECT h.*, queued_tasks >= 0 AND 'queue' <> ALL (no_data) AS queue_is_known FROM public.system_health h
)
SELECT organization_id, '', window_start, name, expected, found
  FROM m FULL JOIN h USING (organization_id, window_start)
 CROSS JOIN LATERAL (VALUES
   ('total_tasks', coalesce(total, 0), coalesce(h.total_tasks, 0)::numeric, 0.0),
   ('completed_tasks', coalesce(completed, 0), coalesce(h.completed_tasks, 0), 0.0),
   ('failed_tasks', coalesce(failed, 0), coalesce(h.failed_tasks, 0), 0.0),
   ('system_success_rate', 100.0 * completed / nullif(total, 0), h.system_success_rate::text::numeric, 1e-9),
   ('avg_execution_time_ms', time_ms, h.avg_execution_time_ms::text::numeric, 1e-9),
   ('availability_percent', availability, h.availability_percent::text::numeric, 1e-9),
   ('overall_health_score',
    0.30 * coalesce(100.0 * completed / nullif(total, 0), 100) + 0.25 * coalesce(availability, 100)
      -- greatest() passes over a null: without a case, a window without execution times would count 0 instead of 100.
      + 0.20 * CASE WHEN time_ms IS NULL THEN 100 ELSE greatest(0, 100 - time_ms / 100) END
      + 0.15 * CASE WHEN queue_is_known THEN greatest(0, 100 - h.queued_tasks) ELSE 100 END
      + 0.10 * coalesce(100 - 100.0 * failed / nullif(total, 0), 100),
    h.overall_health_score::text::numeric, 1e-8),
   ('critical_issues', (SELECT count(*) FROM jsonb_array_elements(h.issues) i WHERE i->>'severity' = 'critical'), h.critical_issues, 0.0)
 ) AS columns (name, expected, found, tolerance)
 WHERE ((expected IS NULL) <> (found IS NULL) OR abs(expected - found) > tolerance * abs(expected))
   AND NOT EXISTS (SELECT FROM weir.window_changes c WHERE c.organization_id = coalesce(m.organization_id, h.organization_id))
   AND NOT EXISTS (SELECT FROM weir.health_settings s WHERE s.organization_id = h.organization_id)
   AND EXISTS (SELECT FROM public.system_health s WHERE s.organization_id = coalesce(m.organization_id, h.organization_id))
 ORDER BY 1, 3, 4)sql";

/// Answers the queues whose length is not the number of rows in the source, of what joined since weir counts.
constexpr std::string_view kQueueDifferences = R"sql(
WITH since AS (
  SELECT min(derives_from) AS at FROM weir.rollup_progress
), expected AS (
  SELECT organization_id, count(*) AS queued, 0 AS running
    FROM public.agent_task_queue, since WHERE status = 'queued' AND enqueued_at >= since.at GROUP BY 1
   UNION ALL
  SELECT organization_id, 0, count(*)
    FROM public.agent_executions, since WHERE status = 'running' AND started_at >= since.at GROUP BY 1
), found AS (
  SELECT organization_id, sum(queued) AS queued, sum(running) AS running
    FROM (SELECT organization_id, queued, running FROM weir.queue_deltas
           UNION ALL
          SELECT organization_id, queued, running FROM weir.window_changes WHERE queued IS NOT NULL) AS changes
   GROUP BY 1
)
SELECT organization_id, '', '', name, e, f
  FROM (SELECT organization_id, sum(queued) AS queued, sum(running) AS running FROM expected GROUP BY 1) x FULL JOIN found USING (organization_id)
 CROSS JOIN LATERAL (VALUES
   ('queued_tasks', coalesce(x.queued, 0), coalesce(found.queued, 0)),
   ('running_tasks', coalesce(x.running, 0), coalesce(found.running, 0))
 ) AS columns (name, e, f)
 WHERE e <> f
 ORDER BY 1, 4)sql";

/// Answers organization, action, window, column, expected, found. Distinct users and sessions are
/// estimates: within 5 % and two, since two that fall into one register of a small sketch are one already.
constexpr std::string_view kEngagementDifferences = R"sql(
WITH once AS (
  SELECT DISTINCT ON (organization_id, id) *, date_bin('5 minutes', occurred_at, 'epoch') AS window_start
    FROM accepted_actions ORDER BY organization_id, id
), first_seen AS (
  SELECT organization_id, action_type, user_id, date_bin('5 minutes', min(occurred_at), 'epoch') AS window_start
    FROM once GROUP BY 1, 2, 3
), newcomers AS (
  SELECT organization_id, action_type, window_start, count(*) AS users FROM first_seen GROUP BY 1, 2, 3
), e AS (
  SELECT organization_id, action_type, window_start, count(*) AS events, count(DISTINCT user_id) AS users,
         count(DISTINCT session) AS sessions, coalesce(max(newcomers.users), 0) AS newcomers
    FROM once LEFT JOIN newcomers USING (organization_id, action_type, window_start) GROUP BY 1, 2, 3
)
SELECT organization_id, action_type, window_start, name, expected, found
  FROM e FULL JOIN public.engagement_rollups r USING (organization_id, action_type, window_start)
 CROSS JOIN LATERAL (VALUES
   ('events', coalesce(e.events, 0)::numeric, coalesce(r.events, 0)::numeric, 0.0),
   ('first_time_users', coalesce(newcomers, 0), coalesce(r.first_time_users, 0), 0.0),
   ('unique_users', coalesce(users, 0), coalesce(r.unique_users, 0), 2 + 0.05 * coalesce(users, 0)),
   ('sessions', coalesce(e.sessions, 0), coalesce(r.sessions, 0), 2 + 0.05 * coalesce(e.sessions, 0))
 ) AS columns (name, expected, found, tolerance)
 WHERE abs(expected - found) > tolerance
 ORDER BY 1, 2, 3, 4)sql";

}  // namespace

process::ResultChecks result_checks() {
  return {.waits = {kWaits},
          .tables = {{"agent_metrics", kMetricDifferences, "total_tasks"},
                     {"agent_metrics", kWrongClaims, "total_tasks"},
                     {"system_health", kHealthDifferences, "total_tasks"},
                     {"system_health", kQueueDifferences, "total_tasks"},
                     {"engagement_rollups", kEngagementDifferences, "events"}}};
}

}  // namespace weir::rollups
