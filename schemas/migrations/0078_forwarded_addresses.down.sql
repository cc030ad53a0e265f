-- Addresses and answers as they were.
CREATE OR REPLACE FUNCTION public.test_rls_policies(tenant_table regclass, user_id uuid, organization uuid, user_role text)
RETURNS TABLE (operation text, own_rows bigint, foreign_rows bigint, answer text) LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  tenant   CONSTANT text := CASE tenant_table WHEN 'public.organizations'::regclass THEN 'id' ELSE 'organization_id' END;
  claims   CONSTANT text := jsonb_build_object('sub', user_id, 'organization_id', organization, 'user_role', user_role, 'role', 'authenticated');
  before   CONSTANT text := coalesce(nullif(current_setting('role'), ''), 'none');
  counts   CONSTANT text := 'count(*) FILTER (WHERE t IS NOT DISTINCT FROM $1 OR t IS NULL), count(*) FILTER (WHERE t <> $1)';
  columns  text;
  settable text;
  query    text;
BEGIN
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE may_insert OR NOT any_insert),
         min(quote_ident(attname)) FILTER (WHERE may_update)
    INTO columns, settable
    FROM (SELECT attnum, attname, has_column_privilege('authenticated', tenant_table, attnum, 'INSERT') AS may_insert,
                 has_any_column_privilege('authenticated', tenant_table, 'INSERT') AS any_insert,
                 has_column_privilege('authenticated', tenant_table, attnum, 'UPDATE')
                    AND has_column_privilege('authenticated', tenant_table, attnum, 'SELECT') AS may_update
            FROM pg_catalog.pg_attribute WHERE attrelid = tenant_table AND attnum > 0 AND NOT attisdropped AND attgenerated = '') c;
  FOREACH operation IN ARRAY '{select,insert own,insert foreign,update,delete}'::text[] LOOP
    own_rows := 0; foreign_rows := 0; answer := 'done';
    query := CASE operation
      WHEN 'select' THEN format('SELECT %s FROM (SELECT %I AS t FROM %s) r', counts, tenant, tenant_table)
      WHEN 'update' THEN format('WITH r AS (UPDATE %s SET %2$s = %2$s RETURNING %3$I AS t) SELECT %4$s FROM r', tenant_table, coalesce(settable, tenant), tenant, counts)
      WHEN 'delete' THEN format('WITH r AS (DELETE FROM %s RETURNING %I AS t) SELECT %s FROM r', tenant_table, tenant, counts) END;
    BEGIN
      IF query IS NULL THEN
        -- A row that names the user is the likeliest to be let through.
        EXECUTE format('CREATE TEMP TABLE tried ON COMMIT DROP AS SELECT %s FROM %s r WHERE %I %s $1 ORDER BY strpos(r::text, $2) = 0, r::text LIMIT 1',
                       columns, tenant_table, tenant, CASE operation WHEN 'insert own' THEN '=' ELSE '<>' END) USING organization, user_id::text;
        GRANT SELECT ON pg_temp.tried TO authenticated;
        query := format('INSERT INTO %s (%s) SELECT %2$s FROM pg_temp.tried', tenant_table, columns);
      END IF;
      PERFORM set_config('request.jwt.claims', claims, true), set_config('role', 'authenticated', true);
      EXECUTE query INTO own_rows, foreign_rows USING organization;
      RAISE EXCEPTION USING ERRCODE = 'WRLS0';
    EXCEPTION
      WHEN SQLSTATE 'WRLS0' THEN NULL;
      WHEN unique_violation THEN answer := 'let through';
      WHEN OTHERS THEN answer := SQLERRM;
    END;
    PERFORM set_config('role', before, true);
    RETURN NEXT;
  END LOOP;
END $$;
COMMENT ON FUNCTION public.test_rls_policies(regclass, uuid, uuid, text) IS 'What a user with these claims could do to a table, for an operator: rows of the own and of other organizations that each operation would reach. Everything is tried and rolled back.';

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

DROP FUNCTION weir.forwarded_address(text);
