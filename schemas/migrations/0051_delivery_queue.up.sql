-- What weir notifications delivers stands in a narrow queue of its own, whose row goes when its message is final: the ledger is kept for
-- months, and who looks for what is due must not read it. Beside the queue: limits as data, digests, and what the ledger and the keys of
-- messages were lacking.

CREATE TABLE weir.delivery_queue (
  notification_id uuid        PRIMARY KEY,
  organization_id uuid        NOT NULL,
  created_at      timestamptz NOT NULL,
  user_id         uuid,
  channel         text        NOT NULL CHECK (channel IN ('pusher', 'email', 'push', 'slack', 'webhook', 'in_app', 'dashboard')),
  account         text        NOT NULL CHECK (account <> ''),
  destination     text        NOT NULL DEFAULT '',
  destination_id  uuid,
  template_key    text        NOT NULL,
  rank            smallint    NOT NULL CHECK (rank BETWEEN 0 AND 3),
  due_at          timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz NOT NULL,
  claim           bigint      NOT NULL DEFAULT 0,
  leased_until    timestamptz,
  started_at      timestamptz,
  granted_at      timestamptz,
  attempt         integer     NOT NULL DEFAULT 0 CHECK (attempt >= 0),
  tries           integer     NOT NULL DEFAULT 0 CHECK (tries >= 0),
  provider        smallint    NOT NULL DEFAULT 0 CHECK (provider >= 0),
  is_alone        boolean     NOT NULL DEFAULT false,
  is_unanswered   boolean     NOT NULL DEFAULT false,
  holds_in_doubt  boolean     NOT NULL DEFAULT false,
  waits_for       text        CHECK (waits_for <> '')
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);
-- What is due in a channel, and when the next is.
CREATE INDEX delivery_queue_by_due ON weir.delivery_queue (channel, due_at);
-- Organizations in turn, past accounts that rest.
CREATE INDEX delivery_queue_by_turn ON weir.delivery_queue (channel, account, organization_id, rank, due_at);
-- Who waits for tokens of one bucket, and who of them is next.
CREATE INDEX delivery_queue_line ON weir.delivery_queue (waits_for, channel, rank, created_at) WHERE waits_for IS NOT NULL;
COMMENT ON TABLE weir.delivery_queue IS 'Messages that are to be delivered. A row goes when its message is final; what became of the message stands in notifications.';
COMMENT ON COLUMN weir.delivery_queue.notification_id IS 'Message, as in notifications.id.';
COMMENT ON COLUMN weir.delivery_queue.organization_id IS 'Organization of the message.';
COMMENT ON COLUMN weir.delivery_queue.created_at IS 'When the message was made, as in notifications.created_at, which names its partition.';
COMMENT ON COLUMN weir.delivery_queue.user_id IS 'Receiver; null: a room of the organization.';
COMMENT ON COLUMN weir.delivery_queue.channel IS 'Channel that carries the message now: after a fallback it is another than the one it was made for.';
COMMENT ON COLUMN weir.delivery_queue.account IS 'Account of a provider that carries it, for example pusher:default, or pusher: with the id of an organization that has an account of its own.';
COMMENT ON COLUMN weir.delivery_queue.destination IS 'Names the bucket of the destination: a Pusher channel, or the id of a row of notification_destinations; never an address.';
COMMENT ON COLUMN weir.delivery_queue.destination_id IS 'Destination, as in notification_destinations.id; null: none is needed, or it is the user''s own address.';
COMMENT ON COLUMN weir.delivery_queue.template_key IS 'Template, as in notification_templates.key.';
COMMENT ON COLUMN weir.delivery_queue.rank IS 'Priority as a number: 0 critical, 1 high, 2 normal, 3 low.';
COMMENT ON COLUMN weir.delivery_queue.due_at IS 'When it may be claimed next: the end of the lease while it is claimed, its token''s time while it waits for a token.';
COMMENT ON COLUMN weir.delivery_queue.expires_at IS 'When it is too late to begin a call.';
COMMENT ON COLUMN weir.delivery_queue.claim IS 'Number of the last claim: nothing is written under an older number.';
COMMENT ON COLUMN weir.delivery_queue.leased_until IS 'Until when the claim holds; null: nobody holds it.';
COMMENT ON COLUMN weir.delivery_queue.started_at IS 'When the last attempt began, as in notification_attempts.started_at, which names its partition; null: there was none.';
COMMENT ON COLUMN weir.delivery_queue.granted_at IS 'When it got its tokens of user, organization and template, which are taken once a message; null: not yet.';
COMMENT ON COLUMN weir.delivery_queue.attempt IS 'Number of the last attempt; 0: there was none.';
COMMENT ON COLUMN weir.delivery_queue.tries IS 'Failed tries at the present provider.';
COMMENT ON COLUMN weir.delivery_queue.provider IS 'Which of the channel''s providers carries it, counted from 0.';
COMMENT ON COLUMN weir.delivery_queue.is_alone IS 'Whether it shares no call any more, because a call for several messages was refused.';
COMMENT ON COLUMN weir.delivery_queue.is_unanswered IS 'Whether the last attempt has no recorded answer.';
COMMENT ON COLUMN weir.delivery_queue.holds_in_doubt IS 'Whether a message that may have arrived is held for an operator instead of sent again.';
COMMENT ON COLUMN weir.delivery_queue.waits_for IS 'Key of the bucket whose token it waits for; null: it waits for no token.';

CREATE TABLE weir.rate_limits (
  scope        text        NOT NULL CHECK (scope IN ('user', 'channel', 'organization', 'template', 'provider')),
  subject      text        NOT NULL DEFAULT '',
  minute_rate  integer     NOT NULL DEFAULT 0 CHECK (minute_rate >= 0),
  minute_burst integer     NOT NULL DEFAULT 0 CHECK (minute_burst >= 0),
  hour_rate    integer     NOT NULL DEFAULT 0 CHECK (hour_rate >= 0),
  hour_burst   integer     NOT NULL DEFAULT 0 CHECK (hour_burst >= 0),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scope, subject)
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON weir.rate_limits FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE weir.rate_limits IS 'How many messages may go. weir limits set writes it; the buckets that count are in rate_limit_buckets.';
COMMENT ON COLUMN weir.rate_limits.scope IS 'What is limited: messages to a user, to a destination of a channel, of an organization, of a template, or calls of a provider''s account.';
COMMENT ON COLUMN weir.rate_limits.subject IS 'Which user, channel, organization, template or account; empty: every one that has no row of its own.';
COMMENT ON COLUMN weir.rate_limits.minute_rate IS 'Messages a minute; 0: no limit.';
COMMENT ON COLUMN weir.rate_limits.minute_burst IS 'How many of them may go at once; 0: all of a minute.';
COMMENT ON COLUMN weir.rate_limits.hour_rate IS 'Messages an hour; 0: no limit.';
COMMENT ON COLUMN weir.rate_limits.hour_burst IS 'How many of them may go at once; 0: all of an hour.';
COMMENT ON COLUMN weir.rate_limits.updated_at IS 'When the row last changed.';
-- Any minute passes at most 60 + 10, any hour at most 750 + 250.
INSERT INTO weir.rate_limits (scope, minute_rate, minute_burst, hour_rate, hour_burst) VALUES
  ('user', 60, 10, 750, 250),
  ('channel', 60, 10, 750, 250);

CREATE TABLE weir.notification_digests (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL,
  user_id         uuid        NOT NULL,
  template_group  text        NOT NULL,
  channel         text        NOT NULL,
  opened_at       timestamptz NOT NULL DEFAULT now(),
  closes_at       timestamptz NOT NULL,
  closed_at       timestamptz
);
CREATE UNIQUE INDEX notification_digests_open ON weir.notification_digests (organization_id, user_id, template_group, channel) WHERE closed_at IS NULL;
CREATE INDEX notification_digests_due ON weir.notification_digests (closes_at) WHERE closed_at IS NULL;
COMMENT ON TABLE weir.notification_digests IS 'Digests: messages of low priority that are gathered and sent as one. Of each user, group and channel one is open at most.';
COMMENT ON COLUMN weir.notification_digests.id IS 'Id of the digest, as in notifications.digest_id of its members.';
COMMENT ON COLUMN weir.notification_digests.organization_id IS 'Organization of the user.';
COMMENT ON COLUMN weir.notification_digests.user_id IS 'Receiver.';
COMMENT ON COLUMN weir.notification_digests.template_group IS 'Group of templates whose messages are gathered.';
COMMENT ON COLUMN weir.notification_digests.channel IS 'Channel over which the digest goes.';
COMMENT ON COLUMN weir.notification_digests.opened_at IS 'When its first message opened it.';
COMMENT ON COLUMN weir.notification_digests.closes_at IS 'When it is closed and sent.';
COMMENT ON COLUMN weir.notification_digests.closed_at IS 'When it was closed; null: it is open.';

-- The queue says what is claimed and due; the ledger says what was written, to whom it went, and why.
DROP INDEX public.notifications_due;
ALTER TABLE public.notifications
  DROP COLUMN claim,
  DROP COLUMN leased_until,
  ADD COLUMN body             text    NOT NULL DEFAULT '',
  ADD COLUMN granted_at       timestamptz,
  ADD COLUMN destination_id   uuid,
  ADD COLUMN digest_id        uuid,
  ADD COLUMN cause            text    NOT NULL DEFAULT '',
  ADD COLUMN locale           text    NOT NULL DEFAULT '',
  ADD COLUMN template_version integer;
COMMENT ON COLUMN public.notifications.status IS 'Where it stands. It only rises: queued, deferred, failed (the next try is due), sending, in_doubt, sent, delivered, bounced, complained; dead, suppressed, expired and cancelled end it.';
COMMENT ON COLUMN public.notifications.due_at IS 'When it was to go when its status last changed; while it waits, weir.delivery_queue.due_at says it.';
COMMENT ON COLUMN public.notifications.body IS 'Text, as sent.';
COMMENT ON COLUMN public.notifications.granted_at IS 'When it got its tokens of user, organization and template; null: not yet, or its channel takes none.';
COMMENT ON COLUMN public.notifications.destination_id IS 'Destination, as in notification_destinations.id; null: none is needed, or it is the user''s own address.';
COMMENT ON COLUMN public.notifications.digest_id IS 'Digest that it is a member of, or that it is the message of; null: of none.';
COMMENT ON COLUMN public.notifications.cause IS 'What it was made for: the identity of the event, or the key under which its rule takes events for the same.';
COMMENT ON COLUMN public.notifications.locale IS 'Language in which it was written.';
COMMENT ON COLUMN public.notifications.template_version IS 'Version of the template that it was written from; null: not known.';

ALTER TABLE public.notification_attempts
  ADD COLUMN account  text    NOT NULL DEFAULT '',
  ADD COLUMN claim    bigint  NOT NULL DEFAULT 0,
  ADD COLUMN is_spent boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN public.notification_attempts.account IS 'Account of the provider, as in weir.delivery_queue.account.';
COMMENT ON COLUMN public.notification_attempts.claim IS 'Number of the claim that it was made under.';
COMMENT ON COLUMN public.notification_attempts.is_spent IS 'Whether it counts as a failed try; a try is given back when it was one of the failures that opened its account''s breaker.';
COMMENT ON COLUMN public.notification_attempts.finished_at IS 'When the call ended, also without an answer; null: it is under way, or its process died.';

ALTER TABLE weir.notification_keys
  ADD COLUMN organization_id    uuid,
  ADD COLUMN message_created_at timestamptz,
  ADD COLUMN cause              text NOT NULL DEFAULT '';
UPDATE weir.notification_keys k
   SET organization_id = n.organization_id, message_created_at = n.created_at
  FROM public.notifications n
 WHERE n.id = k.notification_id;
CREATE INDEX notification_keys_by_cause ON weir.notification_keys (hashtextextended(cause, 0)) WHERE cause <> '';
COMMENT ON COLUMN weir.notification_keys.organization_id IS 'Organization of the message; null: the message is gone.';
COMMENT ON COLUMN weir.notification_keys.message_created_at IS 'When the message was made, as in notifications.created_at, which names its partition; null: the message is gone.';
COMMENT ON COLUMN weir.notification_keys.cause IS 'What the message was made for, as in notifications.cause.';

-- Accounts that asked to wait are few among all buckets, and every claim asks for them.
CREATE INDEX rate_limit_buckets_paused ON weir.rate_limit_buckets (key) WHERE paused_until IS NOT NULL;

INSERT INTO weir.audit_exemptions VALUES
  ('weir.delivery_queue', 'state of weir notifications'),
  ('weir.notification_digests', 'state of weir notifications'),
  ('weir.rate_limits', 'changed by weir limits set, which writes weir.operator_actions');

GRANT SELECT, INSERT, UPDATE, DELETE ON weir.delivery_queue, weir.notification_digests TO weir_notifications;
GRANT SELECT ON weir.rate_limits TO weir_notifications;

-- weir limits, and weir notifications list, show, resend, cancel and why. An operator sees what becomes of a message, not what it says.
CREATE POLICY operator_all ON public.notifications TO weir_operator USING (true) WITH CHECK (true);
CREATE POLICY operator_read ON public.notification_attempts FOR SELECT TO weir_operator USING (true);
CREATE POLICY operator_read ON public.users FOR SELECT TO weir_operator USING (true);
GRANT SELECT (organization_id, created_at, id, user_id, rule_id, template_key, channel, destination, priority, status, status_changed_at, reason, due_at,
  expires_at, attempts, read_at, trace_id, updated_at, granted_at, destination_id, digest_id, cause, locale, template_version),
  UPDATE (status, status_changed_at, reason, due_at, expires_at, updated_at, granted_at) ON public.notifications TO weir_operator;
GRANT SELECT ON public.notification_attempts, weir.notification_keys, weir.rate_limit_buckets, weir.notification_digests TO weir_operator;
GRANT SELECT (id, organization_id) ON public.users TO weir_operator;
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.delivery_queue, weir.rate_limits TO weir_operator;
