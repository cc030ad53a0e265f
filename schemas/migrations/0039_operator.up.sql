-- The role that an operator's commands and seeds work as. Under FORCE ROW LEVEL SECURITY the owner of the tables would write nothing and
-- read 0 rows without an error, so each table that a command or a seed needs has a policy for this role. It bypasses nothing.

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'weir_operator') THEN
    RETURN;
  END IF;
  LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'weir_operator') THEN
    CREATE ROLE weir_operator LOGIN;
    COMMENT ON ROLE weir_operator IS 'Made by weir migrate.';
  END IF;
END $$;
GRANT USAGE ON SCHEMA public, weir TO weir_operator;

-- Seeds: what ships for every organization, and what an operator keeps for one.
CREATE POLICY operator_all ON public.assessments TO weir_operator USING (true) WITH CHECK (true);
CREATE POLICY operator_all ON public.assessment_items TO weir_operator USING (true) WITH CHECK (true);
CREATE POLICY operator_all ON public.assessment_norms TO weir_operator USING (true) WITH CHECK (true);
CREATE POLICY operator_all ON public.achievements TO weir_operator USING (true) WITH CHECK (true);
CREATE POLICY operator_all ON public.notification_templates TO weir_operator USING (true) WITH CHECK (true);
CREATE POLICY operator_all ON public.notification_rules TO weir_operator USING (true) WITH CHECK (true);
CREATE POLICY operator_all ON public.dashboard_templates TO weir_operator USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON public.assessments, public.assessment_items, public.assessment_norms, public.achievements,
  public.notification_templates, public.notification_rules, public.dashboard_templates TO weir_operator;

-- weir keys create, list and revoke; weir keys init.
CREATE POLICY operator_all ON public.api_keys TO weir_operator USING (true) WITH CHECK (true);
CREATE POLICY operator_read ON public.organizations FOR SELECT TO weir_operator USING (true);
GRANT SELECT, INSERT, UPDATE ON public.api_keys TO weir_operator;
GRANT SELECT ON public.organizations TO weir_operator;

-- weir keys encrypt asks whose a row is; rotate and reseal replace sealed values and read nothing else of the rows.
CREATE POLICY operator_all ON public.assessment_responses TO weir_operator USING (true) WITH CHECK (true);
CREATE POLICY operator_all ON public.connectors TO weir_operator USING (true) WITH CHECK (true);
CREATE POLICY operator_all ON public.notification_destinations TO weir_operator USING (true) WITH CHECK (true);
GRANT SELECT (id, organization_id, answers_encrypted), UPDATE (answers_encrypted) ON public.assessment_responses TO weir_operator;
GRANT SELECT (id, organization_id, user_id, credentials_encrypted), UPDATE (credentials_encrypted) ON public.connectors TO weir_operator;
GRANT SELECT (id, organization_id, user_id, channel, address_encrypted, address_hash, secret_encrypted),
  UPDATE (address_encrypted, address_hash, secret_encrypted) ON public.notification_destinations TO weir_operator;
GRANT SELECT, INSERT, UPDATE ON weir.data_keys TO weir_operator;

-- weir status, lag, check and offsets.
GRANT SELECT ON weir.schema_migrations, weir.outcome_counts, weir.dead_letters TO weir_operator;
GRANT SELECT, UPDATE ON weir.consumer_offsets, weir.offset_gaps TO weir_operator;

-- weir audit verify, retain and erase.
CREATE POLICY operator_read ON public.audit_log FOR SELECT TO weir_operator USING (true);
GRANT SELECT ON public.audit_log, weir.audit_chain, weir.audit_horizon, weir.audit_heads TO weir_operator;
GRANT EXECUTE ON FUNCTION weir.audit_retain(uuid, timestamptz, text), weir.audit_erase(uuid, bigint[], text) TO weir_operator;
