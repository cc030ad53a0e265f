-- The audit trigger costs what its row costs, and little more: functions that set a search_path, each a change of a setting and back, are called
-- only where a request has claims or headers. What the triggers' own function sets holds below it too.

CREATE OR REPLACE FUNCTION weir.audit_append(organization uuid, changed_table text, record text, op text, fields text[], before jsonb, after jsonb)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  acting   CONSTANT text := coalesce(nullif(pg_catalog.current_setting('role'), 'none'), session_user);
  claims   jsonb;
  headers  jsonb;
  asking   uuid;
  asking_as text := acting;
  origin   inet := pg_catalog.inet_client_addr();
  program  text;
  appended bigint;
BEGIN
  -- Entered only where a request set them: what is called here costs more than the row.
  IF coalesce(pg_catalog.current_setting('request.jwt.claims', true), '') <> '' THEN
    claims := weir.json_or_null(pg_catalog.current_setting('request.jwt.claims'));
    asking := weir.uuid_or_null(claims ->> 'sub');
    asking_as := coalesce(claims ->> 'user_role', acting);
  END IF;
  IF coalesce(pg_catalog.current_setting('request.headers', true), '') <> '' THEN
    headers := weir.json_or_null(pg_catalog.current_setting('request.headers'));
    IF headers ->> 'x-forwarded-for' <> '' THEN
      origin := weir.inet_or_null(pg_catalog.btrim(pg_catalog.split_part(headers ->> 'x-forwarded-for', ',', 1)));
    END IF;
    program := pg_catalog."left"(headers ->> 'user-agent', 400);
  END IF;
  INSERT INTO public.audit_log (organization_id, table_name, record_id, operation, changed_fields, old_values, new_values, user_id, role,
                                database_role, ip_address, user_agent)
  VALUES (organization, changed_table, record, op, coalesce(fields, '{}'), before, after, asking, asking_as, acting, origin, program)
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
  appended bigint;
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
  appended := weir.audit_append((whole ->> CASE WHEN TG_RELID = 'public.organizations'::regclass THEN 'id' ELSE 'organization_id' END)::uuid,
    TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME,
    CASE WHEN cardinality(keys) = 1 THEN whole ->> keys[1] ELSE (SELECT jsonb_agg(whole -> k ORDER BY place)::text FROM unnest(keys) WITH ORDINALITY u (k, place)) END,
    TG_OP, fields, before, after);
  RETURN NULL;
END $$;
