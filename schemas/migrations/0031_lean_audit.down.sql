-- The functions as 0028_audit.up.sql made them.

CREATE OR REPLACE FUNCTION weir.audit_append(organization uuid, changed_table text, record text, op text, fields text[], before jsonb, after jsonb)
RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  acting  CONSTANT text := coalesce(nullif(current_setting('role'), 'none'), session_user);
  claims  jsonb;
  headers jsonb;
  appended bigint;
BEGIN
  -- Entered only where a request set them: the exception blocks within cost a subtransaction.
  IF coalesce(current_setting('request.jwt.claims', true), '') <> '' THEN
    claims := weir.json_or_null(current_setting('request.jwt.claims'));
  END IF;
  IF coalesce(current_setting('request.headers', true), '') <> '' THEN
    headers := weir.json_or_null(current_setting('request.headers'));
  END IF;
  INSERT INTO public.audit_log (organization_id, table_name, record_id, operation, changed_fields, old_values, new_values, user_id, role,
                                database_role, ip_address, user_agent)
  VALUES (organization, changed_table, record, op, coalesce(fields, '{}'), before, after, weir.uuid_or_null(claims ->> 'sub'),
          coalesce(claims ->> 'user_role', acting), acting,
          CASE WHEN headers ->> 'x-forwarded-for' <> '' THEN weir.inet_or_null(btrim(split_part(headers ->> 'x-forwarded-for', ',', 1)))
               ELSE inet_client_addr() END,
          left(headers ->> 'user-agent', 400))
  RETURNING id INTO appended;
  RETURN appended;
END $$;

CREATE OR REPLACE FUNCTION weir.audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  keys   CONSTANT text[] := TG_ARGV[0]::text[];
  hidden CONSTANT text[] := TG_ARGV[1]::text[];
  before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  after  jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  whole  CONSTANT jsonb := coalesce(after, before);
  fields text[];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT array_agg(n.key ORDER BY n.key), jsonb_object_agg(n.key, before -> n.key) FILTER (WHERE n.key <> ALL (hidden)),
           jsonb_object_agg(n.key, n.value) FILTER (WHERE n.key <> ALL (hidden))
      INTO fields, before, after
      FROM jsonb_each(after) n WHERE n.value IS DISTINCT FROM before -> n.key;
    IF fields IS NULL THEN RETURN NULL; END IF;
  ELSE
    IF TG_OP = 'INSERT' THEN
      SELECT array_agg(n.key ORDER BY n.key) INTO fields FROM jsonb_each(after) n WHERE n.value <> 'null';
    END IF;
    before := before - hidden;
    after := after - hidden;
  END IF;
  PERFORM weir.audit_append((whole ->> CASE WHEN TG_RELID = 'public.organizations'::regclass THEN 'id' ELSE 'organization_id' END)::uuid,
    TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME,
    CASE WHEN cardinality(keys) = 1 THEN whole ->> keys[1] ELSE (SELECT jsonb_agg(whole -> k ORDER BY place)::text FROM unnest(keys) WITH ORDINALITY u (k, place)) END,
    TG_OP, fields, before, after);
  RETURN NULL;
END $$;
