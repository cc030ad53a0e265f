-- Notifications: templates and rules as data, what users want, where they are reached, and the ledger of messages and attempts.

CREATE TABLE public.notification_templates (
  id               uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id  uuid        REFERENCES public.organizations (id) ON DELETE RESTRICT,
  key              text        NOT NULL CHECK (key ~ '^[a-z][a-z0-9_.]*$'),
  channel          text        NOT NULL CHECK (channel IN ('pusher', 'email', 'push', 'slack', 'webhook', 'in_app', 'dashboard')),
  locale           text        NOT NULL DEFAULT 'en' CHECK (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  template_version integer     NOT NULL DEFAULT 1 CHECK (template_version > 0),
  subject          text        NOT NULL DEFAULT '',
  body             text        NOT NULL,
  variables        jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(variables) = 'object'),
  on_in_doubt      text        NOT NULL DEFAULT 'resend' CHECK (on_in_doubt IN ('resend', 'hold')),
  ttl_seconds      integer     NOT NULL DEFAULT 86400 CHECK (ttl_seconds > 0),
  is_active        boolean     NOT NULL DEFAULT true,
  created_at       timestamptz NOT NULL DEFAULT now(),
  updated_at       timestamptz NOT NULL DEFAULT now(),
  UNIQUE NULLS NOT DISTINCT (organization_id, key, channel, locale, template_version)
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.notification_templates FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.notification_templates IS 'Texts of messages by channel and language; each version a row.';
COMMENT ON COLUMN public.notification_templates.id IS 'Id of the row.';
COMMENT ON COLUMN public.notification_templates.organization_id IS 'Organization that the row belongs to; null: part of the library that every organization reads.';
COMMENT ON COLUMN public.notification_templates.key IS 'Name of the template, for example task.completed.';
COMMENT ON COLUMN public.notification_templates.channel IS 'Channel.';
COMMENT ON COLUMN public.notification_templates.locale IS 'Language tag.';
COMMENT ON COLUMN public.notification_templates.template_version IS 'Version; the highest active one is used.';
COMMENT ON COLUMN public.notification_templates.subject IS 'Subject or title.';
COMMENT ON COLUMN public.notification_templates.body IS 'Body.';
COMMENT ON COLUMN public.notification_templates.variables IS 'JSON Schema of the variables that it uses.';
COMMENT ON COLUMN public.notification_templates.on_in_doubt IS 'What becomes of a message whose sending has no answer.';
COMMENT ON COLUMN public.notification_templates.ttl_seconds IS 'Time to live of a message, in seconds.';
COMMENT ON COLUMN public.notification_templates.is_active IS 'Whether it is used.';
COMMENT ON COLUMN public.notification_templates.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.notification_templates.updated_at IS 'When the row last changed.';

CREATE TABLE public.notification_rules (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        REFERENCES public.organizations (id) ON DELETE RESTRICT,
  name            text        NOT NULL CHECK (name <> ''),
  source_topic    text        NOT NULL CHECK (source_topic <> ''),
  condition       jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(condition) = 'object'),
  template_key    text        NOT NULL,
  audience        text        NOT NULL CHECK (audience IN ('user', 'followers', 'admins', 'organization')),
  channels        text[]      NOT NULL CHECK (cardinality(channels) > 0),
  priority        text        NOT NULL DEFAULT 'normal' CHECK (priority IN ('low', 'normal', 'high', 'critical')),
  is_active       boolean     NOT NULL DEFAULT true,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  version         bigint      NOT NULL DEFAULT 1
);
CREATE INDEX notification_rules_by_topic ON public.notification_rules (organization_id, source_topic);
CREATE INDEX notification_rules_condition ON public.notification_rules USING gin (condition jsonb_path_ops);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.notification_rules FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.notification_rules FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.notification_rules IS 'Which event makes which message, for whom and over which channels.';
COMMENT ON COLUMN public.notification_rules.id IS 'Id of the row.';
COMMENT ON COLUMN public.notification_rules.organization_id IS 'Organization that the row belongs to; null: part of the library that every organization reads.';
COMMENT ON COLUMN public.notification_rules.name IS 'Name for people.';
COMMENT ON COLUMN public.notification_rules.source_topic IS 'Topic of the events.';
COMMENT ON COLUMN public.notification_rules.condition IS 'When it matches.';
COMMENT ON COLUMN public.notification_rules.template_key IS 'Template, as in notification_templates.key.';
COMMENT ON COLUMN public.notification_rules.audience IS 'The row''s user, followers of its subject, admins, or a room of the organization.';
COMMENT ON COLUMN public.notification_rules.channels IS 'Channels, in order of preference.';
COMMENT ON COLUMN public.notification_rules.priority IS 'low, normal, high or critical.';
COMMENT ON COLUMN public.notification_rules.is_active IS 'Whether it is used.';
COMMENT ON COLUMN public.notification_rules.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.notification_rules.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.notification_rules.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.notification_preferences (
  organization_id  uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id          uuid        NOT NULL,
  template_group   text        NOT NULL DEFAULT '',
  channel          text        NOT NULL DEFAULT '' CHECK (channel IN ('', 'pusher', 'email', 'push', 'slack', 'webhook', 'in_app', 'dashboard')),
  is_enabled       boolean     NOT NULL DEFAULT true,
  quiet_from       time,
  quiet_until      time,
  digest_minutes   integer     CHECK (digest_minutes BETWEEN 1 AND 10080),
  unsubscribe_hash bytea       UNIQUE CHECK (octet_length(unsubscribe_hash) = 32),
  created_at       timestamptz NOT NULL DEFAULT now(),
  updated_at       timestamptz NOT NULL DEFAULT now(),
  version          bigint      NOT NULL DEFAULT 1,
  PRIMARY KEY (organization_id, user_id, template_group, channel),
  CONSTRAINT notification_preferences_quiet CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.notification_preferences FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.notification_preferences FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.notification_preferences IS 'What each user wants, by group of templates and channel.';
COMMENT ON COLUMN public.notification_preferences.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.notification_preferences.user_id IS 'User.';
COMMENT ON COLUMN public.notification_preferences.template_group IS 'Group of templates, for example task; empty: all.';
COMMENT ON COLUMN public.notification_preferences.channel IS 'Channel; empty: all.';
COMMENT ON COLUMN public.notification_preferences.is_enabled IS 'Whether such messages are wanted.';
COMMENT ON COLUMN public.notification_preferences.quiet_from IS 'Start of the quiet hours in the user''s time zone; null: none.';
COMMENT ON COLUMN public.notification_preferences.quiet_until IS 'End of the quiet hours.';
COMMENT ON COLUMN public.notification_preferences.digest_minutes IS 'Low-priority messages are gathered and sent every so many minutes; null: at once.';
COMMENT ON COLUMN public.notification_preferences.unsubscribe_hash IS 'SHA-256 of the token for unsubscribing with one click.';
COMMENT ON COLUMN public.notification_preferences.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.notification_preferences.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.notification_preferences.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.notification_subscriptions (
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id         uuid        NOT NULL,
  subject_type    text        NOT NULL CHECK (subject_type IN ('agent', 'project', 'organization', 'user')),
  subject_id      uuid        NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, user_id, subject_type, subject_id),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX notification_subscriptions_by_subject ON public.notification_subscriptions (organization_id, subject_type, subject_id);
COMMENT ON TABLE public.notification_subscriptions IS 'Who follows what.';
COMMENT ON COLUMN public.notification_subscriptions.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.notification_subscriptions.user_id IS 'Follower.';
COMMENT ON COLUMN public.notification_subscriptions.subject_type IS 'Kind of subject.';
COMMENT ON COLUMN public.notification_subscriptions.subject_id IS 'Subject.';
COMMENT ON COLUMN public.notification_subscriptions.created_at IS 'When the row was made.';

CREATE TABLE public.notification_destinations (
  id                uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id   uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id           uuid,
  channel           text        NOT NULL CHECK (channel IN ('pusher', 'email', 'push', 'slack', 'webhook')),
  address_encrypted bytea       NOT NULL CHECK (weir.is_sealed(address_encrypted)),
  secret_encrypted  bytea       CHECK (weir.is_sealed(secret_encrypted)),
  verified_at       timestamptz,
  disabled_at       timestamptz,
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now(),
  version           bigint      NOT NULL DEFAULT 1,
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX notification_destinations_by_user ON public.notification_destinations (organization_id, user_id, channel);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.notification_destinations FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.notification_destinations FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.notification_destinations IS 'Where users and rooms are reached; addresses and secrets are encrypted before they come here.';
COMMENT ON COLUMN public.notification_destinations.id IS 'Id of the row.';
COMMENT ON COLUMN public.notification_destinations.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.notification_destinations.user_id IS 'User; null: a room of the organization.';
COMMENT ON COLUMN public.notification_destinations.channel IS 'Channel.';
COMMENT ON COLUMN public.notification_destinations.address_encrypted IS 'Address, device token or URL, sealed with the user''s or the organization''s key.';
COMMENT ON COLUMN public.notification_destinations.secret_encrypted IS 'Signing secret of a webhook, sealed likewise; null where it has none.';
COMMENT ON COLUMN public.notification_destinations.verified_at IS 'When the address was verified; null: not yet.';
COMMENT ON COLUMN public.notification_destinations.disabled_at IS 'When the provider said that it is gone; null: in use.';
COMMENT ON COLUMN public.notification_destinations.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.notification_destinations.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.notification_destinations.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

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
INSERT INTO weir.partitioned_tables VALUES ('public', 'notifications', 'month', '(fillfactor = 80)');
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

CREATE TABLE public.notification_attempts (
  organization_id     uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  started_at          timestamptz      NOT NULL DEFAULT now(),
  notification_id     uuid             NOT NULL,
  attempt             integer          NOT NULL CHECK (attempt > 0),
  provider            text             NOT NULL,
  outcome             text             NOT NULL DEFAULT 'unknown' CHECK (outcome IN ('unknown', 'accepted', 'refused', 'failed')),
  status_code         integer,
  latency_ms          double precision CHECK (latency_ms >= 0),
  error               text             NOT NULL DEFAULT '',
  provider_message_id text             NOT NULL DEFAULT '',
  finished_at         timestamptz,
  PRIMARY KEY (organization_id, started_at, notification_id, attempt)
) PARTITION BY RANGE (started_at);
CREATE TABLE public.notification_attempts_default PARTITION OF public.notification_attempts DEFAULT;
INSERT INTO weir.partitioned_tables VALUES ('public', 'notification_attempts', 'month', '(fillfactor = 80)');
CREATE INDEX notification_attempts_by_notification ON public.notification_attempts (organization_id, notification_id, attempt);
CREATE INDEX notification_attempts_by_provider_id ON public.notification_attempts (provider, provider_message_id) WHERE provider_message_id <> '';
COMMENT ON TABLE public.notification_attempts IS 'One row a try to deliver a message, committed before the call.';
COMMENT ON COLUMN public.notification_attempts.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.notification_attempts.started_at IS 'When the call was about to begin.';
COMMENT ON COLUMN public.notification_attempts.notification_id IS 'Message, as in notifications.id.';
COMMENT ON COLUMN public.notification_attempts.attempt IS 'Number of the try.';
COMMENT ON COLUMN public.notification_attempts.provider IS 'Provider that was called.';
COMMENT ON COLUMN public.notification_attempts.outcome IS 'unknown until the answer is kept; then accepted, refused (for good) or failed.';
COMMENT ON COLUMN public.notification_attempts.status_code IS 'Status of the answer; null without one.';
COMMENT ON COLUMN public.notification_attempts.latency_ms IS 'Time of the call, in milliseconds.';
COMMENT ON COLUMN public.notification_attempts.error IS 'What went wrong, without addresses.';
COMMENT ON COLUMN public.notification_attempts.provider_message_id IS 'The provider''s id of the message, by which its callbacks name it.';
COMMENT ON COLUMN public.notification_attempts.finished_at IS 'When the answer was kept; null: not yet.';

CREATE TABLE weir.notification_keys (
  notification_id uuid        PRIMARY KEY,
  created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX notification_keys_by_age ON weir.notification_keys (created_at);
COMMENT ON TABLE weir.notification_keys IS 'Ids of messages of the last 35 days: what makes a message unique, since its table is partitioned by month.';
COMMENT ON COLUMN weir.notification_keys.notification_id IS 'Id of the message.';
COMMENT ON COLUMN weir.notification_keys.created_at IS 'When the row was made.';

CREATE TABLE weir.rate_limit_buckets (
  key                     text        PRIMARY KEY,
  tokens_micro            bigint      NOT NULL,
  refilled_at             timestamptz NOT NULL,
  capacity_micro          bigint      NOT NULL CHECK (capacity_micro > 0),
  refill_micro_per_second bigint      NOT NULL CHECK (refill_micro_per_second > 0),
  paused_until            timestamptz
) WITH (fillfactor = 50);
COMMENT ON TABLE weir.rate_limit_buckets IS 'Token buckets, in integers: whoever is limited waits for a token here, over all instances together.';
COMMENT ON COLUMN weir.rate_limit_buckets.key IS 'What is limited, for example user:<organization>:<user>:minute.';
COMMENT ON COLUMN weir.rate_limit_buckets.tokens_micro IS 'Tokens in millionths; below 0 while critical messages overdraw.';
COMMENT ON COLUMN weir.rate_limit_buckets.refilled_at IS 'Up to when refill is counted.';
COMMENT ON COLUMN weir.rate_limit_buckets.capacity_micro IS 'Size of the bucket, in millionths.';
COMMENT ON COLUMN weir.rate_limit_buckets.refill_micro_per_second IS 'Refill, in millionths a second.';
COMMENT ON COLUMN weir.rate_limit_buckets.paused_until IS 'Until when a provider asked to wait (Retry-After); null: not.';
