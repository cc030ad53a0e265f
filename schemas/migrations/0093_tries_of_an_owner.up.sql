-- An owner of the tables who is no superuser can ask what a user could do, without being a member of authenticated.
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
  naming   jsonb;    -- the columns that name the organization or a user, with the values of the row that is made
  is_made  boolean;  -- the row that is inserted, since the table has none to copy
BEGIN
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE may_insert OR NOT any_insert),
         min(quote_ident(attname)) FILTER (WHERE may_update)
    INTO columns, settable
    FROM (SELECT attnum, attname, has_column_privilege('authenticated', tenant_table, attnum, 'INSERT') AS may_insert,
                 has_any_column_privilege('authenticated', tenant_table, 'INSERT') AS any_insert,
                 has_column_privilege('authenticated', tenant_table, attnum, 'UPDATE')
                    AND has_column_privilege('authenticated', tenant_table, attnum, 'SELECT') AS may_update
            FROM pg_catalog.pg_attribute WHERE attrelid = tenant_table AND attnum > 0 AND NOT attisdropped AND attgenerated = '') c;
  SELECT jsonb_object_agg(c.attname, CASE WHEN c.attname <> tenant THEN user_id END)
    INTO naming
    FROM pg_catalog.pg_attribute c
   WHERE c.attrelid = tenant_table AND c.attnum > 0 AND NOT c.attisdropped
     AND (has_column_privilege('authenticated', tenant_table, c.attnum, 'INSERT') OR NOT has_any_column_privilege('authenticated', tenant_table, 'INSERT'))
     AND (c.attname = tenant
          OR EXISTS (SELECT FROM pg_catalog.pg_constraint f WHERE f.conrelid = tenant_table AND f.contype = 'f'
                      AND f.confrelid = 'public.users'::regclass AND c.attnum = ANY (f.conkey)));
  FOREACH operation IN ARRAY '{select,insert own,insert foreign,update,delete}'::text[] LOOP
    own_rows := 0; foreign_rows := 0; answer := 'done'; is_made := false;
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
        EXECUTE 'SELECT count(*) = 0 FROM pg_temp.tried' INTO is_made;
        query := format('INSERT INTO %s (%s) SELECT %2$s FROM pg_temp.tried', tenant_table, columns);
        IF is_made AND naming IS NULL THEN
          query := format('INSERT INTO %s DEFAULT VALUES', tenant_table);
        ELSIF is_made THEN
          SELECT format('INSERT INTO %s (%s) VALUES (%s)', tenant_table, string_agg(quote_ident(key), ', ' ORDER BY key),
                        string_agg(quote_literal(coalesce(value, CASE operation WHEN 'insert own' THEN organization ELSE gen_random_uuid() END::text)), ', ' ORDER BY key))
            INTO query
            FROM jsonb_each_text(naming);
        END IF;
      END IF;
      PERFORM set_config('request.jwt.claims', claims, true);
      BEGIN
        PERFORM set_config('role', 'authenticated', true);
      EXCEPTION WHEN insufficient_privilege THEN
        -- The owner who made the role is no member of it, and may make itself one; that is rolled back with all else.
        GRANT authenticated TO CURRENT_USER;
        PERFORM set_config('role', 'authenticated', true);
      END;
      IF operation LIKE 'insert%' THEN
        EXECUTE query;
      ELSE
        EXECUTE query INTO own_rows, foreign_rows USING organization;
      END IF;
      RAISE EXCEPTION USING ERRCODE = 'WRLS0';
    EXCEPTION
      WHEN SQLSTATE 'WRLS0' THEN NULL;
      WHEN unique_violation THEN answer := 'let through';
      WHEN not_null_violation OR foreign_key_violation OR check_violation THEN
        -- A made row has nothing else, so that what it lacks says nothing; row security spoke before. A partition is looked for even before that.
        answer := CASE WHEN is_made AND SQLERRM NOT LIKE 'no partition of relation%' THEN 'let through' ELSE SQLERRM END;
      WHEN OTHERS THEN answer := SQLERRM;
    END;
    PERFORM set_config('role', before, true);
    RETURN NEXT;
  END LOOP;
END $$;
COMMENT ON FUNCTION public.test_rls_policies(regclass, uuid, uuid, text) IS 'What a user with these claims could do to a table, for an operator: rows of the own and of other organizations that each operation would reach. An insert copies a row that the caller sees; where there is none, a row is tried that names the organization and the user alone. Everything is tried and rolled back.';
