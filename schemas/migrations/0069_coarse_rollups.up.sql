-- Hours and days of agent_metrics, system_health and engagement_rollups, merged from finer rows, and the functions that merge sketches and
-- ask them. The functions are for analysts too: plain SQL and PL/pgSQL, no extension.

-- A sketch's buckets, as consumers/rollups/pure/sketch.hpp has them: γ = 101/99 in integers with 60 fractional bits, so that SQL gives the
-- same numbers as weir rollups, to the last bit.
DO $$
DECLARE
  milliseconds text;
BEGIN
  WITH RECURSIVE up (i, power) AS (
         SELECT 0, 1000000000 * 1152921504606846976::numeric
          UNION ALL
         SELECT i + 1, div(power * 101 + 49, 99) FROM up WHERE i < 1012
       ), down (i, power) AS (
         SELECT 0, 1000000000 * 1152921504606846976::numeric
          UNION ALL
         SELECT i - 1, div(power * 99 + 50, 101) FROM down WHERE i > -346
       ), powers AS (
         SELECT i, power FROM up
          UNION
         SELECT i, power FROM down
       )
  SELECT string_agg((((div(power, 100) * 99)::double precision / 1152921504606846976::double precision) / 1e9::double precision)::text, ',' ORDER BY i)
    INTO milliseconds
    FROM powers;
  EXECUTE format($function$
    CREATE FUNCTION public.sketch_bucket_ms(bucket integer) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    BEGIN ATOMIC
      SELECT CASE bucket WHEN -2147483648 THEN 0 ELSE (%L::double precision[])[bucket + 347] END;
    END $function$, '{' || milliseconds || '}');
END $$;
COMMENT ON FUNCTION public.sketch_bucket_ms(integer) IS 'The milliseconds that a bucket of execution_time_sketch stands for: 2γ^i/(γ+1), γ = 1.01/0.99; 0 for the bucket below 0.001 ms.';

-- Of pairs in any order the sketch: each bucket once, ascending, without zero counts. The pairs must lie in memory: of a stored value that
-- is compressed, each subscript would unpack the whole of it.
CREATE FUNCTION public.sketch_of_pairs(pairs integer[]) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT coalesce((
    SELECT array_agg(flat.value)
      FROM unnest((
             SELECT array_agg(ARRAY[b.bucket, b.samples] ORDER BY b.bucket)
               FROM (SELECT pairs[i] AS bucket, sum(pairs[i + 1])::integer AS samples
                       FROM generate_series(1, cardinality(pairs), 2) AS i
                      GROUP BY pairs[i]
                     HAVING sum(pairs[i + 1]) <> 0) b)) AS flat (value)), '{}');
END;
COMMENT ON FUNCTION public.sketch_of_pairs(integer[]) IS 'The sketch of (bucket, count) pairs in any order, in which buckets may come more than once.';

-- Pairs are gathered, and summed whenever there are many of them: a sum for each row would cost more than all the rest.
CREATE FUNCTION public.sketch_gather(pairs integer[], sketch integer[]) RETURNS integer[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = '' AS $$
BEGIN
  IF cardinality(pairs) > 8192 THEN
    RETURN public.sketch_of_pairs(pairs) || sketch;
  END IF;
  RETURN pairs || sketch;
END $$;
COMMENT ON FUNCTION public.sketch_gather(integer[], integer[]) IS 'A step of the aggregate sketch_merge.';
CREATE AGGREGATE public.sketch_merge(integer[]) (
  SFUNC = public.sketch_gather, STYPE = integer[], INITCOND = '{}', FINALFUNC = public.sketch_of_pairs,
  COMBINEFUNC = public.sketch_gather, PARALLEL = SAFE);
COMMENT ON AGGREGATE public.sketch_merge(integer[]) IS 'The sketch of all samples of several sketches: merging loses nothing.';

CREATE FUNCTION public.sketch_count(sketch integer[]) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = '' AS $$
DECLARE
  samples bigint := 0;
BEGIN
  FOR i IN 2 .. cardinality(sketch) BY 2 LOOP
    samples := samples + sketch[i];
  END LOOP;
  RETURN samples;
END $$;
COMMENT ON FUNCTION public.sketch_count(integer[]) IS 'How many samples a sketch holds.';

-- The ⌈q·n⌉-th smallest sample. Quantiles are numeric, since 0.07 · 100 is more than 7 in double precision.
CREATE FUNCTION public.sketch_quantiles(sketch integer[], quantiles numeric[]) RETURNS double precision[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = '' AS $$
DECLARE
  samples CONSTANT bigint := public.sketch_count(sketch);
  answer  double precision[] := '{}';
  wanted  numeric;
  place   bigint;
  seen    bigint;
  at      integer;
BEGIN
  FOREACH wanted IN ARRAY quantiles LOOP
    IF wanted IS NULL OR wanted < 0 OR wanted > 1 THEN
      RAISE EXCEPTION 'a quantile lies between 0 and 1, as 0.95 does' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF samples <= 0 THEN
      answer := answer || NULL::double precision;
      CONTINUE;
    END IF;
    place := greatest(1, ceil(wanted * samples));
    seen := sketch[2];
    at := 1;
    WHILE seen < place AND at + 2 < cardinality(sketch) LOOP
      at := at + 2;
      seen := seen + sketch[at + 1];
    END LOOP;
    answer := answer || public.sketch_bucket_ms(sketch[at]);
  END LOOP;
  RETURN answer;
END $$;
COMMENT ON FUNCTION public.sketch_quantiles(integer[], numeric[]) IS 'Quantiles of a sketch in milliseconds, each within 1 % of percentile_disc; null where there is no sample.';
CREATE FUNCTION public.sketch_quantile(sketch integer[], quantile numeric) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
  SELECT (public.sketch_quantiles(sketch, ARRAY[quantile]))[1];
END;
COMMENT ON FUNCTION public.sketch_quantile(integer[], numeric) IS 'One quantile of a sketch in milliseconds: sketch_quantile(sketch, 0.95).';

-- HyperLogLogs, as consumers/rollups/pure/hyperloglog.hpp has them.
CREATE FUNCTION public.hll_registers(sketch bytea) RETURNS TABLE (register integer, rank integer) LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = '' AS $$
DECLARE
  -- In memory, since each get_byte of a stored value would unpack the whole of it.
  bytes CONSTANT bytea := sketch || ''::bytea;
BEGIN
  IF get_byte(bytes, 0) = 2 THEN
    FOR i IN 0 .. 4095 LOOP
      register := i;
      rank := get_byte(bytes, i + 1);
      IF rank > 0 THEN RETURN NEXT; END IF;
    END LOOP;
  ELSE
    FOR i IN 1 .. length(bytes) - 1 BY 3 LOOP
      register := get_byte(bytes, i) * 256 + get_byte(bytes, i + 1);
      rank := get_byte(bytes, i + 2);
      RETURN NEXT;
    END LOOP;
  END IF;
END $$;
COMMENT ON FUNCTION public.hll_registers(bytea) IS 'The registers of a HyperLogLog that are not 0.';

CREATE FUNCTION public.hll_of(sketches bytea[]) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
  WITH ranks AS (
         SELECT r.register, max(r.rank) AS rank
           FROM unnest(sketches) AS s (sketch)
          CROSS JOIN LATERAL public.hll_registers(s.sketch) AS r
          GROUP BY r.register
       )
  SELECT CASE WHEN (SELECT count(*) FROM ranks) * 3 >= 4096
              THEN (SELECT decode('02' || string_agg(lpad(to_hex(coalesce(r.rank, 0)), 2, '0'), '' ORDER BY i), 'hex')
                      FROM generate_series(0, 4095) AS i
                      LEFT JOIN ranks r ON r.register = i)
              ELSE (SELECT decode('01' || coalesce(string_agg(lpad(to_hex(r.register), 4, '0') || lpad(to_hex(r.rank), 2, '0'), '' ORDER BY r.register), ''), 'hex')
                      FROM ranks r) END;
END;
COMMENT ON FUNCTION public.hll_of(bytea[]) IS 'The HyperLogLog of all that several have seen.';

CREATE FUNCTION public.hll_gather(sketches bytea[], sketch bytea) RETURNS bytea[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = '' AS $$
BEGIN
  IF cardinality(sketches) >= 64 THEN
    RETURN ARRAY[public.hll_of(sketches), sketch];
  END IF;
  RETURN sketches || sketch;
END $$;
COMMENT ON FUNCTION public.hll_gather(bytea[], bytea) IS 'A step of the aggregate hll_merge.';
CREATE AGGREGATE public.hll_merge(bytea) (
  SFUNC = public.hll_gather, STYPE = bytea[], INITCOND = '{}', FINALFUNC = public.hll_of, PARALLEL = SAFE);
COMMENT ON AGGREGATE public.hll_merge(bytea) IS 'The HyperLogLog of all that several have seen: who is in two of them counts once.';

-- The improved raw estimator of O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017).
CREATE FUNCTION public.hll_count(sketch bytea) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = '' AS $$
DECLARE
  m        CONSTANT double precision := 4096;
  of_rank  double precision[];
  zeros    double precision;
  estimate double precision;
  x        double precision;
  y        double precision := 1;
  z        double precision;
  before   double precision;
BEGIN
  SELECT array_agg((SELECT count(*) FROM public.hll_registers(sketch) h WHERE h.rank = i)::double precision ORDER BY i)
    INTO of_rank
    FROM generate_series(1, 53) AS i;
  zeros := m - (SELECT sum(n) FROM unnest(of_rank) AS n);
  IF zeros = m THEN RETURN 0; END IF;
  -- m · τ(1 − share of the highest rank)
  x := 1 - of_rank[53] / m;
  estimate := 0;
  IF x <> 1 AND x <> 0 THEN
    z := 1 - x;
    LOOP
      before := z;
      x := sqrt(x);
      y := y * 0.5;
      z := z - (1 - x) * (1 - x) * y;
      EXIT WHEN z = before;
    END LOOP;
    estimate := m * (z / 3);
  END IF;
  FOR rank IN REVERSE 52 .. 1 LOOP
    estimate := 0.5 * (estimate + of_rank[rank]);
  END LOOP;
  -- m · σ(share of the registers that are 0); its powers end at 0, before they are too small for a double.
  x := zeros / m;
  y := 1;
  z := x;
  LOOP
    before := z;
    x := CASE WHEN x < 1e-150 THEN 0 ELSE x * x END;
    z := z + x * y;
    y := y + y;
    EXIT WHEN z = before;
  END LOOP;
  estimate := estimate + m * z;
  RETURN floor(0.72134752044448170368::double precision * m * m / estimate + 0.5);
END $$;
COMMENT ON FUNCTION public.hll_count(bytea) IS 'How many distinct things a HyperLogLog has seen, with a standard error of 1.6 %.';

REVOKE ALL ON ROUTINE public.sketch_bucket_ms(integer), public.sketch_of_pairs(integer[]), public.sketch_gather(integer[], integer[]), public.sketch_merge(integer[]),
  public.sketch_count(integer[]), public.sketch_quantiles(integer[], numeric[]), public.sketch_quantile(integer[], numeric), public.hll_registers(bytea),
  public.hll_of(bytea[]), public.hll_gather(bytea[], bytea), public.hll_merge(bytea), public.hll_count(bytea) FROM PUBLIC;
GRANT EXECUTE ON ROUTINE public.sketch_bucket_ms(integer), public.sketch_of_pairs(integer[]), public.sketch_gather(integer[], integer[]), public.sketch_merge(integer[]),
  public.sketch_count(integer[]), public.sketch_quantiles(integer[], numeric[]), public.sketch_quantile(integer[], numeric), public.hll_registers(bytea),
  public.hll_of(bytea[]), public.hll_gather(bytea[], bytea), public.hll_merge(bytea), public.hll_count(bytea) TO authenticated, analyst, weir_rollups;

-- Hours by month and days by year, as each is dropped. Sketches lie apart from the rest of their rows, since most questions ask for none.
INSERT INTO weir.partitioned_tables VALUES
  ('public', 'agent_metrics_1h', 'month', '(fillfactor = 80, toast_tuple_target = 512)'),
  ('public', 'agent_metrics_1d', 'year', '(fillfactor = 80, toast_tuple_target = 512)');

-- Names of tables may hold digits.
ALTER TABLE weir.audit_exemptions
  DROP CONSTRAINT audit_exemptions_table_name_check,
  ADD CONSTRAINT audit_exemptions_table_name_check CHECK (table_name ~ '^(public|weir)\.[a-z0-9_]+$');

DO $$
DECLARE
  level  text;
  span   text;
  metric text;
  served text;
BEGIN
  FOREACH level IN ARRAY '{1h,1d}'::text[] LOOP
    span := CASE level WHEN '1h' THEN 'hour' ELSE 'day in UTC' END;
    metric := 'agent_metrics_' || level;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.agent_metrics INCLUDING DEFAULTS INCLUDING COMMENTS,
                    PRIMARY KEY (organization_id, agent_id, window_start)) PARTITION BY RANGE (window_start)', metric);
    EXECUTE format('CREATE INDEX %I ON public.%I (organization_id, window_start)', metric || '_by_time', metric);
    EXECUTE format('CREATE INDEX %I ON public.%I (window_start) WHERE NOT is_final', metric || '_provisional', metric);
    EXECUTE format('COMMENT ON TABLE public.%I IS %L', metric, 'What each agent did in each ' || span ||
                   ': the final rows of the next finer level, merged. Once these are dropped the row stays as it is.');
    FOREACH served IN ARRAY '{system_health,engagement_rollups}'::text[] LOOP
      EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING DEFAULTS INCLUDING COMMENTS INCLUDING CONSTRAINTS, PRIMARY KEY (%s))',
                     served || '_' || level, served,
                     CASE served WHEN 'system_health' THEN 'organization_id, window_start' ELSE 'organization_id, action_type, window_start' END);
      EXECUTE format('CREATE INDEX %I ON public.%I (window_start) WHERE NOT is_final', served || '_' || level || '_provisional', served || '_' || level);
    END LOOP;
    EXECUTE format('CREATE INDEX %I ON public.%I (organization_id, window_start)', 'engagement_rollups_' || level || '_by_time', 'engagement_rollups_' || level);
    EXECUTE format('COMMENT ON TABLE public.%I IS %L', 'system_health_' || level, 'Health of each organization''s agents in each ' || span ||
                   ', merged from the final rows of the next finer level.');
    EXECUTE format('COMMENT ON TABLE public.%I IS %L', 'engagement_rollups_' || level, 'What the users of each organization did in each ' || span ||
                   ', by kind of action, merged from the final rows of the next finer level.');
    FOREACH served IN ARRAY ARRAY[metric, 'system_health_' || level, 'engagement_rollups_' || level] LOOP
      EXECUTE format('COMMENT ON COLUMN public.%I.window_start IS %L', served, 'Start of the ' || span || '.');
      EXECUTE format('COMMENT ON COLUMN public.%I.is_final IS %L', served, 'True once every finer row of the ' || span || ' is final; later corrections raise revision.');
      EXECUTE format('COMMENT ON COLUMN public.%I.version IS %L', served, 'Stands for the finer rows that the row was merged from: another number after each change of them.');
    END LOOP;
    EXECUTE format('COMMENT ON COLUMN public.%I.overall_health_score IS %L', 'system_health_' || level, 'Mean of the finer rows'' scores.');
    EXECUTE format('COMMENT ON COLUMN public.%I.issues IS %L', 'system_health_' || level,
                   'Each kind of issue of each agent that a finer row has, as it was at its worst: severity, kind, agent_id, value, threshold, message.');
    EXECUTE format('COMMENT ON COLUMN public.%I.no_data IS %L', 'system_health_' || level, 'Components of the score without data in any of the finer rows.');
    EXECUTE format('COMMENT ON COLUMN public.%I.status IS %L', 'system_health_' || level, 'The worst of the finer rows.');
    INSERT INTO weir.audit_exemptions
      SELECT 'public.' || name || '_' || level, 'derived: weir rollups merges it from finer rows'
        FROM unnest('{agent_metrics,system_health,engagement_rollups}'::text[]) AS name;

    -- Row security as of the finest level, but that nobody but weir rollups writes.
    FOREACH served IN ARRAY ARRAY[metric, 'system_health_' || level, 'engagement_rollups_' || level] LOOP
      PERFORM weir.protect(format('public.%I', served)::regclass);
      EXECUTE format('CREATE POLICY service_all ON public.%I TO weir_rollups USING (true) WITH CHECK (true)', served);
      EXECUTE format('CREATE POLICY admin_read ON public.%I FOR SELECT TO authenticated USING ((SELECT public.is_admin()))', served);
      EXECUTE format('CREATE POLICY teacher_read ON public.%I FOR SELECT TO authenticated USING ((SELECT public.is_teacher()))', served);
      EXECUTE format('CREATE POLICY analyst_read ON public.%I FOR SELECT TO analyst USING (organization_id = (SELECT weir.analyst_organization()))', served);
      EXECUTE format('GRANT SELECT ON public.%I TO authenticated, analyst', served);
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.%I TO weir_rollups', served);
    END LOOP;
    EXECUTE format('CREATE POLICY insights_read ON public.%I FOR SELECT TO weir_insights USING (true)', metric);
    EXECUTE format('GRANT SELECT ON public.%I TO weir_insights', metric);
    EXECUTE format('CREATE POLICY student_read ON public.%I FOR SELECT TO authenticated
                    USING ((SELECT public.is_student()) AND agent_id = ANY ((SELECT weir.my_agents())::uuid[]))', metric);
    EXECUTE format('CREATE POLICY student_read ON public.%I FOR SELECT TO authenticated USING ((SELECT public.is_student()))', 'system_health_' || level);

    EXECUTE format($function$
      CREATE FUNCTION public.is_complete(engagement public.%I) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $body$
        SELECT coalesce(engagement.window_start >= (SELECT max(p.actions_known_from) FROM weir.rollup_progress p), false)
      $body$ $function$, 'engagement_rollups_' || level);
    EXECUTE format('COMMENT ON FUNCTION public.is_complete(public.%I) IS %L', 'engagement_rollups_' || level, 'Whether a row holds all of its actions.');
    EXECUTE format('ALTER FUNCTION public.is_complete(public.%I) OWNER TO weir_reader', 'engagement_rollups_' || level);
    EXECUTE format('REVOKE ALL ON FUNCTION public.is_complete(public.%I) FROM PUBLIC', 'engagement_rollups_' || level);
    EXECUTE format('GRANT EXECUTE ON FUNCTION public.is_complete(public.%I) TO authenticated, analyst, weir_rollups', 'engagement_rollups_' || level);
  END LOOP;
END $$;

SELECT weir.ensure_partition('public.agent_metrics_1h', now()), weir.ensure_partition('public.agent_metrics_1d', now());
