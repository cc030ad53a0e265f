-- For analysts: any range of time of agents, merged from the coarsest levels that cover it, and series for charts. Functions and views have
-- the rights of whoever asks, so that row security holds.

-- Whose rows the views and rollup_range show: an analyst's or a user's own organization, and all of them to whom row security does not bind.
CREATE FUNCTION weir.organizations_of_asker() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT o.id
    FROM (SELECT coalesce(weir.analyst_organization(), public.get_user_organization()) AS id) o
   WHERE o.id IS NOT NULL
   UNION ALL
  SELECT o.id
    FROM public.organizations o
   WHERE EXISTS (SELECT FROM pg_catalog.pg_roles r
                  WHERE r.rolname = session_user AND (r.rolsuper OR r.rolbypassrls OR pg_catalog.pg_has_role(r.oid, 'weir_rollups', 'USAGE')))
     AND coalesce(weir.analyst_organization(), public.get_user_organization()) IS NULL
$$;
COMMENT ON FUNCTION weir.organizations_of_asker() IS 'The organization of the analyst or user who asks; every organization for weir rollups and for a login that row security does not bind.';
CREATE FUNCTION public.rollups_final_until() RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT max(p.closed_until) FROM weir.rollup_progress p
$$;
COMMENT ON FUNCTION public.rollups_final_until() IS 'Windows that end at or before this are final.';
GRANT SELECT ON public.organizations TO weir_reader;
ALTER FUNCTION weir.organizations_of_asker() OWNER TO weir_reader;
ALTER FUNCTION public.rollups_final_until() OWNER TO weir_reader;
REVOKE ALL ON FUNCTION weir.organizations_of_asker(), public.rollups_final_until() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION weir.organizations_of_asker(), public.rollups_final_until() TO authenticated, analyst, weir_rollups;

-- A day or an hour is read as such where its row is final, and else by finer rows: windows by name, since the planner may read all rows of a
-- range first. All agents of an organization get an hour's rows in one
-- transaction, so one final row stands for all. PL/pgSQL, so that each call is planned for its own range.
CREATE FUNCTION weir.rollup_range(organization uuid, range_from timestamptz, range_to timestamptz, quantiles numeric[] DEFAULT '{}')
RETURNS TABLE (
  organization_id uuid, agent_id uuid, total_tasks bigint, completed_tasks bigint, failed_tasks bigint, cancelled_tasks bigint,
  success_rate double precision, error_rate double precision, throughput_per_minute double precision, throughput_per_hour double precision,
  avg_execution_time_ms double precision, quantiles_ms double precision[], avg_memory_mb double precision, peak_memory_mb double precision,
  avg_cpu_percent double precision, peak_cpu_percent double precision, avg_quality_score double precision,
  avg_confidence_score double precision, avg_user_rating double precision, uptime_percent double precision,
  availability_percent double precision, peak_is_upper_bound boolean, is_final boolean, is_complete boolean, computed_at timestamptz)
LANGUAGE plpgsql STABLE SET search_path = '' SET timezone = 'UTC' SET work_mem = '64MB' AS $$
#variable_conflict use_column
DECLARE
  first   timestamptz;
  past    timestamptz;
  minutes double precision;
  days    timestamptz[];
  hours   timestamptz[];
  windows timestamptz[];
BEGIN
  IF range_from IS NULL OR range_to IS NULL OR NOT isfinite(range_from) OR NOT isfinite(range_to) THEN
    RAISE EXCEPTION 'a range has two ends that are times' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  first := date_bin('5 minutes', range_from + interval '5 minutes' - interval '1 microsecond', 'epoch');
  past := date_bin('5 minutes', range_to + interval '5 minutes' - interval '1 microsecond', 'epoch');
  minutes := extract(epoch FROM past - first) / 60;
  IF first >= past THEN RETURN; END IF;
  SELECT coalesce(array_agg(d ORDER BY d), '{}') INTO days
    FROM generate_series(date_trunc('day', first + interval '1 day' - interval '1 microsecond'), past - interval '1 day', '1 day') AS d
   WHERE EXISTS (SELECT FROM public.agent_metrics_1d m WHERE m.organization_id = organization AND m.window_start = d AND m.is_final);
  SELECT coalesce(array_agg(h ORDER BY h), '{}') INTO hours
    FROM generate_series(date_trunc('hour', first + interval '1 hour' - interval '1 microsecond'), past - interval '1 hour', '1 hour') AS h
   WHERE date_trunc('day', h) NOT IN (SELECT unnest(days))
     AND EXISTS (SELECT FROM public.agent_metrics_1h m WHERE m.organization_id = organization AND m.window_start = h AND m.is_final);
  SELECT coalesce(array_agg(w ORDER BY w), '{}') INTO windows
    FROM generate_series(date_trunc('hour', first), past - interval '1 microsecond', '1 hour') AS h
   CROSS JOIN LATERAL generate_series(greatest(h, first), least(h + interval '1 hour', past) - interval '5 minutes', '5 minutes') AS w
   WHERE date_trunc('day', h) NOT IN (SELECT unnest(days)) AND h NOT IN (SELECT unnest(hours));
  RETURN QUERY
  WITH parts AS (
         SELECT m.agent_id, m.window_start, m.total_tasks, m.completed_tasks, m.failed_tasks, m.cancelled_tasks, m.execution_time_count,
                m.execution_time_sum, m.memory_count, m.memory_sum, m.memory_peak, m.memory_peak_samples, m.cpu_count, m.cpu_sum, m.cpu_peak,
                m.cpu_peak_samples, m.quality_count, m.quality_sum, m.confidence_count, m.confidence_sum, m.rating_count, m.rating_sum,
                m.known_us, m.up_us, m.available_us, m.is_final, m.is_complete, m.updated_at,
                CASE WHEN cardinality(quantiles) > 0 THEN m.execution_time_sketch END AS sketch
           FROM public.agent_metrics_1d m
          WHERE m.organization_id = organization AND m.window_start = ANY (days)
          UNION ALL
         SELECT m.agent_id, m.window_start, m.total_tasks, m.completed_tasks, m.failed_tasks, m.cancelled_tasks, m.execution_time_count,
                m.execution_time_sum, m.memory_count, m.memory_sum, m.memory_peak, m.memory_peak_samples, m.cpu_count, m.cpu_sum, m.cpu_peak,
                m.cpu_peak_samples, m.quality_count, m.quality_sum, m.confidence_count, m.confidence_sum, m.rating_count, m.rating_sum,
                m.known_us, m.up_us, m.available_us, m.is_final, m.is_complete, m.updated_at,
                CASE WHEN cardinality(quantiles) > 0 THEN m.execution_time_sketch END
           FROM public.agent_metrics_1h m
          WHERE m.organization_id = organization AND m.window_start = ANY (hours)
          UNION ALL
         SELECT m.agent_id, m.window_start, m.total_tasks, m.completed_tasks, m.failed_tasks, m.cancelled_tasks, m.execution_time_count,
                m.execution_time_sum, m.memory_count, m.memory_sum, m.memory_peak, m.memory_peak_samples, m.cpu_count, m.cpu_sum, m.cpu_peak,
                m.cpu_peak_samples, m.quality_count, m.quality_sum, m.confidence_count, m.confidence_sum, m.rating_count, m.rating_sum,
                m.known_us, m.up_us, m.available_us, m.is_final, m.is_complete, m.updated_at,
                CASE WHEN cardinality(quantiles) > 0 THEN m.execution_time_sketch END
           FROM public.agent_metrics m
          WHERE m.organization_id = organization AND m.window_start = ANY (windows)
            AND m.window_start >= windows[1] AND m.window_start <= windows[cardinality(windows)]
       ),
       sums AS (
         SELECT p.agent_id, sum(p.total_tasks)::bigint AS total, sum(p.completed_tasks)::bigint AS completed,
                sum(p.failed_tasks)::bigint AS failed, sum(p.cancelled_tasks)::bigint AS cancelled,
                sum(p.execution_time_count) AS time_count, sum(p.execution_time_sum) AS time_sum,
                sum(p.memory_count) AS memory_count, sum(p.memory_sum) AS memory_sum,
                max(ARRAY[p.memory_peak, sign(p.memory_peak_samples)::bigint]) FILTER (WHERE p.memory_peak IS NOT NULL) AS memory_peak,
                sum(p.cpu_count) AS cpu_count, sum(p.cpu_sum) AS cpu_sum,
                max(ARRAY[p.cpu_peak, sign(p.cpu_peak_samples)::bigint]) FILTER (WHERE p.cpu_peak IS NOT NULL) AS cpu_peak,
                sum(p.quality_count) AS quality_count, sum(p.quality_sum) AS quality_sum, sum(p.confidence_count) AS confidence_count,
                sum(p.confidence_sum) AS confidence_sum, sum(p.rating_count) AS rating_count, sum(p.rating_sum) AS rating_sum,
                sum(p.known_us) AS known_us, sum(p.up_us) AS up_us, sum(p.available_us) AS available_us,
                bool_and(p.is_final) AS is_final, bool_and(p.is_complete) AS is_complete, max(p.updated_at) AS computed_at,
                public.sketch_merge(p.sketch) AS sketch
           FROM parts p
          GROUP BY p.agent_id
       )
  SELECT organization, s.agent_id, s.total, s.completed, s.failed, s.cancelled,
         CASE WHEN s.completed BETWEEN 0 AND s.total AND s.total > 0 THEN 100.0::double precision * s.completed / s.total END,
         CASE WHEN s.failed BETWEEN 0 AND s.total AND s.total > 0 THEN 100.0::double precision * s.failed / s.total END,
         s.total / minutes, 60 * s.total / minutes,
         CASE WHEN s.time_count > 0 THEN (s.time_sum / s.time_count / 1e9)::double precision END,
         CASE WHEN cardinality(quantiles) > 0 THEN public.sketch_quantiles(s.sketch, quantiles) END,
         CASE WHEN s.memory_count > 0 THEN (s.memory_sum / s.memory_count / 1e9)::double precision END,
         CASE WHEN s.memory_count > 0 THEN s.memory_peak[1] / 1e9::double precision END,
         CASE WHEN s.cpu_count > 0 THEN (s.cpu_sum / s.cpu_count / 1e9)::double precision END,
         CASE WHEN s.cpu_count > 0 THEN s.cpu_peak[1] / 1e9::double precision END,
         CASE WHEN s.quality_count > 0 THEN (s.quality_sum / s.quality_count / 1e9)::double precision END,
         CASE WHEN s.confidence_count > 0 THEN (s.confidence_sum / s.confidence_count / 1e9)::double precision END,
         CASE WHEN s.rating_count > 0 THEN (s.rating_sum / s.rating_count / 1e9)::double precision END,
         (100 * s.up_us / nullif(s.known_us, 0))::double precision, (100 * s.available_us / nullif(s.known_us, 0))::double precision,
         coalesce((s.memory_count > 0 AND s.memory_peak[2] <= 0) OR (s.cpu_count > 0 AND s.cpu_peak[2] <= 0), false),
         s.is_final AND coalesce(past <= public.rollups_final_until(), false), s.is_complete, s.computed_at
    FROM sums s;
END $$;
COMMENT ON FUNCTION weir.rollup_range(uuid, timestamptz, timestamptz, numeric[]) IS 'What each agent of an organization did in the windows that begin in [from, to): merged from days, hours and windows. Quantiles of execution times where some are asked for, in their order.';

CREATE FUNCTION public.rollup_range(range_from timestamptz, range_to timestamptz, quantiles numeric[] DEFAULT '{}')
RETURNS TABLE (
  organization_id uuid, agent_id uuid, total_tasks bigint, completed_tasks bigint, failed_tasks bigint, cancelled_tasks bigint,
  success_rate double precision, error_rate double precision, throughput_per_minute double precision, throughput_per_hour double precision,
  avg_execution_time_ms double precision, quantiles_ms double precision[], avg_memory_mb double precision, peak_memory_mb double precision,
  avg_cpu_percent double precision, peak_cpu_percent double precision, avg_quality_score double precision,
  avg_confidence_score double precision, avg_user_rating double precision, uptime_percent double precision,
  availability_percent double precision, peak_is_upper_bound boolean, is_final boolean, is_complete boolean, computed_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT r.*
    FROM weir.organizations_of_asker() AS o (id)
   CROSS JOIN LATERAL weir.rollup_range(o.id, range_from, range_to, quantiles) AS r;
END;
COMMENT ON FUNCTION public.rollup_range(timestamptz, timestamptz, numeric[]) IS 'What each agent did in the windows that begin in [from, to): merged from days, hours and windows, the coarsest that cover the range. rollup_range(from, to, ''{0.5,0.95}'') also gives the median and the 95th percentile of execution times.';
REVOKE ALL ON FUNCTION weir.rollup_range(uuid, timestamptz, timestamptz, numeric[]), public.rollup_range(timestamptz, timestamptz, numeric[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION weir.rollup_range(uuid, timestamptz, timestamptz, numeric[]), public.rollup_range(timestamptz, timestamptz, numeric[])
  TO authenticated, analyst, weir_rollups;

-- Series for charts, one view for each subject and level. Closing writes a row for every agent, so agents' series have no gaps; the series of
-- organizations and of actions are filled with zeros, from the first row of the period that the view shows to the newest window that is final.
DO $$
DECLARE
  level   text;
  suffix  text;
  step    text;
  period  text;
  view    text;
  meaning text[];
BEGIN
  FOREACH level IN ARRAY '{5m,1h,1d}'::text[] LOOP
    suffix := CASE level WHEN '5m' THEN '' ELSE '_' || level END;
    step := CASE level WHEN '5m' THEN '5 minutes' WHEN '1h' THEN '1 hour' ELSE '1 day' END;
    period := CASE level WHEN '5m' THEN '2 days' WHEN '1h' THEN '60 days' ELSE '5 years' END;

    view := 'agent_series_' || level;
    EXECUTE format('CREATE VIEW public.%I WITH (security_invoker = true) AS
      SELECT m.window_start AS time, m.organization_id, m.agent_id, m.total_tasks, m.completed_tasks, m.failed_tasks, m.cancelled_tasks,
             m.success_rate, m.error_rate, m.throughput_per_minute, m.throughput_per_hour, m.avg_execution_time_ms, m.median_execution_time_ms,
             m.p95_execution_time_ms, m.p99_execution_time_ms, m.avg_memory_mb, m.peak_memory_mb, m.avg_cpu_percent, m.peak_cpu_percent,
             m.avg_quality_score, m.avg_confidence_score, m.avg_user_rating, m.uptime_percent, m.availability_percent, m.is_final,
             m.is_complete, m.corrected_at, m.updated_at AS computed_at
        FROM public.%I m', view, 'agent_metrics' || suffix);
    EXECUTE format('COMMENT ON VIEW public.%I IS %L', view, 'Each agent''s work, by ' || step || ', for charts: one row for each step of the agent''s life.');

    view := 'organization_series_' || level;
    EXECUTE format('CREATE VIEW public.%1$I WITH (security_invoker = true) AS
      WITH sums AS (
             SELECT m.organization_id, m.window_start, sum(m.total_tasks)::bigint AS total_tasks, sum(m.completed_tasks)::bigint AS completed_tasks,
                    sum(m.failed_tasks)::bigint AS failed_tasks, sum(m.cancelled_tasks)::bigint AS cancelled_tasks,
                    sum(m.execution_time_sum) / nullif(sum(m.execution_time_count), 0) / 1e9 AS avg_ms, count(*) AS agents,
                    bool_and(m.is_final) AS is_final, bool_and(m.is_complete) AS is_complete, max(m.updated_at) AS computed_at
               FROM public.%2$I m
              WHERE m.window_start >= date_bin(%3$L, now() - interval %4$L, ''epoch'')
              GROUP BY m.organization_id, m.window_start
           )
      SELECT g.time, b.organization_id, coalesce(s.agents, 0) AS agents, coalesce(s.total_tasks, 0) AS total_tasks,
             coalesce(s.completed_tasks, 0) AS completed_tasks, coalesce(s.failed_tasks, 0) AS failed_tasks,
             coalesce(s.cancelled_tasks, 0) AS cancelled_tasks,
             100.0::double precision * s.completed_tasks / nullif(s.total_tasks, 0) AS success_rate,
             s.avg_ms::double precision AS avg_execution_time_ms, coalesce(s.is_final, g.time + interval %3$L <= f.final_until, false) AS is_final,
             coalesce(s.is_complete, true) AS is_complete, s.computed_at
        FROM (SELECT organization_id, min(window_start) AS first, max(window_start) AS last FROM sums GROUP BY organization_id) b
       CROSS JOIN (SELECT public.rollups_final_until() AS final_until) f
       CROSS JOIN LATERAL generate_series(b.first, greatest(b.last, date_bin(%3$L, f.final_until - interval %3$L, ''epoch'')), interval %3$L) AS g (time)
        LEFT JOIN sums s ON s.organization_id = b.organization_id AND s.window_start = g.time', view, 'agent_metrics' || suffix, step, period);
    EXECUTE format('COMMENT ON VIEW public.%I IS %L', view, 'The work of all agents of the organization together, by ' || step || ', over the last ' || period || ', filled with zeros.');

    view := 'engagement_series_' || level;
    EXECUTE format('CREATE VIEW public.%1$I WITH (security_invoker = true) AS
      WITH counted AS (
             SELECT e.organization_id, e.action_type, e.window_start, e.events, e.unique_users, e.sessions, e.first_time_users, e.is_final,
                    e.is_complete, e.updated_at
               FROM public.%2$I e
              WHERE e.window_start >= date_bin(%3$L, now() - interval %4$L, ''epoch'')
           )
      SELECT g.time, b.organization_id, b.action_type, coalesce(c.events, 0) AS events, coalesce(c.unique_users, 0) AS unique_users,
             coalesce(c.sessions, 0) AS sessions, coalesce(c.first_time_users, 0) AS first_time_users,
             coalesce(c.is_final, g.time + interval %3$L <= f.final_until, false) AS is_final, coalesce(c.is_complete, true) AS is_complete,
             c.updated_at AS computed_at
        FROM (SELECT organization_id, action_type, min(window_start) AS first, max(window_start) AS last FROM counted
               GROUP BY organization_id, action_type) b
       CROSS JOIN (SELECT public.rollups_final_until() AS final_until) f
       CROSS JOIN LATERAL generate_series(b.first, greatest(b.last, date_bin(%3$L, f.final_until - interval %3$L, ''epoch'')), interval %3$L) AS g (time)
        LEFT JOIN counted c ON c.organization_id = b.organization_id AND c.action_type = b.action_type AND c.window_start = g.time',
      view, 'engagement_rollups' || suffix, step, period);
    EXECUTE format('COMMENT ON VIEW public.%I IS %L', view, 'What users did, by kind of action and ' || step || ', over the last ' || period || ', filled with zeros.');

    view := 'health_series_' || level;
    EXECUTE format('CREATE VIEW public.%I WITH (security_invoker = true) AS
      SELECT h.window_start AS time, h.organization_id, h.overall_health_score, h.status, h.system_success_rate, h.availability_percent,
             h.avg_execution_time_ms, h.active_agents, h.total_agents, h.queued_tasks, h.running_tasks, h.critical_issues, h.warnings, h.issues,
             h.no_data, h.is_final, h.corrected_at, h.updated_at AS computed_at
        FROM public.%I h', view, 'system_health' || suffix);
    EXECUTE format('COMMENT ON VIEW public.%I IS %L', view, 'Health of the organization''s agents, by ' || step || ', for charts.');

    FOREACH view IN ARRAY ARRAY['agent_series_' || level, 'organization_series_' || level, 'engagement_series_' || level, 'health_series_' || level] LOOP
      EXECUTE format('GRANT SELECT ON public.%I TO authenticated, analyst', view);
      FOR meaning IN
        SELECT ARRAY[v.attname, coalesce(CASE v.attname
                 WHEN 'time' THEN 'Start of the step.'
                 WHEN 'computed_at' THEN 'When the row last changed; null where the step was filled with zeros.'
                 WHEN 'agents' THEN 'Agents that have a row in the step.'
                 WHEN 'is_final' THEN 'False while later events may still count without being a correction.'
                 WHEN 'is_complete' THEN 'False where the step may lack events; see agent_metrics.is_complete.' END,
                 col_description(t.attrelid, t.attnum))]
          FROM pg_attribute v
          LEFT JOIN pg_attribute t ON t.attname = v.attname AND t.attnum > 0 AND t.attrelid = (CASE split_part(view, '_', 1)
                 WHEN 'engagement' THEN 'public.engagement_rollups' WHEN 'health' THEN 'public.system_health' ELSE 'public.agent_metrics' END)::regclass
         WHERE v.attrelid = format('public.%I', view)::regclass AND v.attnum > 0 LOOP
        EXECUTE format('COMMENT ON COLUMN public.%I.%I IS %L', view, meaning[1], meaning[2]);
      END LOOP;
    END LOOP;
  END LOOP;
END $$;
