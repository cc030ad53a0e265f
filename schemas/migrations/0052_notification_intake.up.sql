-- What weir notifications needs to make messages of events: rules that say for whom, with which values and under which key a message is made,
-- the settings of channels, templates that are checked when they are written, and the rules and templates that ship with weir.

-- ---- Rules ----

ALTER TABLE public.notification_rules
  ADD COLUMN key            text   NOT NULL DEFAULT '',
  ADD COLUMN receiver       text   NOT NULL DEFAULT 'user_id' CHECK (receiver <> ''),
  ADD COLUMN subject_type   text   CHECK (subject_type IN ('agent', 'project', 'organization', 'user')),
  ADD COLUMN subject_column text   CHECK (subject_column <> ''),
  ADD COLUMN room           text   NOT NULL DEFAULT '' CHECK (room ~ '^[a-z0-9_-]*$'),
  ADD COLUMN dedupe         text[] NOT NULL DEFAULT '{}',
  ADD COLUMN variables      jsonb  NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(variables) = 'object'),
  ADD COLUMN cancels        text   NOT NULL DEFAULT '',
  ADD CONSTRAINT notification_rules_followers CHECK (audience <> 'followers' OR (subject_type IS NOT NULL AND subject_column IS NOT NULL)),
  ADD CONSTRAINT notification_rules_channels CHECK (channels <@ '{pusher,email,push,slack,webhook,in_app,dashboard}'),
  -- Only the rule for applications' requests leaves the template to the event.
  ADD CONSTRAINT notification_rules_template CHECK (template_key <> '' OR (organization_id IS NULL AND key = 'notification.requested'));
CREATE UNIQUE INDEX notification_rules_by_key ON public.notification_rules (organization_id, key) NULLS NOT DISTINCT WHERE key <> '';
COMMENT ON COLUMN public.notification_rules.source_topic IS 'Whose events: a table as schema.table, the type of an action, or the full name of a topic.';
COMMENT ON COLUMN public.notification_rules.condition IS 'When it matches: operation, is, was, changed, crossed; docs/notifications.md has the grammar.';
COMMENT ON COLUMN public.notification_rules.template_key IS 'Template, as in notification_templates.key; empty: the event names it.';
COMMENT ON COLUMN public.notification_rules.audience IS 'user: whom the receiver column names; followers of the row''s subject; admins of the organization; organization: a room of it.';
COMMENT ON COLUMN public.notification_rules.key IS 'Name of a rule that ships with weir; an organization''s row with the same key stands in its place for that organization. Empty: none.';
COMMENT ON COLUMN public.notification_rules.receiver IS 'Column of the event that names the user, for the audience user.';
COMMENT ON COLUMN public.notification_rules.subject_type IS 'Kind of the subject, for the audience followers.';
COMMENT ON COLUMN public.notification_rules.subject_column IS 'Column of the event that names the subject, for the audience followers.';
COMMENT ON COLUMN public.notification_rules.room IS 'End of the name of the Pusher channel of an organization: private-organization-{id}-{room}.';
COMMENT ON COLUMN public.notification_rules.dedupe IS 'Columns of the event: a second event with the same values makes no second message. Empty: every event makes its own.';
COMMENT ON COLUMN public.notification_rules.variables IS 'The template''s variables by name: a column of the event, or an object that says how its value is made; docs/notifications.md has the grammar.';
COMMENT ON COLUMN public.notification_rules.cancels IS 'Name of a variable: waiting push messages and mail of the same group of templates, with the same value of it, are cancelled. Empty: none.';

-- ---- Channels ----

CREATE TABLE public.notification_channels (
  id               uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id  uuid        REFERENCES public.organizations (id) ON DELETE RESTRICT,
  channel          text        NOT NULL CHECK (channel IN ('pusher', 'email', 'push', 'slack', 'webhook', 'in_app', 'dashboard')),
  providers        text[]      NOT NULL DEFAULT '{}' CHECK (providers <@ '{pusher,sendgrid,smtp,fcm,slack,webhook}'),
  fallback_channel text        CHECK (fallback_channel IN ('pusher', 'email', 'push', 'slack', 'webhook', 'in_app', 'dashboard')),
  settings         jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
  secret_encrypted bytea       CHECK (weir.is_sealed(secret_encrypted)),
  is_enabled       boolean     NOT NULL DEFAULT true,
  created_at       timestamptz NOT NULL DEFAULT now(),
  updated_at       timestamptz NOT NULL DEFAULT now(),
  version          bigint      NOT NULL DEFAULT 1,
  UNIQUE NULLS NOT DISTINCT (organization_id, channel),
  CONSTRAINT notification_channels_fallback CHECK (fallback_channel <> channel),
  -- Secrets of the platform's own accounts are in the configuration, so that none is sealed by a key of no organization.
  CONSTRAINT notification_channels_secret CHECK (organization_id IS NOT NULL OR secret_encrypted IS NULL)
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.notification_channels FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.notification_channels FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.notification_channels IS 'How each channel is served: by which providers, with whose account, and by which channel in its place.';
COMMENT ON COLUMN public.notification_channels.id IS 'Id of the row.';
COMMENT ON COLUMN public.notification_channels.organization_id IS 'Organization that has an account of its own; null: every other organization.';
COMMENT ON COLUMN public.notification_channels.channel IS 'Channel.';
COMMENT ON COLUMN public.notification_channels.providers IS 'Providers in the order in which they are tried; none: nothing is called, the row itself is the message.';
COMMENT ON COLUMN public.notification_channels.fallback_channel IS 'Channel that takes over a message which no provider of this channel could deliver; null: none.';
COMMENT ON COLUMN public.notification_channels.settings IS 'Settings of the organization''s own account, as docs/configuration.md names them for the platform''s.';
COMMENT ON COLUMN public.notification_channels.secret_encrypted IS 'Secrets of the organization''s own account, sealed with the organization''s key; null: the platform''s account is used.';
COMMENT ON COLUMN public.notification_channels.is_enabled IS 'Whether messages go over this channel at all.';
COMMENT ON COLUMN public.notification_channels.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.notification_channels.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.notification_channels.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

SELECT weir.protect('public.notification_channels', is_library => true);
CREATE POLICY service_read ON public.notification_channels FOR SELECT TO weir_notifications USING (true);
CREATE POLICY admin_all ON public.notification_channels TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY operator_all ON public.notification_channels TO weir_operator USING (true) WITH CHECK (true);
GRANT SELECT ON public.notification_channels TO weir_notifications;
-- A secret is written and never read back.
GRANT SELECT (id, organization_id, channel, providers, fallback_channel, settings, is_enabled, created_at, updated_at, version),
  INSERT (id, organization_id, channel, providers, fallback_channel, settings, secret_encrypted, is_enabled),
  UPDATE (providers, fallback_channel, settings, secret_encrypted, is_enabled, version), DELETE ON public.notification_channels TO authenticated;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.notification_channels TO weir_operator;
SELECT weir.audit('public.notification_channels');

-- ---- Templates ----

CREATE FUNCTION weir.check_template() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  -- The variables, and the members of those that are lists of objects.
  known CONSTANT text[] := ARRAY(
    SELECT name FROM jsonb_object_keys(coalesce(NEW.variables -> 'properties', '{}')) name
    UNION
    SELECT member FROM jsonb_each(coalesce(NEW.variables -> 'properties', '{}')) p (name, property),
         jsonb_object_keys(CASE WHEN jsonb_typeof(property -> 'items' -> 'properties') = 'object' THEN property -> 'items' -> 'properties' ELSE '{}' END) member);
  place text;
  words text;
  tag   text[];
BEGIN
  FOR place, words IN VALUES ('subject', NEW.subject), ('body', NEW.body) LOOP
    FOR tag IN SELECT regexp_matches(regexp_replace(words, '\{\{![^}]*\}\}', '', 'g'), '(\{\{\{?)\s*([#^/&>=]?)\s*([^{}]*?)\s*\}\}', 'g') LOOP
      IF tag[2] IN ('>', '=') THEN
        RAISE EXCEPTION 'the % of template % (%) has a tag with %, which templates may not have', place, NEW.key, NEW.channel, tag[2]
          USING ERRCODE = 'check_violation', HINT = 'partials and other delimiters are not taken';
      END IF;
      IF (tag[1] = '{{{' OR tag[2] = '&') AND place = 'body' AND NEW.channel IN ('email', 'slack', 'pusher', 'webhook') THEN
        RAISE EXCEPTION 'the body of template % (%) has the unescaped tag %', NEW.key, NEW.channel, tag[3]
          USING ERRCODE = 'check_violation', HINT = 'write {{' || tag[3] || '}}';
      END IF;
      IF tag[3] <> '.' AND NOT tag[3] = ANY (known) THEN
        RAISE EXCEPTION 'the % of template % (%) has the tag %, which its variables do not describe', place, NEW.key, NEW.channel, tag[3]
          USING ERRCODE = 'check_violation', HINT = 'describe it in variables: {"properties": {"' || tag[3] || '": {"type": "string"}}}';
      END IF;
    END LOOP;
  END LOOP;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION weir.check_template() IS 'Trigger: a template has only tags that its variables describe, and none that puts text unescaped into HTML, JSON or Slack''s mrkdwn.';
CREATE TRIGGER check_template BEFORE INSERT OR UPDATE OF key, channel, subject, body, variables ON public.notification_templates
  FOR EACH ROW EXECUTE FUNCTION weir.check_template();

-- ---- What is published ----

-- Of a file its state is published, and not its name or what was found in it. A list of columns must hold those of the replica identity.
CREATE UNIQUE INDEX files_identity ON public.files (organization_id, id, status);
ALTER TABLE public.files REPLICA IDENTITY USING INDEX files_identity;
COMMENT ON INDEX public.files_identity IS 'Replica identity: a change of the status tells the status before it.';

-- What messages say beside what their events say.
CREATE POLICY notifications_read ON public.files FOR SELECT TO weir_notifications USING (true);
CREATE POLICY notifications_read ON public.achievements FOR SELECT TO weir_notifications USING (true);
GRANT SELECT (id, organization_id, original_filename) ON public.files TO weir_notifications;
GRANT SELECT (id, organization_id, name) ON public.achievements TO weir_notifications;

-- ---- On the way into the tables ----

CREATE TYPE weir.notification_intake_row AS (
  id               uuid,
  organization_id  uuid,
  user_id          uuid,
  rule_id          uuid,
  template_key     text,
  template_version integer,
  locale           text,
  channel          text,
  destination      text,
  destination_id   uuid,
  priority         text,
  rank             smallint,
  status           text,
  reason           text,
  subject          text,
  body             text,
  variables        jsonb,
  due_at           timestamptz,
  expires_at       timestamptz,
  digest_id        uuid,
  cause            text,
  trace_id         text,
  account          text,
  holds_in_doubt   boolean
);
COMMENT ON TYPE weir.notification_intake_row IS 'A message on its way into notifications and, where it still has to be delivered, weir.delivery_queue.';

-- Messages that were read tell which of their twins need not be sent; a digest is made of its members.
CREATE INDEX notifications_by_reading ON public.notifications (read_at) WHERE read_at IS NOT NULL;
CREATE INDEX notifications_by_digest ON public.notifications (digest_id) WHERE digest_id IS NOT NULL;
-- What is too late.
CREATE INDEX delivery_queue_by_expiry ON weir.delivery_queue (expires_at);

-- ---- What ships ----

-- The owner of the tables is subject to their row security, and no policy is for the owner.
ALTER TABLE public.notification_templates NO FORCE ROW LEVEL SECURITY;
ALTER TABLE public.notification_rules NO FORCE ROW LEVEL SECURITY;
ALTER TABLE public.notification_channels NO FORCE ROW LEVEL SECURITY;

INSERT INTO public.notification_channels (id, channel, providers) VALUES
  (md5('weir channel pusher')::uuid, 'pusher', '{pusher}'),
  (md5('weir channel email')::uuid, 'email', '{sendgrid,smtp}'),
  (md5('weir channel push')::uuid, 'push', '{fcm}'),
  (md5('weir channel slack')::uuid, 'slack', '{slack}'),
  (md5('weir channel webhook')::uuid, 'webhook', '{webhook}'),
  (md5('weir channel in_app')::uuid, 'in_app', '{}'),
  (md5('weir channel dashboard')::uuid, 'dashboard', '{}');

-- Pusher and webhooks carry a JSON object of the variables with the sentence as message; mail is HTML; all other channels have the sentence.
-- What an agent made is for in_app alone: another channel would carry it past the reader's own sign-in.
WITH said (key, subject, sentence, ttl_seconds, variables) AS (VALUES
  ('task.created', 'Task created', 'Task {{type}} was created', 86400,
   '{"taskId": "string", "type": "string", "agentType": "string", "status": "string"}'::json),
  ('task.started', 'Task started', 'Task {{type}} is now running', 86400,
   '{"taskId": "string", "type": "string", "agentType": "string", "status": "string", "startedAt": "string"}'),
  ('task.progress', 'Task in progress', 'Task {{type}} is at {{progress}} %', 3600,
   '{"taskId": "string", "type": "string", "agentType": "string", "progress": "number"}'),
  ('task.completed', 'Task completed', 'Task {{type}} completed successfully', 86400,
   '{"taskId": "string", "type": "string", "agentType": "string", "executionTime": "number", "qualityScore": "number", "output": "string"}'),
  ('task.failed', 'Task failed', 'Task {{type}} failed: {{errorMessage}}', 86400,
   '{"taskId": "string", "type": "string", "agentType": "string", "errorMessage": "string"}'),
  ('task.cancelled', 'Task cancelled', 'Task {{type}} was cancelled', 86400,
   '{"taskId": "string", "type": "string", "agentType": "string"}'),
  ('assessment.scored', 'Assessment scored', 'Your assessment has been scored', 86400,
   '{"responseId": "string", "assessmentId": "string", "submittedAt": "string"}'),
  ('insight.ready', 'New insight', 'There is a new insight for you ({{kind}})', 86400, '{"insightId": "string", "kind": "string"}'),
  ('achievement.unlocked', 'Achievement unlocked', 'You have unlocked an achievement: {{achievement}}', 86400,
   '{"achievementId": "string", "achievement": "string", "unlockedAt": "string"}'),
  ('alert.critical', 'Critical alert', 'Critical: {{kind}} {{detail}}', 86400,
   '{"alertId": "string", "kind": "string", "severity": "string", "agentId": "string", "value": "number", "threshold": "number", "detail": "string", "openedAt": "string"}'),
  ('alert.warning', 'Alert', 'Warning: {{kind}} {{detail}}', 86400,
   '{"alertId": "string", "kind": "string", "severity": "string", "agentId": "string", "value": "number", "threshold": "number", "detail": "string", "openedAt": "string"}'),
  ('alert.resolved', 'Alert resolved', 'Resolved: {{kind}} {{detail}}', 86400,
   '{"alertId": "string", "kind": "string", "severity": "string", "agentId": "string", "value": "number", "threshold": "number", "detail": "string", "openedAt": "string", "resolvedAt": "string"}'),
  ('file.processed', 'File processed', 'Your file {{fileName}} has been processed', 86400,
   '{"fileId": "string", "fileName": "string", "type": "string", "size": "number"}'),
  ('file.quarantined', 'File quarantined', 'Your file {{fileName}} was found to be unsafe and is kept in quarantine', 86400,
   '{"fileId": "string", "fileName": "string", "type": "string", "size": "number"}')
), described AS (
  SELECT s.key, s.subject, s.sentence, s.ttl_seconds,
         jsonb_build_object('type', 'object', 'properties', jsonb_object_agg(v.key, jsonb_build_object('type', v.value))) AS variables,
         string_agg(format(CASE v.value WHEN 'string' THEN '"%1$s":"{{%1$s}}"' ELSE '"%1$s":{{%1$s}}' END, v.key), ',' ORDER BY v.place)
           FILTER (WHERE v.key <> 'output') AS members
    FROM said s
   CROSS JOIN LATERAL json_each_text(s.variables) WITH ORDINALITY v (key, value, place)
   GROUP BY s.key, s.subject, s.sentence, s.ttl_seconds
)
INSERT INTO public.notification_templates (id, key, channel, subject, body, variables, ttl_seconds)
SELECT md5('weir template ' || d.key || ' ' || c.channel)::uuid, d.key, c.channel, d.subject,
       CASE WHEN c.channel IN ('pusher', 'webhook') THEN '{' || d.members || ',"message":"' || d.sentence || '"}'
            WHEN c.channel = 'email' THEN '<p>' || d.sentence || '</p>'
            ELSE d.sentence END,
       d.variables, d.ttl_seconds
  FROM described d
 CROSS JOIN unnest('{in_app,pusher,email,push,slack,webhook,dashboard}'::text[]) c (channel)
ON CONFLICT DO NOTHING;

INSERT INTO public.notification_templates (id, key, channel, subject, body, variables, ttl_seconds)
SELECT md5('weir template digest ' || channel)::uuid, 'digest', channel, '{{count}} new messages', body,
       '{"type": "object", "properties": {"count": {"type": "number"}, "items": {"type": "array", "items": {"type": "object", "properties": {"subject": {"type": "string"}, "text": {"type": "string"}}}}}}',
       86400
  FROM (VALUES
    ('in_app', E'You have {{count}} new messages:{{#items}}\n- {{text}}{{/items}}'),
    ('dashboard', E'You have {{count}} new messages:{{#items}}\n- {{text}}{{/items}}'),
    ('push', 'You have {{count}} new messages'),
    ('slack', E'You have {{count}} new messages:{{#items}}\n• {{text}}{{/items}}'),
    ('email', '<p>You have {{count}} new messages:</p><ul>{{#items}}<li>{{text}}</li>{{/items}}</ul>'),
    ('pusher', '{"count":{{count}},"message":"You have {{count}} new messages"}'),
    ('webhook', '{"count":{{count}},"message":"You have {{count}} new messages"}')) t (channel, body)
ON CONFLICT DO NOTHING;

INSERT INTO public.notification_rules
  (id, key, name, source_topic, condition, template_key, audience, receiver, channels, priority, room, dedupe, variables, cancels)
SELECT md5('weir rule ' || key)::uuid, key, name, source_topic, condition::jsonb, template_key, audience, receiver, channels::text[], priority, room,
       dedupe::text[], variables::jsonb, cancels
  FROM (VALUES
  ('task.created', 'A task was created', 'public.agent_executions', '{"operation": "insert"}',
   'task.created', 'user', 'user_id', '{in_app,pusher}', 'low', '', '{}',
   '{"taskId": "id", "type": "task_type", "agentType": {"column": "agent_id", "as": "agent_type"}, "status": "status"}', ''),
  ('task.started', 'A task runs', 'public.agent_executions', '{"operation": "update", "changed": ["status"], "is": {"status": "running"}}',
   'task.started', 'user', 'user_id', '{in_app,pusher}', 'normal', '', '{}',
   '{"taskId": "id", "type": "task_type", "agentType": {"column": "agent_id", "as": "agent_type"}, "status": "status", "startedAt": {"column": "started_at", "as": "iso8601"}}', ''),
  ('task.progress', 'A task has gone past a quarter', 'public.agent_executions', '{"operation": "update", "crossed": {"progress": 25}}',
   'task.progress', 'user', 'user_id', '{in_app,pusher}', 'low', '', '{}',
   '{"taskId": "id", "type": "task_type", "agentType": {"column": "agent_id", "as": "agent_type"}, "progress": "progress"}', ''),
  ('task.completed', 'A task is done', 'public.agent_executions', '{"operation": "update", "changed": ["status"], "is": {"status": "completed"}}',
   'task.completed', 'user', 'user_id', '{in_app,pusher}', 'normal', '', '{}',
   '{"taskId": "id", "type": "task_type", "agentType": {"column": "agent_id", "as": "agent_type"}, "executionTime": {"column": "execution_time_ms", "as": "seconds", "from": "started_at", "until": "completed_at"}, "qualityScore": "quality_score", "output": {"column": "output", "channels": ["in_app"]}}', ''),
  ('task.failed', 'A task failed', 'public.agent_executions', '{"operation": "update", "changed": ["status"], "is": {"status": "failed"}}',
   'task.failed', 'user', 'user_id', '{in_app,pusher}', 'high', '', '{}',
   '{"taskId": "id", "type": "task_type", "agentType": {"column": "agent_id", "as": "agent_type"}, "errorMessage": "error_message"}', ''),
  ('task.cancelled', 'A task was cancelled', 'public.agent_executions', '{"operation": "update", "changed": ["status"], "is": {"status": "cancelled"}}',
   'task.cancelled', 'user', 'user_id', '{in_app,pusher}', 'normal', '', '{}',
   '{"taskId": "id", "type": "task_type", "agentType": {"column": "agent_id", "as": "agent_type"}}', 'taskId'),
  ('task.deleted', 'A task that had not ended was deleted', 'public.agent_executions', '{"operation": "delete", "is": {"status": ["queued", "running"]}}',
   'task.cancelled', 'user', 'user_id', '{in_app,pusher}', 'normal', '', '{}',
   '{"taskId": "id", "type": "task_type", "agentType": {"column": "agent_id", "as": "agent_type"}}', 'taskId'),
  ('assessment.scored', 'An assessment was scored', 'public.assessment_scores', '{"operation": "insert", "is": {"dimension": "composite"}}',
   'assessment.scored', 'user', 'user_id', '{in_app,pusher}', 'normal', '', '{response_id}',
   '{"responseId": "response_id", "assessmentId": "assessment_id", "submittedAt": {"column": "submitted_at", "as": "iso8601"}}', ''),
  -- An insight about a user that is written for teachers or admins is no message to the user.
  ('insight.ready', 'An insight for a user', 'public.insights', '{"operation": "insert", "is": {"audience": "user"}}',
   'insight.ready', 'user', 'user_id', '{in_app,pusher}', 'normal', '', '{}', '{"insightId": "id", "kind": "kind"}', ''),
  ('achievement.unlocked', 'An achievement was unlocked', 'public.achievements_unlocked', '{"operation": "insert"}',
   'achievement.unlocked', 'user', 'user_id', '{in_app,pusher}', 'low', '', '{user_id,achievement_id}',
   '{"achievementId": "achievement_id", "achievement": {"column": "achievement_id", "as": "achievement_name"}, "unlockedAt": {"column": "unlocked_at", "as": "iso8601"}}', ''),
  ('file.processed', 'A file can be used', 'public.files', '{"operation": "update", "changed": ["status"], "is": {"status": "available"}}',
   'file.processed', 'user', 'uploaded_by', '{in_app,pusher}', 'normal', '', '{}',
   '{"fileId": "id", "fileName": {"column": "id", "as": "file_name"}, "type": "mime_type", "size": "file_size"}', ''),
  ('file.quarantined', 'A file is unsafe', 'public.files', '{"operation": "update", "changed": ["status"], "is": {"status": "quarantined"}}',
   'file.quarantined', 'user', 'uploaded_by', '{in_app,pusher}', 'high', '', '{}',
   '{"fileId": "id", "fileName": {"column": "id", "as": "file_name"}, "type": "mime_type", "size": "file_size"}', ''),
  ('notification.requested', 'An application asks for a message', 'notification.requested', '{}',
   '', 'user', 'user_id', '{in_app}', 'normal', '', '{}', '{}', '')) r
  (key, name, source_topic, condition, template_key, audience, receiver, channels, priority, room, dedupe, variables, cancels);

-- An alert goes to a room of the organization, and by mail to its admins.
INSERT INTO public.notification_rules (id, key, name, source_topic, condition, template_key, audience, channels, priority, room, dedupe, variables)
SELECT md5('weir rule ' || e.key || t.suffix)::uuid, e.key || t.suffix, e.name || t.meaning, 'public.alerts', e.condition::jsonb, e.template_key,
       t.audience, t.channels, e.priority, t.room, e.dedupe::text[],
       '{"alertId": "id", "kind": "kind", "severity": "severity", "agentId": "agent_id", "value": "value", "threshold": "threshold", "detail": "message", "openedAt": {"column": "opened_at", "as": "iso8601"}, "resolvedAt": {"column": "resolved_at", "as": "iso8601"}}'::jsonb
  FROM (VALUES
    ('alert.critical', 'A critical alert', '{"operation": "insert", "is": {"severity": "critical"}}', 'alert.critical', 'critical', '{id,severity}'),
    ('alert.escalated', 'A warning became critical', '{"operation": "update", "changed": ["severity"], "is": {"severity": "critical"}}', 'alert.critical', 'critical', '{id,severity}'),
    ('alert.warning', 'A warning', '{"operation": "insert", "is": {"severity": "warning"}}', 'alert.warning', 'high', '{id,severity}'),
    ('alert.resolved', 'An alert is over', '{"operation": "update", "changed": ["resolved_at"], "was": {"resolved_at": null}}', 'alert.resolved', 'normal', '{id,resolved_at}'))
    e (key, name, condition, template_key, priority, dedupe)
 CROSS JOIN (VALUES
    ('', ', in a room', 'organization', '{dashboard,pusher,slack}'::text[], 'alerts'),
    ('.admins', ', to admins', 'admins', '{email}'::text[], '')) t (suffix, meaning, audience, channels, room);

ALTER TABLE public.notification_templates FORCE ROW LEVEL SECURITY;
ALTER TABLE public.notification_rules FORCE ROW LEVEL SECURITY;
ALTER TABLE public.notification_channels FORCE ROW LEVEL SECURITY;
