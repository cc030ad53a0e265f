-- Sealed values: the form in full, the key that each names, and a blind index of e-mail addresses. docs/encryption.md is the reference.

-- As 0010 made them, with the algorithm: 0x01 is AES-256-GCM, and there is no other.
CREATE OR REPLACE FUNCTION weir.is_sealed(value bytea) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT octet_length(value) >= 48 AND substring(value FROM 1 FOR 4) = '\x77650101'::bytea
$$;
-- Base64 is of whole groups, or decoding it would be an error where it is read.
CREATE OR REPLACE FUNCTION weir.is_sealed(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT jsonb_typeof(value) = 'object' AND value - 'sealed' = '{}'::jsonb AND jsonb_typeof(value -> 'sealed') = 'string'
     AND value ->> 'sealed' ~ '^d2UBA[Q-Za-f][A-Za-z0-9+/]{58,}={0,2}$' AND length(value ->> 'sealed') % 4 = 0
$$;

CREATE FUNCTION weir.key_of(value bytea) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT encode(substring(value FROM 5 FOR 16), 'hex')::uuid
$$;
CREATE FUNCTION weir.key_of(value jsonb) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT encode(substring(decode(value ->> 'sealed', 'base64') FROM 5 FOR 16), 'hex')::uuid
$$;
COMMENT ON FUNCTION weir.key_of(bytea) IS 'The key (weir.data_keys.id) that a sealed value names.';
COMMENT ON FUNCTION weir.key_of(jsonb) IS 'The key (weir.data_keys.id) that a sealed value in JSON names.';

ALTER TABLE public.notification_destinations ADD COLUMN address_hash bytea CHECK (octet_length(address_hash) = 32);
CREATE INDEX notification_destinations_by_address ON public.notification_destinations (organization_id, address_hash) WHERE address_hash IS NOT NULL;
GRANT INSERT (address_hash), UPDATE (address_hash) ON public.notification_destinations TO authenticated;
COMMENT ON COLUMN public.notification_destinations.address_hash IS 'Blind index of an e-mail address under the organization''s key: equal addresses are found by it; null: none.';
-- The new column is a hash: the audit log must not hold it.
DROP TRIGGER audit ON public.notification_destinations;
DROP TRIGGER audit_truncate ON public.notification_destinations;
SELECT weir.audit('public.notification_destinations');
