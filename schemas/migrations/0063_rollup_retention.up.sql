-- What retention of weir rollups needs: partitions by year, a function that drops the oldest partition of a table, and the instants up to
-- which windows are gone.

ALTER TABLE weir.partitioned_tables
  DROP CONSTRAINT partitioned_tables_step_check,
  ADD CONSTRAINT partitioned_tables_step_check CHECK (step IN ('day', 'month', 'year'));
COMMENT ON COLUMN weir.partitioned_tables.step IS 'One partition a day, a month or a year, in UTC.';
GRANT SELECT ON weir.partitioned_tables TO weir_rollups;

-- As 0028 made it, with partitions by year.
CREATE OR REPLACE FUNCTION weir.ensure_partition(parent regclass, at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  plan   weir.partitioned_tables;
  start  timestamptz;
  stop   timestamptz;
  child  text;
  spill  text;
BEGIN
  SELECT p.* INTO plan FROM weir.partitioned_tables p
    JOIN pg_class c ON c.relname = p.table_name JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = p.table_schema
   WHERE c.oid = parent AND c.relkind = 'p';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'weir.ensure_partition: % is not a table that weir partitions by day, month or year', parent;
  END IF;
  start := date_trunc(plan.step, at);
  stop := start + ('1 ' || plan.step)::interval;
  child := plan.table_name || to_char(start, CASE plan.step WHEN 'day' THEN '"_"YYYYMMDD' WHEN 'month' THEN '"_"YYYYMM' ELSE '"_"YYYY' END);
  IF to_regclass(format('%I.%I', plan.table_schema, child)) IS NOT NULL THEN RETURN false; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('weir.ensure_partition.' || child, 0));
  -- Asked of the table itself: to_regclass may remember that the partition was missing before the lock was granted.
  IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = plan.table_schema AND c.relname = child) THEN
    RETURN false;
  END IF;
  SELECT format('%I.%I', n.nspname, c.relname) INTO spill FROM pg_partitioned_table t
    JOIN pg_class c ON c.oid = t.partdefid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.partrelid = parent;
  -- A writer that has chosen the default partition for its row would be refused once another one takes rows of that time. Of a time to come
  -- there are no rows yet, and nobody is waited for.
  IF spill IS NOT NULL AND start <= now() THEN
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', parent);
  END IF;
  EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING ALL)', plan.table_schema, child, parent)
          || CASE plan.storage WHEN '' THEN '' ELSE ' WITH ' || plan.storage END;
  EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', plan.table_schema, child);
  IF spill IS NOT NULL THEN
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', spill);
    EXECUTE format('WITH moved AS (DELETE FROM %1$s WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING *) INSERT INTO %5$I.%6$I SELECT * FROM moved',
                   spill, weir.partition_column(parent), start, stop, plan.table_schema, child);
  END IF;
  EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)', parent, plan.table_schema, child, start, stop);
  RETURN true;
END $$;
COMMENT ON FUNCTION weir.ensure_partition(regclass, timestamptz) IS 'Makes the partition of the UTC day, month or year that holds a time, where it is missing; true if it made one.';

-- A partition is dropped whole, so that no row is deleted and nothing is published. weir_rollups may drop those of the tables from which it
-- may delete every row anyhow. To drop one takes the table's strongest lock: the function waits for it for a second at most, since whoever
-- reads the table meanwhile waits behind it, and its caller tries again later.
CREATE FUNCTION weir.drop_partition(parent regclass, before timestamptz) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
  child regclass;
  stop  timestamptz;
BEGIN
  PERFORM FROM weir.partitioned_tables p
    JOIN pg_class c ON c.relname = p.table_name JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = p.table_schema
   WHERE c.oid = parent AND c.relkind = 'p' AND has_table_privilege('weir_rollups', c.oid, 'DELETE');
  IF NOT FOUND THEN
    RAISE EXCEPTION 'weir.drop_partition: % is not a table of weir rollups', parent;
  END IF;
  SELECT c.oid::regclass, bound.stop INTO child, stop
    FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid
   CROSS JOIN LATERAL (SELECT (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)'))[1]::timestamptz AS stop) AS bound
   WHERE i.inhparent = parent AND bound.stop <= before
   ORDER BY bound.stop
   LIMIT 1;
  IF FOUND THEN
    EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', parent, child);
    EXECUTE format('DROP TABLE %s', child);
  END IF;
  RETURN stop;
END $$;
REVOKE ALL ON FUNCTION weir.drop_partition(regclass, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION weir.drop_partition(regclass, timestamptz) TO weir_rollups;
COMMENT ON FUNCTION weir.drop_partition(regclass, timestamptz) IS 'Drops the oldest partition of a table of weir rollups that ends at or before a time; gives the end of that partition, null where there is none.';

ALTER TABLE weir.rollup_progress
  ADD COLUMN frozen_until  timestamptz,
  ADD COLUMN dropped_until timestamptz;
COMMENT ON COLUMN weir.rollup_progress.frozen_until IS 'Windows before this are dropped, or about to be: no change touches them any more. Never falls. Null: none is.';
COMMENT ON COLUMN weir.rollup_progress.dropped_until IS 'Everything that retention removes of the time before this is gone. Below frozen_until: it is still at work.';

CREATE INDEX engagement_rollups_by_age ON public.engagement_rollups USING brin (window_start);
CREATE INDEX system_health_by_age ON public.system_health USING brin (window_start);
