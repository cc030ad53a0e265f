-- Takes back what 0051_delivery_queue.up.sql made. What is in the queue is lost: its messages stay in the ledger as they stand, and nobody
-- delivers them.

REVOKE SELECT, INSERT, UPDATE, DELETE ON weir.delivery_queue, weir.rate_limits FROM weir_operator;
REVOKE SELECT (id, organization_id) ON public.users FROM weir_operator;
REVOKE SELECT ON public.notification_attempts, weir.notification_keys, weir.rate_limit_buckets, weir.notification_digests FROM weir_operator;
DROP POLICY operator_read ON public.users;
DROP POLICY operator_read ON public.notification_attempts;
DELETE FROM weir.audit_exemptions WHERE table_name IN ('weir.delivery_queue', 'weir.notification_digests', 'weir.rate_limits');

DROP INDEX weir.rate_limit_buckets_paused;
DROP INDEX weir.notification_keys_by_cause;
ALTER TABLE weir.notification_keys
  DROP COLUMN organization_id,
  DROP COLUMN message_created_at,
  DROP COLUMN cause;
ALTER TABLE public.notification_attempts
  DROP COLUMN account,
  DROP COLUMN claim,
  DROP COLUMN is_spent;
COMMENT ON COLUMN public.notification_attempts.finished_at IS 'When the answer was kept; null: not yet.';
DROP TABLE weir.notification_digests;
DROP TABLE weir.rate_limits;
DROP TABLE weir.delivery_queue;

-- A column cannot come back in its place, so that the ledger is made anew as 0015 and 0025 made it, with its rows.
CREATE TEMP TABLE kept_notifications ON COMMIT DROP AS
SELECT
  organization_id, created_at, id, user_id, rule_id, template_key, channel, destination, priority, status,
  status_changed_at, reason, subject, variables, due_at, expires_at, attempts, read_at, trace_id, updated_at
  FROM public.notifications;
DROP TABLE public.notifications;
CREATE TABLE public.notifications (
  organization_id   uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  created_at        timestamptz NOT NULL DEFAULT now(),
  id                uuid        NOT NULL,
  user_id           uuid,
  rule_id           uuid,
  template_key      text        NOT NULL,
  channel           text        NOT NULL CHECK (channel IN ('pusher', 'email', 'push', 'slack', 'webhook', 'in_app', 'dashboard')),
  destination       text        NOT NULL DEFAULT '',
  priority          text        NOT NULL DEFAULT 'normal' CHECK (priority IN ('low', 'normal', 'high', 'critical')),
  status            text        NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'deferred', 'sending', 'sent', 'delivered', 'failed', 'dead', 'suppressed', 'expired', 'cancelled', 'in_doubt', 'bounced', 'complained')),
  status_changed_at timestamptz NOT NULL DEFAULT now(),
  reason            text        NOT NULL DEFAULT '',
  subject           text        NOT NULL DEFAULT '',
  variables         jsonb       NOT NULL DEFAULT '{}',
  due_at            timestamptz NOT NULL DEFAULT now(),
  expires_at        timestamptz NOT NULL,
  attempts          integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  claim             bigint      NOT NULL DEFAULT 0,
  leased_until      timestamptz,
  read_at           timestamptz,
  trace_id          text        NOT NULL DEFAULT '',
  updated_at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, created_at, id),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
) PARTITION BY RANGE (created_at);
CREATE TABLE public.notifications_default PARTITION OF public.notifications DEFAULT;
CREATE INDEX notifications_by_user ON public.notifications (organization_id, user_id, created_at DESC);
CREATE INDEX notifications_by_id ON public.notifications (organization_id, id);
CREATE INDEX notifications_due ON public.notifications (due_at) WHERE status IN ('queued', 'deferred', 'failed', 'in_doubt');
CREATE TRIGGER set_status_changed_at BEFORE UPDATE ON public.notifications FOR EACH ROW EXECUTE FUNCTION weir.set_status_changed_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.notifications FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.notifications IS 'One row a message and what became of it; one partition a month.';
COMMENT ON COLUMN public.notifications.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.notifications.created_at IS 'When the message was made.';
COMMENT ON COLUMN public.notifications.id IS 'Id of the message, made of the event''s identity and the rule.';
COMMENT ON COLUMN public.notifications.user_id IS 'Receiver; null: a room of the organization.';
COMMENT ON COLUMN public.notifications.rule_id IS 'Rule that made it, as in notification_rules.id.';
COMMENT ON COLUMN public.notifications.template_key IS 'Template.';
COMMENT ON COLUMN public.notifications.channel IS 'Channel.';
COMMENT ON COLUMN public.notifications.destination IS 'Name of the destination (a Pusher channel, the id of a row of notification_destinations); never an address.';
COMMENT ON COLUMN public.notifications.priority IS 'low, normal, high or critical.';
COMMENT ON COLUMN public.notifications.status IS 'Where it stands; final: sent, delivered, bounced, complained, dead, suppressed, expired, cancelled.';
COMMENT ON COLUMN public.notifications.status_changed_at IS 'Since when it is in this status; follows a change of status and nothing else.';
COMMENT ON COLUMN public.notifications.reason IS 'Which rule, preference, limit, window or consent decided.';
COMMENT ON COLUMN public.notifications.subject IS 'Subject or title, as sent.';
COMMENT ON COLUMN public.notifications.variables IS 'What the template was filled with.';
COMMENT ON COLUMN public.notifications.due_at IS 'When it may go next.';
COMMENT ON COLUMN public.notifications.expires_at IS 'When it is too late.';
COMMENT ON COLUMN public.notifications.attempts IS 'Tries so far.';
COMMENT ON COLUMN public.notifications.claim IS 'Number of the claim that holds it: settling is refused under another.';
COMMENT ON COLUMN public.notifications.leased_until IS 'Until when the claim holds; null: free.';
COMMENT ON COLUMN public.notifications.read_at IS 'When the receiver read it, for in_app.';
COMMENT ON COLUMN public.notifications.trace_id IS 'Trace of what caused it.';
COMMENT ON COLUMN public.notifications.updated_at IS 'When the row last changed.';
SELECT weir.protect_personal('public.notifications', 'notifications', 'weir_notifications');
CREATE POLICY own_update ON public.notifications FOR UPDATE TO authenticated USING (user_id = (SELECT public.current_user_id()));
GRANT UPDATE (read_at) ON public.notifications TO authenticated;
SELECT weir.ensure_partition('public.notifications', month)
  FROM (SELECT DISTINCT date_trunc('month', created_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' FROM kept_notifications) months (month);
INSERT INTO public.notifications
  (organization_id, created_at, id, user_id, rule_id, template_key, channel, destination, priority, status,
  status_changed_at, reason, subject, variables, due_at, expires_at, attempts, read_at, trace_id, updated_at)
SELECT
  organization_id, created_at, id, user_id, rule_id, template_key, channel, destination, priority, status,
  status_changed_at, reason, subject, variables, due_at, expires_at, attempts, read_at, trace_id, updated_at
  FROM kept_notifications;
