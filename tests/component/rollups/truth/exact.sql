-- What every row of agent_metrics must be, from the rows of agent_executions alone, by exact percentiles. It is written from the meaning of the
-- columns (docs/analyst.md), shares nothing with weir, and answers a row for each value that differs.
WITH ended AS (
  SELECT organization_id, agent_id, status, memory_mb, cpu_percent, quality_score, confidence_score, user_rating,
         to_timestamp(floor(extract(epoch FROM coalesce(completed_at, updated_at)) / 300) * 300) AS window_start,
         CASE WHEN status = 'cancelled' THEN NULL
              WHEN execution_time_ms IS NULL THEN extract(epoch FROM completed_at - started_at)::double precision * 1000
              ELSE execution_time_ms
         END AS execution_time_ms
    FROM agent_executions
   WHERE status IN ('completed', 'failed', 'cancelled')
), counted AS (
  SELECT *
    FROM ended
   WHERE (quality_score IS NULL OR quality_score BETWEEN 0 AND 1)
     AND (confidence_score IS NULL OR confidence_score BETWEEN 0 AND 1)
     AND (user_rating IS NULL OR user_rating BETWEEN 1 AND 5)
     AND (memory_mb IS NULL OR memory_mb >= 0)
     AND (cpu_percent IS NULL OR cpu_percent >= 0)
     AND (execution_time_ms IS NULL OR execution_time_ms BETWEEN 0 AND 7 * 86400000.0)
), expected AS (
  SELECT organization_id, agent_id, window_start,
         count(*) AS total,
         count(*) FILTER (WHERE status = 'completed') AS completed,
         count(*) FILTER (WHERE status = 'failed') AS failed,
         count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
         count(execution_time_ms) AS times,
         avg(execution_time_ms::numeric) AS mean_time,
         percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY execution_time_ms) AS quantiles,
         avg(memory_mb::numeric) AS mean_memory, max(memory_mb) AS peak_memory, count(memory_mb) AS memories,
         avg(cpu_percent::numeric) AS mean_cpu, max(cpu_percent) AS peak_cpu, count(cpu_percent) AS cpus,
         avg(quality_score::numeric) AS mean_quality, count(quality_score) AS qualities,
         avg(confidence_score::numeric) AS mean_confidence, count(confidence_score) AS confidences,
         avg(user_rating::numeric) AS mean_rating, count(user_rating) AS ratings
    FROM counted
   GROUP BY organization_id, agent_id, window_start
)
SELECT organization_id, agent_id, window_start, name, wanted, has
  FROM expected e
  FULL JOIN agent_metrics m USING (organization_id, agent_id, window_start)
 CROSS JOIN LATERAL (VALUES
   ('total_tasks', coalesce(e.total, 0)::numeric, m.total_tasks::numeric, 0::numeric),
   ('completed_tasks', coalesce(e.completed, 0), m.completed_tasks, 0),
   ('failed_tasks', coalesce(e.failed, 0), m.failed_tasks, 0),
   ('cancelled_tasks', coalesce(e.cancelled, 0), m.cancelled_tasks, 0),
   ('execution_time_count', coalesce(e.times, 0), m.execution_time_count, 0),
   ('memory_count', coalesce(e.memories, 0), m.memory_count, 0),
   ('cpu_count', coalesce(e.cpus, 0), m.cpu_count, 0),
   ('quality_count', coalesce(e.qualities, 0), m.quality_count, 0),
   ('confidence_count', coalesce(e.confidences, 0), m.confidence_count, 0),
   ('rating_count', coalesce(e.ratings, 0), m.rating_count, 0),
   ('success_rate', 100.0 * e.completed / e.total, m.success_rate::numeric, 1e-9),
   ('error_rate', 100.0 * e.failed / e.total, m.error_rate::numeric, 1e-9),
   ('throughput_per_minute', coalesce(e.total, 0) / 5.0, m.throughput_per_minute::numeric, 1e-9),
   ('throughput_per_hour', coalesce(e.total, 0) * 12.0, m.throughput_per_hour::numeric, 1e-9),
   ('avg_execution_time_ms', e.mean_time, m.avg_execution_time_ms::numeric, 1e-6),
   ('avg_memory_mb', e.mean_memory, m.avg_memory_mb::numeric, 1e-9),
   ('avg_cpu_percent', e.mean_cpu, m.avg_cpu_percent::numeric, 1e-9),
   ('avg_quality_score', e.mean_quality, m.avg_quality_score::numeric, 1e-9),
   ('avg_confidence_score', e.mean_confidence, m.avg_confidence_score::numeric, 1e-9),
   ('avg_user_rating', e.mean_rating, m.avg_user_rating::numeric, 1e-9),
   ('peak_memory_mb', e.peak_memory::numeric, CASE WHEN NOT m.peak_is_upper_bound THEN m.peak_memory_mb
                                                   WHEN m.peak_memory_mb >= e.peak_memory - 1e-9 THEN e.peak_memory END::numeric, 1e-9),
   ('peak_cpu_percent', e.peak_cpu::numeric, CASE WHEN NOT m.peak_is_upper_bound THEN m.peak_cpu_percent
                                                  WHEN m.peak_cpu_percent >= e.peak_cpu - 1e-9 THEN e.peak_cpu END::numeric, 1e-9),
   ('median_execution_time_ms', quantiles[1]::numeric, m.median_execution_time_ms::numeric, 0.01 * quantiles[1]::numeric + 1e-6),
   ('p95_execution_time_ms', quantiles[2]::numeric, m.p95_execution_time_ms::numeric, 0.01 * quantiles[2]::numeric + 1e-6),
   ('p99_execution_time_ms', quantiles[3]::numeric, m.p99_execution_time_ms::numeric, 0.01 * quantiles[3]::numeric + 1e-6)
 ) AS columns (name, wanted, has, tolerance)
 WHERE (wanted IS NULL) <> (has IS NULL) OR abs(wanted - has) > tolerance
 ORDER BY 1, 2, 3, 4
 LIMIT 20
