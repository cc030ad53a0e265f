CREATE OR REPLACE FUNCTION public.sketch_of_pairs(pairs integer[]) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
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
CREATE OR REPLACE FUNCTION public.sketch_quantiles(sketch integer[], quantiles numeric[]) RETURNS double precision[]
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
