-- The same results in about two thirds of the time: hours and days are made by these functions, and ranges with quantiles.

-- Of pairs in any order the sketch: each bucket once, ascending, without zero counts. The pairs must lie in memory: of a stored value that
-- is compressed, each subscript would unpack the whole of it.
CREATE OR REPLACE FUNCTION public.sketch_of_pairs(pairs integer[]) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT coalesce((
    SELECT array_agg(flat.value)
      FROM (SELECT pairs[i] AS bucket, sum(pairs[i + 1])::integer AS samples
              FROM generate_series(1, cardinality(pairs), 2) AS i
             GROUP BY pairs[i]
            HAVING sum(pairs[i + 1]) <> 0
             ORDER BY pairs[i]) AS b
     CROSS JOIN LATERAL (VALUES (b.bucket), (b.samples)) AS flat (value)), '{}');
END;

-- The ⌈q·n⌉-th smallest sample. Quantiles are numeric, since 0.07 · 100 is more than 7 in double precision. A quantile that is not below
-- the one before it is looked for from where that one was found.
CREATE OR REPLACE FUNCTION public.sketch_quantiles(sketch integer[], quantiles numeric[]) RETURNS double precision[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = '' AS $$
DECLARE
  samples CONSTANT bigint := public.sketch_count(sketch);
  buckets CONSTANT integer := cardinality(sketch);
  answer  double precision[] := '{}';
  wanted  numeric;
  place   bigint;
  before  bigint := 0;
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
    IF at IS NULL OR place < before THEN
      seen := sketch[2];
      at := 1;
    END IF;
    WHILE seen < place AND at + 2 < buckets LOOP
      at := at + 2;
      seen := seen + sketch[at + 1];
    END LOOP;
    before := place;
    answer := answer || public.sketch_bucket_ms(sketch[at]);
  END LOOP;
  RETURN answer;
END $$;
