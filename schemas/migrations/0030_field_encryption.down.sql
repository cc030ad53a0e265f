-- Takes back what 0030_field_encryption.up.sql made; the form of sealed values is as 0010_foundations.up.sql left it.

DROP TRIGGER audit ON public.notification_destinations;
DROP TRIGGER audit_truncate ON public.notification_destinations;
ALTER TABLE public.notification_destinations DROP COLUMN address_hash;
SELECT weir.audit('public.notification_destinations');
DROP FUNCTION weir.key_of(jsonb);
DROP FUNCTION weir.key_of(bytea);
CREATE OR REPLACE FUNCTION weir.is_sealed(value bytea) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT octet_length(value) >= 48 AND substring(value FROM 1 FOR 3) = '\x776501'::bytea
$$;
CREATE OR REPLACE FUNCTION weir.is_sealed(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT jsonb_typeof(value) = 'object' AND value - 'sealed' = '{}'::jsonb AND jsonb_typeof(value -> 'sealed') = 'string'
     AND value ->> 'sealed' ~ '^d2UB[A-Za-z0-9+/]{60,}={0,2}$'
$$;
