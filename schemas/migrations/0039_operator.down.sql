-- Takes back what 0039_operator.up.sql made.

DO $$
DECLARE
  policy record;
BEGIN
  FOR policy IN SELECT polrelid::regclass AS protected, polname FROM pg_policy WHERE polroles = ARRAY['weir_operator'::regrole::oid] LOOP
    EXECUTE format('DROP POLICY %I ON %s', policy.polname, policy.protected);
  END LOOP;
  REVOKE ALL ON ALL TABLES IN SCHEMA public, weir FROM weir_operator;
  REVOKE ALL ON ALL FUNCTIONS IN SCHEMA weir FROM weir_operator;
  REVOKE ALL ON SCHEMA public, weir FROM weir_operator;
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN RETURN; END IF;
  LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;
  IF (SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = 'weir_operator') IS DISTINCT FROM 'Made by weir migrate.' THEN
    RETURN;
  END IF;
  BEGIN
    DROP ROLE weir_operator;
  EXCEPTION WHEN dependent_objects_still_exist THEN NULL;
  END;
END $$;
