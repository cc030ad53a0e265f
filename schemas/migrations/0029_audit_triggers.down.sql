-- Takes back what 0029_audit_triggers.up.sql made.

DO $$
DECLARE
  audited regclass;
BEGIN
  FOR audited IN SELECT tgrelid FROM pg_trigger WHERE tgfoid = 'weir.audit_row()'::regprocedure AND NOT tgisinternal LOOP
    EXECUTE format('DROP TRIGGER audit ON %s', audited);
    EXECUTE format('DROP TRIGGER audit_truncate ON %s', audited);
  END LOOP;
END $$;
DELETE FROM weir.audit_exemptions;
