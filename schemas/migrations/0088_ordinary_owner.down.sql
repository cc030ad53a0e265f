-- Takes back what 0088_ordinary_owner.up.sql made. Without their policies weir_reader and weir_cdc need BYPASSRLS, which only a superuser gives.

CREATE OR REPLACE FUNCTION weir.publish(tables regclass[], publication name DEFAULT 'weir') RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  published regclass;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = publication) THEN
    EXECUTE format('CREATE PUBLICATION %I WITH (publish_via_partition_root = true)', publication);
  END IF;
  FOREACH published IN ARRAY tables LOOP
    EXECUTE format('GRANT SELECT ON %s TO weir_cdc', published);
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
  SELECT t.attnames INTO present FROM pg_publication_tables t
   WHERE t.pubname = publication AND format('%I.%I', t.schemaname, t.tablename)::regclass = published;
  IF present @> columns AND columns @> present THEN RETURN; END IF;
  IF present IS NOT NULL THEN
    EXECUTE format('ALTER PUBLICATION %I DROP TABLE %s', publication, published);
  END IF;
  EXECUTE format('ALTER PUBLICATION %I ADD TABLE %s (%s)', publication, published, list);
END $$;
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

DO $$
DECLARE
  policy record;
BEGIN
  FOR policy IN SELECT polrelid::regclass AS protected, polname FROM pg_policy
                 WHERE polroles IN (ARRAY['weir_reader'::regrole::oid], ARRAY['weir_cdc'::regrole::oid]) LOOP
    EXECUTE format('DROP POLICY %I ON %s', policy.polname, policy.protected);
  END LOOP;
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    ALTER ROLE weir_reader BYPASSRLS;
    ALTER ROLE weir_cdc BYPASSRLS;
  END IF;
END $$;
DROP FUNCTION weir.let_read(regclass, name);
