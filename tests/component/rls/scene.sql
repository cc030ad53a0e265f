-- Two organizations, a and b, alike in everything: the same people with a row of each kind in every table of tenants. Whoever sees a row of
-- the other one sees too much. People: 1 admin, 2 teacher, 3 student (consents to everything, taught by 2, client of 5), 4 student
-- (consents to nothing, taught by 2, client of 5), 5 professional, 6 professional who is not verified (client 3), 7 student who is
-- taught by nobody and consents to everything, 8 teacher of nobody, 9 student like 3 in everything, but client of 5 alone.
CREATE SCHEMA scene;
CREATE FUNCTION scene.id(organization text, n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (organization || '0000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid
$$;
CREATE FUNCTION scene.encrypted() RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT '\x77650101'::bytea || decode(repeat('07', 44), 'hex') $$;

CREATE TABLE scene.orgs (o text PRIMARY KEY, org uuid NOT NULL);
INSERT INTO scene.orgs VALUES ('a', scene.id('a', 0)), ('b', scene.id('b', 0));
CREATE VIEW scene.students AS SELECT o, org, n, scene.id(o, n) AS id FROM scene.orgs, unnest('{3,4,7,9}'::integer[]) n;

INSERT INTO public.organizations (id, name) SELECT org, 'Organization ' || o FROM scene.orgs;
INSERT INTO public.users (id, organization_id, email, full_name, role)
  SELECT scene.id(o, n), org, role || n || '@' || o || '.example', 'Name ' || n, role
    FROM scene.orgs, (VALUES (1, 'admin'), (2, 'teacher'), (3, 'student'), (4, 'student'), (5, 'professional'), (6, 'professional'),
                             (7, 'student'), (8, 'teacher'), (9, 'student')) people (n, role);
INSERT INTO public.user_profiles (organization_id, user_id) SELECT organization_id, id FROM public.users;
INSERT INTO public.professionals (id, organization_id, user_id, licence_number, verified_at, background_checked_at)
  SELECT scene.id(o, 50 + n), org, scene.id(o, n), 'L' || n, CASE n WHEN 5 THEN now() END, CASE n WHEN 5 THEN now() END
    FROM scene.orgs, unnest('{5,6}'::integer[]) n;
INSERT INTO public.professional_clients (organization_id, professional_id, client_id)
  SELECT org, scene.id(o, 50 + p), scene.id(o, c) FROM scene.orgs, (VALUES (5, 3), (5, 4), (6, 3), (5, 9)) pairs (p, c);
INSERT INTO public.teacher_students (organization_id, teacher_id, student_id)
  SELECT org, scene.id(o, 2), scene.id(o, s) FROM scene.orgs, unnest('{3,4,9}'::integer[]) s;
INSERT INTO public.consents (organization_id, user_id, scope)
  SELECT org, scene.id(o, s), scope FROM scene.orgs, unnest('{3,7,9}'::integer[]) s,
         unnest('{assessments,insights,notifications,professional,values_alignment}'::text[]) scope;
INSERT INTO public.sessions (organization_id, user_id, token_hash, expires_at)
  SELECT org, id, sha256(convert_to(id::text, 'UTF8')), now() + interval '1 day' FROM scene.students;
INSERT INTO public.api_keys (id, organization_id, key_prefix, key_hash)
  SELECT scene.id(o, 90), org, 'weir_' || o, sha256(convert_to(o, 'UTF8')) FROM scene.orgs;
INSERT INTO public.user_activity_log (organization_id, user_id, action) SELECT org, id, 'login' FROM scene.students;

INSERT INTO public.assessments (id, organization_id, key, instrument_version, title)
  SELECT scene.id(o, 100), org, 'own', 1, 'A draft' FROM scene.orgs
  UNION ALL SELECT scene.id('c', 100), NULL, 'library', 1, 'Published';
INSERT INTO public.assessment_items (assessment_id, organization_id, code, text, dimension)
  SELECT id, organization_id, 'i1', 'Item', 'd' FROM public.assessments;
INSERT INTO public.assessment_norms (assessment_id, organization_id, dimension, mean, sd, n)
  SELECT id, organization_id, 'd', 50, 10, 100 FROM public.assessments;
UPDATE public.assessments SET status = 'published', published_at = now() WHERE key = 'library';
INSERT INTO public.assessment_responses (id, organization_id, user_id, assessment_id, status, answers_encrypted, submitted_at)
  SELECT scene.id(o, 110 + n), org, id, scene.id('c', 100), 'submitted', scene.encrypted(), now() FROM scene.students;
INSERT INTO public.assessment_responses (id, organization_id, user_id, assessment_id)
  SELECT scene.id(o, 130), org, scene.id(o, 3), scene.id('c', 100) FROM scene.orgs;
INSERT INTO public.assessment_scores (organization_id, response_id, dimension, user_id, assessment_id, instrument_version, raw_score, submitted_at)
  SELECT org, scene.id(o, 110 + n), 'd', id, scene.id('c', 100), 1, 50, now() FROM scene.students;
INSERT INTO public.attachment_profiles
  (organization_id, response_id, user_id, anxiety, avoidance, style, p_secure, p_anxious, p_avoidant, p_disorganized, submitted_at)
  SELECT org, scene.id(o, 110 + n), id, 20, 20, 'secure', 0.7, 0.1, 0.1, 0.1, now() FROM scene.students;
INSERT INTO public.growth_scores
  (organization_id, response_id, dimension, user_id, previous_response_id, difference, reliable_change_index, direction, submitted_at)
  SELECT org, scene.id(o, 110 + n), 'd', id, scene.id(o, 120 + n), 5, 2.5, 'improving', now() FROM scene.students;
INSERT INTO public.values_alignments (organization_id, user_id, other_user_id, assessment_id, profile_correlation, mean_absolute_difference)
  SELECT org, scene.id(o, x), scene.id(o, y), scene.id('c', 100), 0.5, 10 FROM scene.orgs, (VALUES (3, 7), (4, 7), (3, 9)) pairs (x, y);

INSERT INTO public.learning_modules (id, organization_id, key, title, is_published)
  SELECT scene.id(o, n), org, 'm' || n, 'Module', n <> 202 FROM scene.orgs, unnest('{200,201,202}'::integer[]) n;
INSERT INTO public.module_prerequisites (organization_id, module_id, prerequisite_id)
  SELECT org, scene.id(o, 201), scene.id(o, 200) FROM scene.orgs;
INSERT INTO public.learning_activities (id, organization_id, module_id, kind, title)
  SELECT scene.id(o, 210), org, scene.id(o, 200), 'lesson', 'Activity' FROM scene.orgs;
INSERT INTO public.activity_completions (organization_id, user_id, activity_id, succeeded)
  SELECT org, id, scene.id(o, 210), true FROM scene.students;
INSERT INTO public.module_progress (organization_id, user_id, module_id) SELECT org, id, scene.id(o, 200) FROM scene.students;
INSERT INTO public.learner_states (organization_id, user_id) SELECT org, id FROM scene.students;
INSERT INTO public.activity_ratings (organization_id, activity_id, difficulty_rating) SELECT org, scene.id(o, 210), 1200 FROM scene.orgs;
INSERT INTO public.achievements (id, organization_id, key, name, condition)
  SELECT scene.id(o, 220), org, 'own', 'Own', '{}'::jsonb FROM scene.orgs UNION ALL SELECT scene.id('c', 220), NULL, 'library', 'Library', '{}';
INSERT INTO public.achievements_unlocked (organization_id, user_id, achievement_id, unlocked_at)
  SELECT org, id, scene.id('c', 220), now() FROM scene.students;

INSERT INTO public.agent_instances (id, organization_id, name, agent_type)
  SELECT scene.id(o, n), org, 'Agent ' || n, 'tutor' FROM scene.orgs, unnest('{303,304,307,309}'::integer[]) n;
INSERT INTO public.agent_executions (id, organization_id, agent_id, user_id, task_type, status, completed_at)
  SELECT scene.id(o, 310 + n), org, scene.id(o, 300 + n), id, 'tutor', 'completed', now() FROM scene.students
  UNION ALL SELECT scene.id(o, 312), org, scene.id(o, 303), scene.id(o, 2), 'tutor', 'completed', now() FROM scene.orgs;
INSERT INTO public.agent_task_queue (id, organization_id, user_id, agent_type)
  SELECT scene.id(o, 320 + n), org, scene.id(o, n), 'tutor' FROM scene.orgs, unnest('{2,3,4,7}'::integer[]) n;
INSERT INTO public.agent_configurations (organization_id, agent_type, name, is_active, is_default)
  SELECT org, 'tutor', name, active, is_default
    FROM scene.orgs, (VALUES ('default', true, true), ('other', true, false), ('old', false, false)) c (name, active, is_default);
SELECT weir.ensure_partition('public.agent_metrics', now());
INSERT INTO public.agent_metrics (organization_id, agent_id, window_start, total_tasks)
  SELECT org, scene.id(o, 300 + n), date_bin('5 minutes', now(), 'epoch'), 1 FROM scene.students;
INSERT INTO public.engagement_rollups (organization_id, action_type, window_start, events)
  SELECT org, 'login', date_bin('5 minutes', now(), 'epoch'), 1 FROM scene.orgs;
INSERT INTO public.system_health (organization_id, window_start) SELECT org, date_bin('5 minutes', now(), 'epoch') FROM scene.orgs;
SELECT weir.ensure_partition(t, now()) FROM unnest('{public.agent_metrics_1h,public.agent_metrics_1d}'::regclass[]) t;
INSERT INTO public.agent_metrics_1h SELECT * FROM public.agent_metrics;
INSERT INTO public.agent_metrics_1d SELECT * FROM public.agent_metrics;
INSERT INTO public.engagement_rollups_1h SELECT * FROM public.engagement_rollups;
INSERT INTO public.engagement_rollups_1d SELECT * FROM public.engagement_rollups;
INSERT INTO public.system_health_1h SELECT * FROM public.system_health;
INSERT INTO public.system_health_1d SELECT * FROM public.system_health;
INSERT INTO weir.system_health_total (window_start, issues) VALUES (date_bin('5 minutes', now(), 'epoch'), '[{"agent_id": "secret"}]');
INSERT INTO public.alerts (organization_id, kind, severity, opened_window, last_window, opened_at, last_seen_at)
  SELECT org, 'success_rate', 'warning', now(), now(), now(), now() FROM scene.orgs;
INSERT INTO public.metric_trends (organization_id, agent_id, metric, window_start, direction)
  SELECT org, scene.id(o, 303), 'success_rate', now(), 'stable' FROM scene.orgs;
INSERT INTO public.queue_forecasts (organization_id, window_start, queued_tasks, forecast_queued, forecast_arrivals)
  SELECT org, now(), 1, '{1}', '{1}' FROM scene.orgs;

INSERT INTO public.notification_channels (organization_id, channel, providers) SELECT org, 'pusher', '{pusher}' FROM scene.orgs;
INSERT INTO public.notification_templates (organization_id, key, channel, body)
  SELECT org, 'own', 'in_app', 'x' FROM scene.orgs UNION ALL SELECT NULL, 'library', 'in_app', 'x';
INSERT INTO public.notification_rules (organization_id, name, source_topic, template_key, audience, channels)
  SELECT org, 'own', 't', 'own', 'user', '{in_app}'::text[] FROM scene.orgs UNION ALL SELECT NULL, 'library', 't', 'library', 'user', '{in_app}';
INSERT INTO public.notification_preferences (organization_id, user_id) SELECT org, id FROM scene.students;
INSERT INTO public.notification_subscriptions (organization_id, user_id, subject_type, subject_id)
  SELECT org, id, 'agent', scene.id(o, 303) FROM scene.students;
-- Ids in order: whose row a user without one of their own tries to repeat must not be left to chance.
INSERT INTO public.notification_destinations (organization_id, id, user_id, channel, address_encrypted)
  SELECT org, scene.id(o, 410 + n), id, 'email', scene.encrypted() FROM scene.students
   UNION ALL SELECT org, scene.id(o, 499), NULL, 'slack', scene.encrypted() FROM scene.orgs;
INSERT INTO public.notifications (organization_id, id, user_id, template_key, channel, expires_at)
  SELECT org, scene.id(o, 400 + n), id, 'library', 'in_app', now() + interval '1 day' FROM scene.students
   UNION ALL SELECT org, scene.id(o, 480), NULL, 'library', 'dashboard', now() + interval '1 day' FROM scene.orgs
   UNION ALL SELECT org, scene.id(o, 481), NULL, 'alert.warning', 'dashboard', now() + interval '1 day' FROM scene.orgs;
INSERT INTO public.notification_attempts (organization_id, notification_id, attempt, provider)
  SELECT org, scene.id(o, 400 + n), 1, 'in_app' FROM scene.students;
INSERT INTO public.insights (organization_id, user_id, kind, audience, title, body, confidence, input_hash)
  SELECT org, id, 'pattern', audience, 'T', 'B', 0.5, sha256('x') FROM scene.students, unnest('{user,teacher,professional,admin}'::text[]) audience;
INSERT INTO public.insights (organization_id, user_id, kind, title, body, confidence, input_hash, status)
  SELECT org, id, 'pattern', 'T', 'B', 0.5, sha256('x'), 'hidden' FROM scene.students;
INSERT INTO public.insights (organization_id, kind, audience, title, body, confidence, input_hash)
  SELECT org, 'risk', audience, 'T', 'B', 0.5, sha256('y') FROM scene.orgs, unnest('{admin,teacher}'::text[]) audience;

INSERT INTO public.storage_quotas (organization_id, limit_bytes) SELECT org, 1000000 FROM scene.orgs;
INSERT INTO public.files
  (id, organization_id, uploaded_by, filename, original_filename, bucket_name, storage_path, file_size, requires_consent, status)
  SELECT scene.id(o, 500 + n), org, scene.id(o, n), 'f', 'f', 'b', o || n, 10, n = 4, CASE n WHEN 7 THEN 'available' ELSE 'uploaded' END
    FROM scene.orgs, unnest('{2,3,4,7,9}'::integer[]) n;
INSERT INTO public.file_versions (organization_id, file_id, number, storage_path, file_size, checksum, created_by)
  SELECT org, scene.id(o, 500 + n), 1, 'p', 10, repeat('a', 64), id FROM scene.students;
INSERT INTO public.file_shares (organization_id, file_id, shared_by, shared_with, token_hash)
  SELECT org, scene.id(o, 507), scene.id(o, 7), scene.id(o, 4), sha256(convert_to('share' || o, 'UTF8')) FROM scene.orgs;
INSERT INTO public.file_access_log (organization_id, file_id, user_id, action) SELECT org, scene.id(o, 500 + n), id, 'download' FROM scene.students;

INSERT INTO public.locations (id, organization_id, name) SELECT scene.id(o, 600), org, 'Place' FROM scene.orgs;
INSERT INTO public.clients (id, organization_id, location_id, name) SELECT scene.id(o, 601), org, scene.id(o, 600), 'Client' FROM scene.orgs;
-- 610: owned by teacher 2; 3 edits, 4 views, 7 administers. 611: owned by teacher 8; professional 5 views.
INSERT INTO public.projects (id, organization_id, owner_id, client_id, name)
  SELECT scene.id(o, n), org, scene.id(o, owner), scene.id(o, 601), 'Project' FROM scene.orgs, (VALUES (610, 2), (611, 8)) p (n, owner);
INSERT INTO public.project_members (organization_id, project_id, user_id, role)
  SELECT org, scene.id(o, 610), scene.id(o, n), role FROM scene.orgs, (VALUES (3, 'editor'), (4, 'viewer'), (7, 'admin')) m (n, role)
  UNION ALL SELECT org, scene.id(o, 611), scene.id(o, 5), 'viewer' FROM scene.orgs;
INSERT INTO public.assets (id, organization_id, project_id, name)
  SELECT scene.id(o, 5 + n), org, scene.id(o, n), 'Asset' FROM scene.orgs, unnest('{610,611}'::integer[]) n;
INSERT INTO public.connectors (id, organization_id, user_id, name, type, credentials_encrypted)
  SELECT scene.id(o, 620 + n), org, id, 'C', 'lms', jsonb_build_object('sealed', 'd2UBAQ' || repeat('A', 58)) FROM scene.students;
INSERT INTO public.dashboard_templates (organization_id, name) SELECT org, 'own' FROM scene.orgs UNION ALL SELECT NULL, 'library';
-- 630: of teacher 2 in project 610. 631: of teacher 8, public. 633, 634, 637: of the students, private.
INSERT INTO public.dashboards (id, organization_id, user_id, project_id, name, is_public)
  SELECT scene.id(o, 630), org, scene.id(o, 2), scene.id(o, 610), 'Shared', false FROM scene.orgs
  UNION ALL SELECT scene.id(o, 631), org, scene.id(o, 8), NULL, 'Public', true FROM scene.orgs
  UNION ALL SELECT scene.id(o, 630 + n), org, id, NULL, 'Own', false FROM scene.students;
INSERT INTO public.widgets (id, organization_id, dashboard_id, type)
  SELECT scene.id(o, 30 + n), org, scene.id(o, n), 'chart' FROM scene.orgs, unnest('{630,631,633,634,637,639}'::integer[]) n;
INSERT INTO public.workflows (id, organization_id, user_id, name) SELECT scene.id(o, 640 + n), org, id, 'W' FROM scene.students;
INSERT INTO public.workflow_executions (id, organization_id, workflow_id)
  SELECT scene.id(o, 670 + n), org, scene.id(o, 640 + n) FROM scene.students;
INSERT INTO public.chat_sessions (id, organization_id, user_id, messages)
  SELECT scene.id(o, 650 + n), org, id, '["secret"]'::jsonb FROM scene.students;
INSERT INTO public.artifacts (organization_id, user_id, session_id, type, name)
  SELECT organization_id, user_id, id, 'text', 'A' FROM public.chat_sessions;
-- Of what building the scene left in the audit log one row an organization stays.
ALTER TABLE public.audit_log DISABLE TRIGGER audit_guard;
DELETE FROM public.audit_log WHERE (table_name, operation) <> ('public.organizations', 'INSERT');
ALTER TABLE public.audit_log ENABLE TRIGGER audit_guard;
