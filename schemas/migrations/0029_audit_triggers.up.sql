-- What is audited: every table that people or applications edit. The list of those that are not, with why, is data; a test compares both
-- with the catalogue. A table that is made later says SELECT weir.audit('public.new_table'), or stands in the list.

INSERT INTO weir.audit_exemptions VALUES
  ('public.agent_metrics', 'derived: weir rollups computes it from what is logged or published'),
  ('public.engagement_rollups', 'derived: weir rollups'),
  ('public.system_health', 'derived: weir rollups'),
  ('public.alerts', 'derived: weir rollups and weir files; their opening and closing is in the row'),
  ('public.metric_trends', 'derived: weir rollups'),
  ('public.assessment_scores', 'derived: weir scoring computes it from responses'),
  ('public.attachment_profiles', 'derived: weir scoring'),
  ('public.growth_scores', 'derived: weir scoring'),
  ('public.values_alignments', 'derived: weir scoring'),
  ('public.module_progress', 'derived: weir scoring computes it from completions'),
  ('public.learner_states', 'derived: weir scoring'),
  ('public.activity_ratings', 'derived: weir scoring'),
  ('public.achievements_unlocked', 'derived: weir scoring'),
  ('public.insights', 'derived: weir insights'),
  ('public.notifications', 'derived: weir notifications makes each from a rule and an event; the row is the ledger of its message'),
  ('public.notification_attempts', 'derived: weir notifications'),
  ('public.user_activity_log', 'a log itself, only appended to'),
  ('public.file_access_log', 'a log itself, only appended to'),
  ('public.audit_log', 'this log'),
  ('weir.audit_chain', 'the chain over this log'),
  ('weir.audit_horizon', 'how far the chain has come'),
  ('weir.audit_exemptions', 'changed by migrations, which are checksummed'),
  ('weir.partitioned_tables', 'changed by migrations, which are checksummed'),
  ('weir.schema_migrations', 'written by weir migrate, which keeps what was applied and when in it'),
  ('weir.outbox', 'events on their way: weir cdc publishes each and it is removed'),
  ('weir.consumer_offsets', 'positions: moved by consumers with each unit of work'),
  ('weir.outcome_counts', 'counts of consumers'),
  ('weir.dead_letters', 'written by consumers; how each ended is in the row'),
  ('weir.event_ids', 'identities seen by consumers, for 24 hours'),
  ('weir.agent_lifetimes', 'state of weir rollups'),
  ('weir.agent_status_history', 'state of weir rollups'),
  ('weir.user_first_seen', 'state of weir rollups'),
  ('weir.rollup_progress', 'state of weir rollups'),
  ('weir.window_changes', 'state of weir rollups'),
  ('weir.system_health_total', 'derived: weir rollups'),
  ('weir.notification_keys', 'state of weir notifications'),
  ('weir.rate_limit_buckets', 'state of weir notifications');

SELECT weir.audit(t) FROM unnest('{
  public.organizations, public.users, public.user_profiles, public.professionals, public.professional_clients, public.teacher_students,
  public.consents, public.sessions, public.api_keys,
  public.assessments, public.assessment_items, public.assessment_norms,
  public.learning_modules, public.module_prerequisites, public.learning_activities, public.achievements,
  public.agent_instances, public.agent_executions, public.agent_task_queue, public.agent_configurations,
  public.notification_templates, public.notification_rules, public.notification_preferences, public.notification_subscriptions,
  public.notification_destinations,
  public.file_versions, public.file_shares, public.storage_quotas,
  public.locations, public.clients, public.projects, public.project_members, public.assets,
  public.connectors, public.dashboard_templates, public.dashboards, public.widgets, public.workflows, public.workflow_executions,
  public.artifacts,
  weir.cdc_signals, weir.analysts, weir.offset_gaps}'::regclass[]) t;

-- Admins read the log, so it holds nothing that they may not read where it stands: what was said, how a person did, names of files whose
-- owner does not consent.
SELECT weir.audit('public.chat_sessions', '{messages,context}');
SELECT weir.audit('public.assessment_responses', '{rejection_reasons}');
SELECT weir.audit('public.activity_completions', '{succeeded,score,duration_ms}');
SELECT weir.audit('public.files', '{filename,original_filename,storage_path,results}');
SELECT weir.audit('weir.data_keys', '{wrapped_key}');
