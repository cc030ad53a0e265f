-- Takes back what 0010_foundations.up.sql made; weir.ensure_partition is as 0004_rollups.up.sql left it.

DROP TRIGGER set_status_changed_at ON public.agent_instances;
DROP FUNCTION weir.is_sealed(jsonb);
DROP FUNCTION weir.is_sealed(bytea);
DROP FUNCTION weir.raise_version();
DROP FUNCTION weir.set_status_changed_at();
DROP FUNCTION weir.make_partitions_ahead(integer);
DROP FUNCTION weir.partition_column(regclass);

-- Rows of open windows are updated often, so their pages keep room for it (fillfactor).
-- ATTACH takes SHARE UPDATE EXCLUSIVE on the parent, so readers and writers go on; CREATE … PARTITION OF would stop them.
CREATE OR REPLACE FUNCTION weir.ensure_partition(parent regclass, at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  day        date := at::date;
  home       text;
  child      text;
BEGIN
  SELECT n.nspname, c.relname || to_char(day, '"_"YYYYMMDD') INTO home, child
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = parent AND c.relkind = 'p' AND (n.nspname, c.relname) IN (('public', 'agent_metrics'));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'weir.ensure_partition: % is not a table that weir partitions by day', parent;
  END IF;
  IF to_regclass(format('%I.%I', home, child)) IS NOT NULL THEN RETURN false; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('weir.ensure_partition.' || child, 0));
  -- Asked of the table itself: to_regclass may remember that the partition was missing before the lock was granted.
  IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = home AND c.relname = child) THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING ALL) WITH (fillfactor = 70)', home, child, parent);
  EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)', parent, home, child,
                 day::timestamptz, (day + 1)::timestamptz);
  RETURN true;
END $$;
COMMENT ON FUNCTION weir.ensure_partition(regclass, timestamptz) IS 'Makes the partition of the UTC day that holds a time, where it is missing; true if it made one.';
DROP TABLE weir.partitioned_tables;
