-- Tables of the pipeline that applications and operators write to: the outbox, signals to change data capture, and wrapped keys.

CREATE TABLE weir.outbox (
  id             uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  aggregate_type text        NOT NULL CHECK (aggregate_type ~ '^[a-z][a-z0-9_.]*$'),
  aggregate_id   text        NOT NULL CHECK (aggregate_id <> ''),
  type           text        NOT NULL CHECK (type <> ''),
  payload        jsonb       NOT NULL,
  headers        jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(headers) = 'object'),
  created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_by_age ON weir.outbox (created_at);
COMMENT ON TABLE weir.outbox IS 'Events that an application writes in its own transaction; weir cdc publishes them to weir.outbox.<aggregate type>.';
COMMENT ON COLUMN weir.outbox.id IS 'Id of the event.';
COMMENT ON COLUMN weir.outbox.aggregate_type IS 'Kind of thing that it is about: the last part of the topic''s name.';
COMMENT ON COLUMN weir.outbox.aggregate_id IS 'Which one: the record''s key.';
COMMENT ON COLUMN weir.outbox.type IS 'Type of the event.';
COMMENT ON COLUMN weir.outbox.payload IS 'What happened.';
COMMENT ON COLUMN weir.outbox.headers IS 'Headers of the record, by name.';
COMMENT ON COLUMN weir.outbox.created_at IS 'When the row was made.';

CREATE TABLE weir.cdc_signals (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind         text        NOT NULL CHECK (kind IN ('snapshot', 'stop_snapshot')),
  table_name   text        NOT NULL CHECK (table_name ~ '^[^.]+\.[^.]+$'),
  requested_by text        NOT NULL DEFAULT current_user,
  requested_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE weir.cdc_signals IS 'What an operator asks of weir cdc, for example to snapshot a table again; a row is a request.';
COMMENT ON COLUMN weir.cdc_signals.id IS 'Number of the request.';
COMMENT ON COLUMN weir.cdc_signals.kind IS 'snapshot or stop_snapshot.';
COMMENT ON COLUMN weir.cdc_signals.table_name IS 'Table, as schema.table.';
COMMENT ON COLUMN weir.cdc_signals.requested_by IS 'Who asked.';
COMMENT ON COLUMN weir.cdc_signals.requested_at IS 'When.';

CREATE TABLE weir.data_keys (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id         uuid,
  wrapped_key     bytea,
  wrapped_by      text        NOT NULL,
  status          text        NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'retiring', 'destroyed')),
  created_at      timestamptz NOT NULL DEFAULT now(),
  rotated_at      timestamptz,
  destroyed_at    timestamptz,
  CONSTRAINT data_keys_destroyed CHECK ((status = 'destroyed') = (wrapped_key IS NULL) AND (wrapped_key IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE UNIQUE INDEX data_keys_active ON weir.data_keys (organization_id, user_id) NULLS NOT DISTINCT WHERE status = 'active';
COMMENT ON TABLE weir.data_keys IS 'Data keys, each wrapped by the key above it: an organization''s by the master key, a user''s by the organization''s.';
COMMENT ON COLUMN weir.data_keys.id IS 'Id of the key, as it stands in every value that it seals.';
COMMENT ON COLUMN weir.data_keys.organization_id IS 'Organization.';
COMMENT ON COLUMN weir.data_keys.user_id IS 'User whose values it seals; null: the organization''s own.';
COMMENT ON COLUMN weir.data_keys.wrapped_key IS 'The key, wrapped; null once destroyed, and with it all that it sealed.';
COMMENT ON COLUMN weir.data_keys.wrapped_by IS 'Name of the master key, or id of the organization''s key.';
COMMENT ON COLUMN weir.data_keys.status IS 'active (seals and opens), retiring (opens while values are sealed anew) or destroyed.';
COMMENT ON COLUMN weir.data_keys.created_at IS 'When it was made.';
COMMENT ON COLUMN weir.data_keys.rotated_at IS 'When another took its place; null: not.';
COMMENT ON COLUMN weir.data_keys.destroyed_at IS 'When it was destroyed; null: not.';
