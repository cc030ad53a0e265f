-- What the tables of the next migrations stand on: partitions by day and month, the time of a status, the version of a row.

CREATE TABLE weir.partitioned_tables (
  table_schema name NOT NULL,
  table_name   name NOT NULL,
  step         text NOT NULL CHECK (step IN ('day', 'month')),
  storage      text NOT NULL DEFAULT '',
  PRIMARY KEY (table_schema, table_name)
);
COMMENT ON TABLE weir.partitioned_tables IS 'Tables that weir partitions by time, and how: what weir.ensure_partition may touch.';
COMMENT ON COLUMN weir.partitioned_tables.table_schema IS 'Schema of the table.';
COMMENT ON COLUMN weir.partitioned_tables.table_name IS 'Name of the partitioned table.';
COMMENT ON COLUMN weir.partitioned_tables.step IS 'One partition a day or a month, in UTC.';
COMMENT ON COLUMN weir.partitioned_tables.storage IS 'Storage parameters of each partition, as after WITH; empty: none.';

-- Rows of open windows are updated often, so their pages keep room for it (fillfactor).
INSERT INTO weir.partitioned_tables VALUES ('public', 'agent_metrics', 'day', '(fillfactor = 70)');

-- ATTACH takes SHARE UPDATE EXCLUSIVE on the parent, so readers and writers go on; CREATE … PARTITION OF would stop them.
-- Rows that came before their partition lie in the default one, where the table has it, and move. A partition has row security without a
-- policy: whoever may read the table reads it through the table only.
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
    RAISE EXCEPTION 'weir.ensure_partition: % is not a table that weir partitions by day or month', parent;
  END IF;
  start := date_trunc(plan.step, at);
  stop := start + ('1 ' || plan.step)::interval;
  child := plan.table_name || to_char(start, CASE plan.step WHEN 'day' THEN '"_"YYYYMMDD' ELSE '"_"YYYYMM' END);
  IF to_regclass(format('%I.%I', plan.table_schema, child)) IS NOT NULL THEN RETURN false; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('weir.ensure_partition.' || child, 0));
  -- Asked of the table itself: to_regclass may remember that the partition was missing before the lock was granted.
  IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = plan.table_schema AND c.relname = child) THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING ALL)', plan.table_schema, child, parent)
          || CASE plan.storage WHEN '' THEN '' ELSE ' WITH ' || plan.storage END;
  EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', plan.table_schema, child);
  SELECT format('%I.%I', n.nspname, c.relname) INTO spill FROM pg_partitioned_table t
    JOIN pg_class c ON c.oid = t.partdefid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.partrelid = parent;
  IF spill IS NOT NULL THEN
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', spill);
    EXECUTE format('WITH moved AS (DELETE FROM %1$s WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING *) INSERT INTO %5$I.%6$I SELECT * FROM moved',
                   spill, weir.partition_column(parent), start, stop, plan.table_schema, child);
  END IF;
  EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)', parent, plan.table_schema, child, start, stop);
  RETURN true;
END $$;

CREATE FUNCTION weir.partition_column(parent regclass) RETURNS name LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT a.attname FROM pg_partitioned_table t JOIN pg_attribute a ON a.attrelid = t.partrelid AND a.attnum = t.partattrs[0]
   WHERE t.partrelid = parent
$$;
COMMENT ON FUNCTION weir.partition_column(regclass) IS 'The column by which a table is partitioned.';
COMMENT ON FUNCTION weir.ensure_partition(regclass, timestamptz) IS 'Makes the partition of the UTC day or month that holds a time, where it is missing; true if it made one.';

CREATE FUNCTION weir.make_partitions_ahead(months integer DEFAULT 2) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  made integer := 0;
  plan weir.partitioned_tables;
BEGIN
  FOR plan IN SELECT p.* FROM weir.partitioned_tables p WHERE p.step = 'month' ORDER BY p.table_schema, p.table_name LOOP
    FOR ahead IN 0 .. months LOOP
      IF weir.ensure_partition(format('%I.%I', plan.table_schema, plan.table_name)::regclass, now() + ahead * interval '1 month') THEN
        made := made + 1;
      END IF;
    END LOOP;
  END LOOP;
  RETURN made;
END $$;
REVOKE ALL ON FUNCTION weir.partition_column(regclass), weir.make_partitions_ahead(integer) FROM PUBLIC;
COMMENT ON FUNCTION weir.make_partitions_ahead(integer) IS 'Makes this month''s partition and those of the next months of every table by month; gives how many it made. Rows without a partition wait in the default one.';

CREATE FUNCTION weir.set_status_changed_at() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  -- An application that states when the status changed keeps its time; without a change of status the time stays, whatever is stated.
  IF OLD.status IS DISTINCT FROM NEW.status THEN
    IF NEW.status_changed_at IS NOT DISTINCT FROM OLD.status_changed_at THEN
      NEW.status_changed_at := now();
    END IF;
  ELSE
    NEW.status_changed_at := OLD.status_changed_at;
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION weir.set_status_changed_at() IS 'Trigger: status_changed_at follows a change of status, and nothing else.';

CREATE FUNCTION weir.raise_version() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF NEW.version IS DISTINCT FROM OLD.version THEN
    RAISE EXCEPTION '%.% was changed meanwhile: it has version %, not %', TG_TABLE_SCHEMA, TG_TABLE_NAME, OLD.version, NEW.version
      USING ERRCODE = 'serialization_failure', HINT = 'read the row again, then change it';
  END IF;
  NEW.version := OLD.version + 1;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION weir.raise_version() IS 'Trigger: every update raises version by one, and is refused where it states the version of an older reading.';

-- A sealed value: 'w' 'e', format 1, algorithm, 16 bytes of key id, then nonce, ciphertext and tag, of which the shortest has 28 bytes.
CREATE FUNCTION weir.is_sealed(value bytea) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT octet_length(value) >= 48 AND substring(value FROM 1 FOR 3) = '\x776501'::bytea
$$;
COMMENT ON FUNCTION weir.is_sealed(bytea) IS 'Whether a value has the form of an encrypted one: plaintext in a column of encrypted values is refused by it.';
CREATE FUNCTION weir.is_sealed(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT jsonb_typeof(value) = 'object' AND value - 'sealed' = '{}'::jsonb AND jsonb_typeof(value -> 'sealed') = 'string'
     AND value ->> 'sealed' ~ '^d2UB[A-Za-z0-9+/]{60,}={0,2}$'
$$;
COMMENT ON FUNCTION weir.is_sealed(jsonb) IS 'The same of JSON: {"sealed": "…"} with the value in base64, which then begins with d2UB.';
GRANT EXECUTE ON FUNCTION weir.is_sealed(bytea), weir.is_sealed(jsonb) TO PUBLIC;

CREATE TRIGGER set_status_changed_at BEFORE UPDATE ON public.agent_instances
  FOR EACH ROW EXECUTE FUNCTION weir.set_status_changed_at();
