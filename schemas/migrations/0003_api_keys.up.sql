-- Credentials of applications that publish over HTTP.
CREATE TABLE public.api_keys (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES public.organizations (id) ON DELETE CASCADE,
  name text NOT NULL DEFAULT '',
  key_prefix text NOT NULL,
  key_hash bytea NOT NULL CONSTRAINT api_keys_hash_unique UNIQUE CONSTRAINT api_keys_hash_is_sha256 CHECK (octet_length(key_hash) = 32),
  allowed_types text[] CONSTRAINT api_keys_types_not_empty CHECK (cardinality(allowed_types) > 0),
  events_per_hour bigint CONSTRAINT api_keys_rate_positive CHECK (events_per_hour > 0),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX api_keys_by_organization ON public.api_keys (organization_id);
CREATE INDEX api_keys_by_prefix ON public.api_keys (key_prefix);

COMMENT ON TABLE public.api_keys IS 'API keys of applications that publish events through the gateway. The key itself is not here: it is shown once, when it is made.';
COMMENT ON COLUMN public.api_keys.id IS 'Identity of the key, for revoking it and for logs.';
COMMENT ON COLUMN public.api_keys.organization_id IS 'The organization that every event published with this key belongs to.';
COMMENT ON COLUMN public.api_keys.name IS 'What the key is for, in the words of whoever made it.';
COMMENT ON COLUMN public.api_keys.key_prefix IS 'The first 12 characters of the key, by which a person recognizes it.';
COMMENT ON COLUMN public.api_keys.key_hash IS 'SHA-256 of the whole key; keys are 256 random bits, so there is nothing to guess from it.';
COMMENT ON COLUMN public.api_keys.allowed_types IS 'The event types that this key may publish; null: every type.';
COMMENT ON COLUMN public.api_keys.events_per_hour IS 'How many events this key may publish in an hour, for each gateway process; null: no limit.';
COMMENT ON COLUMN public.api_keys.created_at IS 'When the key was made.';
COMMENT ON COLUMN public.api_keys.expires_at IS 'From when on the key is refused; null: never.';
COMMENT ON COLUMN public.api_keys.revoked_at IS 'When the key was taken back; the gateway refuses it within 10 seconds of that. Null: in force.';
