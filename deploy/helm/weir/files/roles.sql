-- What the owner of the database does once, after `weir migrate up`: lets each process of weir log in as its own role, and publishes what
-- weir cdc streams (the tables of cdc.tables in weir.yaml). It may be run again.
--   psql --set password=… --file deploy/roles.sql 'host=db dbname=app user=OWNER'
\set ON_ERROR_STOP on
-- Before PostgreSQL 16 only a superuser changes a role that may replicate; its password stays as it is.
SELECT current_setting('server_version_num')::integer >= 160000 OR NOT rolreplication
       OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS may_change_cdc
  FROM pg_roles
 WHERE rolname = 'weir_cdc' \gset
\if :may_change_cdc
ALTER ROLE weir_cdc PASSWORD :'password';
\endif
-- An owner who is named weir would find weir's own schema before public, where tables of the application belong.
SELECT current_user = 'weir' AS is_named_weir \gset
\if :is_named_weir
ALTER ROLE weir IN DATABASE :"DBNAME" SET search_path = public;
\endif
ALTER ROLE weir_gateway PASSWORD :'password';
ALTER ROLE weir_rollups PASSWORD :'password';
ALTER ROLE weir_sealer PASSWORD :'password';
ALTER ROLE weir_operator PASSWORD :'password';
ALTER ROLE weir_scoring PASSWORD :'password';
ALTER ROLE weir_notifications PASSWORD :'password';
ALTER ROLE weir_insights PASSWORD :'password';
SELECT weir.publish('{
  public.organizations, public.users, public.agent_instances, public.agent_executions, public.agent_task_queue, weir.audit_heads, weir.outbox,
  public.assessment_responses, public.activity_completions, public.consents, public.projects, public.project_members,
  public.learning_modules, public.module_prerequisites, public.learning_activities, public.achievements, public.alerts}');
-- Who reads a topic reads all of it, so scores, titles, texts, names of files and addresses stay in the database.
SELECT weir.publish_columns('public.assessment_scores',
  '{organization_id, response_id, dimension, user_id, assessment_id, instrument_version, submitted_at, created_at, updated_at}');
SELECT weir.publish_columns('public.growth_scores',
  '{organization_id, response_id, dimension, user_id, previous_response_id, submitted_at, created_at, updated_at}');
SELECT weir.publish_columns('public.attachment_profiles', '{organization_id, response_id, user_id, created_at, updated_at}');
SELECT weir.publish_columns('public.achievements_unlocked', '{organization_id, user_id, achievement_id, unlocked_at, created_at, updated_at}');
SELECT weir.publish_columns('public.insights', '{id, organization_id, user_id, kind, audience, prompt_version, created_at, updated_at}');
SELECT weir.publish_columns('public.files',
  '{id, organization_id, uploaded_by, mime_type, file_size, status, status_changed_at, created_at, updated_at}');
SELECT weir.publish_columns('public.notification_destinations',
  '{id, organization_id, user_id, channel, verified_at, disabled_at, created_at, updated_at, version}');
