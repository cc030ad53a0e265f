-- Database roles: what each consumer, the gateway, change data capture and analysts are granted, and that each of their policies lets in and,
-- taken away, shuts out.
CREATE FUNCTION scene.grants(role name) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(privileges || ' ' || tables, E'\n' ORDER BY privileges) FROM (
    SELECT privileges, string_agg(name, ' ' ORDER BY name) AS tables FROM (
      SELECT CASE c.relnamespace WHEN 'weir'::regnamespace THEN 'weir.' ELSE '' END || c.relname AS name, string_agg(DISTINCT left(a.privilege_type, 1) || CASE WHEN a.part THEN '*' ELSE '' END, '') AS privileges
        FROM pg_class c, LATERAL (SELECT grantee, privilege_type, false AS part FROM aclexplode(c.relacl) UNION ALL
             SELECT x.grantee, x.privilege_type, true FROM pg_attribute t, aclexplode(t.attacl) x WHERE t.attrelid = c.oid) a
       WHERE c.relnamespace IN ('public'::regnamespace, 'weir'::regnamespace) AND a.grantee = role::regrole GROUP BY 1) per_table
    GROUP BY privileges) lines
$$;
CREATE VIEW scene.service_policies AS
  SELECT format('%I.%I', schemaname, tablename)::regclass AS table_name, policyname, role FROM pg_policies, unnest(roles) role
   WHERE schemaname = 'public' AND role NOT IN ('authenticated', 'analyst');
CREATE FUNCTION scene.without(statement text, tenant_table regclass, policy name, who text) RETURNS text LANGUAGE sql AS $$
  SELECT scene.attempt(who, statement, format('DROP POLICY %I ON %s', policy, tenant_table))
$$;
CREATE FUNCTION scene.total(tenant_table regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  n text;
BEGIN
  EXECUTE format('SELECT count(*) FROM %s', tenant_table) INTO n;
  RETURN n;
END $$;
UPDATE public.alerts SET kind = 'storage_quota';

SELECT plan((2 * (SELECT count(*) FROM scene.service_policies) + 13 + 3 + 6 + 25 + 2 + 1)::integer);
SELECT is(scene.attempt(role, format('SELECT count(*) FROM %s', table_name)), scene.total(table_name), format('%s reads every row of %s', role, table_name))
  FROM scene.service_policies ORDER BY table_name::text, role;
SELECT is(scene.without(format('SELECT count(*) FROM %s', table_name), table_name, policyname, role), '0', format('%s reads none of %s without %s', role, table_name, policyname))
  FROM scene.service_policies ORDER BY table_name::text, role;

-- S select, I insert, U update, D delete; * of some columns.
SELECT is(scene.grants(role), grants, role || ' has these grants and no others') FROM (VALUES
  ('anon', NULL),
  ('weir_gateway', 'S api_keys weir.schema_migrations'),
  ('weir_cdc', 'DS weir.cdc_signals weir.outbox
S weir.schema_migrations'),
  ('weir_consumer', 'DIS weir.position_marks
DISU weir.consumer_offsets weir.dead_letters weir.event_ids weir.offset_gaps weir.outcome_counts weir.refused_wakeups weir.source_key_forms
I weir.outbox
S weir.group_pauses weir.operator_actions weir.schema_migrations'),
  ('weir_rollups', 'DISU agent_metrics agent_metrics_1d agent_metrics_1h alerts engagement_rollups engagement_rollups_1d engagement_rollups_1h metric_trends queue_forecasts system_health system_health_1d system_health_1h weir.agent_lifetimes weir.agent_status_history weir.alert_progress weir.diverged_executions weir.queue_deltas weir.recomputations weir.recompute_sources weir.recompute_wishes weir.recompute_witnesses weir.rollup_progress weir.standing_deltas weir.superseding_changes weir.system_health_total weir.user_first_seen weir.window_changes
S agent_configurations agent_executions agent_instances agent_task_queue weir.health_settings weir.partitioned_tables'),
  ('weir_scoring', 'DISU achievements_unlocked activity_ratings assessment_scores attachment_profiles growth_scores learner_states module_progress values_alignments weir.achievement_holders weir.learning_marks weir.scoring_marks weir.scoring_progress weir.scoring_users weir.user_zones
S achievements activity_completions assessment_items assessment_norms assessments consents learning_activities learning_modules module_prerequisites project_members weir.data_keys
S* projects users
SU assessment_responses'),
  ('weir_notifications', 'DISU notification_attempts notifications weir.dead_mail_addresses weir.delivery_queue weir.notification_digests weir.notification_keys weir.rate_limit_buckets
ISU notification_preferences
S agent_instances consents notification_channels notification_rules notification_subscriptions notification_templates user_profiles weir.data_keys weir.rate_limits
S* achievements files users
SU notification_destinations'),
  ('weir_insights', 'DISU insights weir.insight_buckets weir.insight_calls weir.insight_drafts weir.insight_intents weir.insight_spending weir.weekly_activity
IS weir.group_releases
S achievements_unlocked activity_completions activity_ratings agent_metrics agent_metrics_1d agent_metrics_1h assessment_scores assessments attachment_profiles growth_scores learner_states learning_activities learning_modules module_prerequisites module_progress user_profiles weir.insight_budgets
S* users
SU weir.group_release_progress
SU* consents'),
  ('weir_files', 'DISU file_versions
DSU files
IS file_access_log
ISU alerts storage_quotas
S consents file_shares'),
  ('weir_sealer', 'IS weir.audit_chain
ISU weir.audit_heads
S audit_log weir.partitioned_tables weir.schema_migrations
SU weir.audit_horizon'),
  ('weir_audit_writer', 'DISU audit_log
DS weir.audit_chain
S* organizations
U weir.audit_log_id'),
  ('weir_operator', 'DIS weir.group_pauses
DISU achievements assessment_items assessment_norms assessments dashboard_templates notification_channels notification_rules notification_templates weir.delivery_queue weir.health_settings weir.insight_budgets weir.rate_limits
DS weir.recompute_sources
I weir.outbox
I*S*U* notification_destinations
IS weir.operator_actions weir.recompute_wishes
ISU api_keys weir.data_keys weir.outcome_counts
S agent_metrics agent_metrics_1d agent_metrics_1h alerts audit_log engagement_rollups engagement_rollups_1d engagement_rollups_1h notification_attempts organizations system_health weir.achievement_holders weir.agent_status_history weir.audit_chain weir.audit_heads weir.audit_horizon weir.event_ids weir.insight_intents weir.insight_spending weir.learning_marks weir.notification_digests weir.notification_keys weir.position_marks weir.rate_limit_buckets weir.refused_wakeups weir.schema_migrations weir.scoring_marks weir.scoring_progress weir.user_zones
S* achievements_unlocked activity_completions activity_ratings assessment_scores attachment_profiles consents growth_scores insights learner_states learning_activities learning_modules module_prerequisites module_progress project_members projects users values_alignments weir.diverged_executions weir.insight_calls weir.insight_drafts
S*U* assessment_responses connectors notifications
SU weir.consumer_offsets weir.offset_gaps weir.rollup_progress weir.source_key_forms
SU* weir.dead_letters'),
  ('analyst', 'S activity_difficulty agent_metrics agent_metrics_1d agent_metrics_1h agent_series_1d agent_series_1h agent_series_5m alerts engagement_rollups engagement_rollups_1d engagement_rollups_1h engagement_series_1d engagement_series_1h engagement_series_5m health_series_1d health_series_1h health_series_5m letters metric_trends module_funnel organization_series_1d organization_series_1h organization_series_5m outcome_totals queue_forecasts system_health system_health_1d system_health_1h users_masked window_differences')) g (role, grants);

-- What row security lets in, the grants of who only reads still refuse.
SELECT is(scene.attempt('weir_rollups', $$UPDATE public.agent_executions SET user_rating = 5$$), 'ERROR 42501', 'rollups does not write what applications write');
SELECT is(scene.attempt('weir_scoring', $$SELECT email FROM public.users$$), 'ERROR 42501', 'scoring does not read addresses');
SELECT is(scene.attempt('weir_rollups', $$WITH m AS (UPDATE public.agent_metrics SET total_tasks = 2 RETURNING 1) SELECT count(*) FROM m$$), '8', 'rollups writes its results');

-- Change data capture reads every row of what is published, by a policy that publishing makes.
SELECT is(scene.attempt('login weir_cdc', $$SELECT count(*) FROM public.agent_executions$$, $$SELECT weir.publish('{public.agent_executions}')$$),
  scene.total('public.agent_executions'), 'cdc reads every row of a published table');
SELECT is(scene.attempt('login weir_cdc', $$SELECT count(*) FROM public.agent_executions$$, $$SELECT weir.publish_columns('public.agent_executions', '{id, organization_id}')$$),
  scene.total('public.agent_executions'), 'and of one that is published without all of its columns');
SELECT is(scene.attempt('weir_cdc', $$SELECT count(*) FROM public.agent_executions$$, 'GRANT SELECT ON public.agent_executions TO weir_cdc'), '0',
  'a grant alone shows it nothing, which its start refuses');
SELECT is(scene.attempt('weir_cdc', $$SELECT count(*) FROM public.users$$), 'ERROR 42501', 'a table that is not granted for publication is not read');
SELECT is((SELECT setconfig::text FROM pg_db_role_setting WHERE setrole = 'weir_cdc'::regrole), NULL, 'its sessions begin with row_security on, beside which its policies count');
SELECT is(scene.attempt('login weir_gateway', $$SELECT count(*) FROM public.users$$), 'ERROR 42501', 'the gateway reads nothing of tenants by itself');

-- An analyst's organization comes with the login; claims change nothing.
SELECT is(scene.attempt('login scene_analyst_a', format('SELECT count(*) FROM public.%I', t)), n, 'an analyst reads ' || t || ' of the organization')
  FROM (VALUES ('agent_metrics', '4'), ('engagement_rollups', '1'), ('system_health', '1'), ('alerts', '1'), ('metric_trends', '1'), ('users_masked', '9'), ('agent_metrics_1h', '4'), ('agent_metrics_1d', '4'),
    ('engagement_rollups_1h', '1'), ('engagement_rollups_1d', '1'), ('system_health_1h', '1'), ('system_health_1d', '1'), ('queue_forecasts', '1'),
    ('agent_series_5m', '4'), ('organization_series_5m', '1'), ('engagement_series_5m', '1'), ('health_series_1d', '1')) x (t, n);
SELECT is(scene.attempt('login scene_analyst_a', $$SELECT count(*) || ' ' || count(DISTINCT organization_id) FROM public.rollup_range(now() - interval '1 day', now() + interval '1 day')$$), '4 1',
  'an analyst''s range holds the agents of the organization');
SELECT is(scene.attempt('login scene_analyst_nobody', $$SELECT count(*) FROM public.rollup_range(now() - interval '1 day', now() + interval '1 day')$$), '0', 'without an organization it holds none');
SELECT is(scene.attempt('login scene_analyst_a', $$SELECT count(*) FROM public.agent_metrics WHERE organization_id = scene.id('b', 0)$$,
  format('SELECT set_config(%L, %L, true); GRANT USAGE ON SCHEMA scene TO PUBLIC', 'request.jwt.claims', jsonb_build_object('organization_id', scene.id('b', 0), 'user_role', 'admin'))), '0', 'claims do not move an analyst');
SELECT is(scene.attempt('login scene_analyst_a', $$SELECT count(*) FROM public.engagement_rollups e WHERE NOT e.is_complete$$), '1', 'an analyst sees which of them are complete');
SELECT is(scene.attempt('login scene_analyst_nobody', $$SELECT count(*) FROM public.agent_metrics$$), '0', 'an analyst without an organization reads nothing');
SELECT is(scene.attempt('login scene_analyst_a', $$SELECT count(*) FROM public.users$$), 'ERROR 42501', 'nor persons');
SELECT is(scene.attempt('login scene_analyst_a', $$SELECT count(*) FROM public.users_masked m WHERE m::text ~ 'Name|@a\.example.*student|student.@'$$), '0', 'masked persons have no name and no address');
SELECT is(scene.attempt('login scene_analyst_a', $$SELECT count(*) FROM weir.analysts$$), 'ERROR 42501', 'nor the list of analysts');
SELECT is((SELECT count(*) FROM (SELECT tablename, policyname FROM pg_policies WHERE 'analyst' = ANY (roles)) p
  WHERE scene.without(format('SELECT count(*) FROM public.%I', tablename), format('public.%I', tablename)::regclass, policyname, 'login scene_analyst_a') <> '0'), 0::bigint,
  'each of the analyst''s policies is what lets it in');

-- Roles that are switched to lead nowhere else.
SELECT is(scene.attempt('login weir_gateway', $$SELECT set_config('role', 'authenticated', true)$$), 'authenticated', 'the gateway becomes authenticated');
SELECT is(scene.attempt('login weir_gateway', $$SELECT set_config('role', 'weir_rollups', true)$$), 'ERROR 42501', 'and nothing else');
SELECT * FROM finish();
