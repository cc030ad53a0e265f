-- Takes away what the roles hold here, and those roles that weir migrate made and no other database of the cluster knows.

DROP TABLE weir.analysts;
DO $$
DECLARE
  roles CONSTANT text[] := '{weir_files,weir_insights,weir_notifications,weir_scoring,weir_rollups,weir_gateway,weir_cdc,weir_consumer,weir_reader,analyst,authenticated,anon}';
  name  text;
BEGIN
  FOREACH name IN ARRAY roles LOOP
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA weir FROM %I', name);
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
