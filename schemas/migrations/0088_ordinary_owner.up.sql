-- An owner who is no superuser can install weir: nothing needs BYPASSRLS any more. What weir_reader and weir_cdc may read they read by policies
-- over all organizations. Roles that are there keep what they have.

CREATE FUNCTION weir.let_read(shown regclass, reader name) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT (SELECT relrowsecurity FROM pg_class WHERE oid = shown)
     OR EXISTS (SELECT FROM pg_policy WHERE polrelid = shown AND polname = reader || '_read') THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE POLICY %I ON %s FOR SELECT TO %I USING (true)', reader || '_read', shown, reader);
END $$;
COMMENT ON FUNCTION weir.let_read(regclass, name) IS 'Gives a role every row of a table under row security to read. Which columns it reads is for grants to say.';

DO $$
DECLARE
  reader name;
  shown  regclass;
BEGIN
  FOREACH reader IN ARRAY '{weir_reader,weir_cdc}'::name[] LOOP
    FOR shown IN
      SELECT DISTINCT c.oid::regclass
        FROM pg_class c
        LEFT JOIN pg_attribute t ON t.attrelid = c.oid AND t.attacl IS NOT NULL
       CROSS JOIN LATERAL (SELECT (aclexplode(c.relacl)).* UNION ALL SELECT (aclexplode(t.attacl)).*) a
       WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND a.grantee = reader::regrole AND a.privilege_type = 'SELECT' LOOP
      PERFORM weir.let_read(shown, reader);
    END LOOP;
  END LOOP;
END $$;

-- As 0033 and 0040 made them, and weir_cdc reads the rows of every organization.
CREATE OR REPLACE FUNCTION weir.publish(tables regclass[], publication name DEFAULT 'weir') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  published regclass;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = publication) THEN
    EXECUTE format('CREATE PUBLICATION %I WITH (publish_via_partition_root = true)', publication);
  END IF;
  FOREACH published IN ARRAY tables LOOP
    EXECUTE format('GRANT SELECT ON %s TO weir_cdc', published);
    PERFORM weir.let_read(published, 'weir_cdc');
    CONTINUE WHEN EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
                           WHERE p.pubname = publication AND r.prrelid = published);
    EXECUTE format('ALTER PUBLICATION %I ADD TABLE %s', publication, published);
  END LOOP;
END $$;
CREATE OR REPLACE FUNCTION weir.publish_columns(published regclass, columns name[], publication name DEFAULT 'weir') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  list    CONSTANT text := (SELECT string_agg(quote_ident(c), ', ') FROM unnest(columns) c);
  present name[];
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = publication) THEN
    EXECUTE format('CREATE PUBLICATION %I WITH (publish_via_partition_root = true)', publication);
  END IF;
  EXECUTE format('GRANT SELECT (%s) ON %s TO weir_cdc', list, published);
  PERFORM weir.let_read(published, 'weir_cdc');
  -- By their numbers: a cast of all published names to regclass may meet schemas that an ordinary owner may not use.
  SELECT (SELECT array_agg(t.attname)
            FROM pg_attribute t
           WHERE t.attrelid = published AND t.attnum > 0 AND NOT t.attisdropped
             AND (r.prattrs IS NULL OR t.attnum = ANY (r.prattrs::smallint[])))
    INTO present
    FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
   WHERE p.pubname = publication AND r.prrelid = published;
  IF present @> columns AND columns @> present THEN RETURN; END IF;
  IF present IS NOT NULL THEN
    EXECUTE format('ALTER PUBLICATION %I DROP TABLE %s', publication, published);
  END IF;
  EXECUTE format('ALTER PUBLICATION %I ADD TABLE %s (%s)', publication, published, list);
END $$;

-- As 0063 made it, but that rows move out of the default partition for every owner: under FORCE an owner who is no superuser would move none,
-- and the partition could never be attached.
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
  IF spill IS NOT NULL THEN
    EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', spill);
    EXECUTE format('WITH moved AS (DELETE FROM %1$s WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING *) INSERT INTO %5$I.%6$I SELECT * FROM moved',
                   spill, weir.partition_column(parent), start, stop, plan.table_schema, child);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', spill);
  END IF;
  EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', plan.table_schema, child);
  EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)', parent, plan.table_schema, child, start, stop);
  RETURN true;
END $$;

REVOKE ALL ON FUNCTION weir.let_read(regclass, name) FROM PUBLIC;
