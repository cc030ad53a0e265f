-- Takes back what 0028_audit.up.sql made, with all that was logged.

DROP TABLE weir.audit_exemptions, weir.audit_horizon, weir.audit_chain, public.audit_log;
DELETE FROM weir.partitioned_tables WHERE (table_schema, table_name) = ('public', 'audit_log');
DROP SEQUENCE weir.audit_log_id;
DROP FUNCTION weir.audit_retain(uuid, timestamptz, text), weir.audit_erase(uuid, bigint[], text), weir.audit(regclass, text[]),
  weir.audit_truncate(), weir.audit_row(), weir.audit_append(uuid, text, text, text, text[], jsonb, jsonb), weir.inet_or_null(text),
  weir.json_or_null(text), weir.audit_guard();
DROP POLICY audit_read ON public.organizations;
DO $$
DECLARE
  roles CONSTANT text[] := '{weir_sealer,weir_audit_writer}';
  name  text;
BEGIN
  FOREACH name IN ARRAY roles LOOP
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA weir FROM %I', name);
    EXECUTE format('REVOKE ALL ON public.organizations FROM %I', name);
    EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA weir FROM %I', name);
    EXECUTE format('REVOKE ALL ON SCHEMA public, weir FROM %I', name);
  END LOOP;
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN RETURN; END IF;
  LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;
  FOREACH name IN ARRAY roles LOOP
    CONTINUE WHEN (SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = name) IS DISTINCT FROM 'Made by weir migrate.';
    BEGIN
      EXECUTE format('DROP ROLE %I', name);
    EXCEPTION WHEN dependent_objects_still_exist THEN NULL;
    END;
  END LOOP;
END $$;

-- As 0010_foundations.up.sql left it.
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
