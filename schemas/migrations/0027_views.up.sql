-- What roles see of rows that they may not read: conversations without messages for admins, groups for professionals, masked persons for
-- analysts. Views are security_invoker, so they open nothing by themselves; the functions below them read as weir_reader and name who may.

GRANT SELECT ON public.chat_sessions, public.assessment_scores, public.assessments TO weir_reader;

CREATE FUNCTION weir.chat_sessions_overview() RETURNS TABLE (id uuid, organization_id uuid, user_id uuid, title text, message_count integer,
  created_at timestamptz, updated_at timestamptz, deleted_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT id, organization_id, user_id, title, jsonb_array_length(messages), created_at, updated_at, deleted_at FROM public.chat_sessions
   WHERE organization_id = public.get_user_organization() AND public.is_admin()
$$;
CREATE FUNCTION weir.professional_group_scores() RETURNS TABLE (instrument text, dimension text, clients bigint, mean_score double precision,
  sd_score double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT instrument, dimension, count(*), avg(raw_score), stddev_samp(raw_score) FROM (
    SELECT DISTINCT ON (s.user_id, a.key, s.dimension) a.key AS instrument, s.dimension, s.raw_score
      FROM public.assessment_scores s JOIN public.assessments a ON a.id = s.assessment_id
     WHERE s.organization_id = public.get_user_organization() AND s.raw_score IS NOT NULL
       AND s.user_id IN (SELECT p.client_id FROM public.professional_clients p
                           JOIN public.live_consents c ON c.organization_id = p.organization_id AND c.user_id = p.client_id AND c.scope = 'assessments'
                          WHERE p.organization_id = public.get_user_organization() AND p.professional_id = weir.current_professional()
                            AND p.started_at <= now() AND (p.ended_at IS NULL OR p.ended_at > now()))
     ORDER BY s.user_id, a.key, s.dimension, s.created_at DESC) newest
   GROUP BY instrument, dimension HAVING count(*) >= 5
$$;
CREATE FUNCTION weir.users_masked() RETURNS TABLE (person text, organization_id uuid, role text, email text, birth_decade integer, time_zone text,
  locale text, created_at timestamptz, deleted_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT left(encode(sha256(convert_to(organization_id::text || id::text, 'UTF8')), 'hex'), 16), organization_id, role,
         '…@' || split_part(email, '@', 2), birth_year / 10 * 10, time_zone, locale, date_trunc('day', created_at), date_trunc('day', deleted_at)
    FROM public.users WHERE organization_id = weir.analyst_organization()
$$;
COMMENT ON FUNCTION weir.chat_sessions_overview() IS 'Conversations of the admin''s organization, without messages and context.';
COMMENT ON FUNCTION weir.professional_group_scores() IS 'Means over the newest scores of at least 5 of the professional''s clients who consent to assessments.';
COMMENT ON FUNCTION weir.users_masked() IS 'People of the analyst''s organization, without what tells who they are.';
ALTER FUNCTION weir.chat_sessions_overview() OWNER TO weir_reader;
ALTER FUNCTION weir.professional_group_scores() OWNER TO weir_reader;
ALTER FUNCTION weir.users_masked() OWNER TO weir_reader;
REVOKE ALL ON FUNCTION weir.chat_sessions_overview(), weir.professional_group_scores(), weir.users_masked() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION weir.chat_sessions_overview(), weir.professional_group_scores() TO authenticated;
GRANT EXECUTE ON FUNCTION weir.users_masked() TO analyst;

CREATE VIEW public.chat_sessions_overview WITH (security_invoker = true) AS SELECT * FROM weir.chat_sessions_overview();
COMMENT ON VIEW public.chat_sessions_overview IS 'For admins: the conversations of the organization, without what was said.';
COMMENT ON COLUMN public.chat_sessions_overview.id IS 'Id of the conversation.';
COMMENT ON COLUMN public.chat_sessions_overview.organization_id IS 'Organization.';
COMMENT ON COLUMN public.chat_sessions_overview.user_id IS 'User whose it is.';
COMMENT ON COLUMN public.chat_sessions_overview.title IS 'Name for people.';
COMMENT ON COLUMN public.chat_sessions_overview.message_count IS 'Number of messages.';
COMMENT ON COLUMN public.chat_sessions_overview.created_at IS 'When it began.';
COMMENT ON COLUMN public.chat_sessions_overview.updated_at IS 'When it last changed.';
COMMENT ON COLUMN public.chat_sessions_overview.deleted_at IS 'When it was deleted softly; null while it lives.';

CREATE VIEW public.professional_group_scores WITH (security_invoker = true) AS SELECT * FROM weir.professional_group_scores();
COMMENT ON VIEW public.professional_group_scores IS 'For verified professionals: their clients as a group, never fewer than five together.';
COMMENT ON COLUMN public.professional_group_scores.instrument IS 'Instrument, as in assessments.key.';
COMMENT ON COLUMN public.professional_group_scores.dimension IS 'Dimension.';
COMMENT ON COLUMN public.professional_group_scores.clients IS 'Number of clients, at least 5.';
COMMENT ON COLUMN public.professional_group_scores.mean_score IS 'Mean of their newest raw scores, 0 to 100.';
COMMENT ON COLUMN public.professional_group_scores.sd_score IS 'Standard deviation of these.';

CREATE VIEW public.users_masked WITH (security_invoker = true) AS SELECT * FROM weir.users_masked();
COMMENT ON VIEW public.users_masked IS 'For analysts: people of the organization, without what tells who they are.';
COMMENT ON COLUMN public.users_masked.person IS 'Stands for the person, the same everywhere, and cannot be turned back.';
COMMENT ON COLUMN public.users_masked.organization_id IS 'Organization.';
COMMENT ON COLUMN public.users_masked.role IS 'student, teacher, admin or professional.';
COMMENT ON COLUMN public.users_masked.email IS 'The domain of the address.';
COMMENT ON COLUMN public.users_masked.birth_decade IS 'First year of the decade of birth; null where unknown.';
COMMENT ON COLUMN public.users_masked.time_zone IS 'Time zone by its IANA name.';
COMMENT ON COLUMN public.users_masked.locale IS 'Language tag.';
COMMENT ON COLUMN public.users_masked.created_at IS 'Day on which the account was made.';
COMMENT ON COLUMN public.users_masked.deleted_at IS 'Day on which it was deleted; null while it lives.';
GRANT SELECT ON public.chat_sessions_overview, public.professional_group_scores TO authenticated;
GRANT SELECT ON public.users_masked TO analyst;

-- An operator's question: what could this user do to that table? Tried for real under the user's claims, and rolled back each time. An
-- insert is a copy of a row that is there: row security speaks before the primary key does, so a duplicate key means that it was let through.
CREATE FUNCTION public.test_rls_policies(tenant_table regclass, user_id uuid, organization uuid, user_role text)
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
REVOKE ALL ON FUNCTION public.test_rls_policies(regclass, uuid, uuid, text) FROM PUBLIC;
