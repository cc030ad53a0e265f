-- Who is asking, and what follows from it: the functions that policies stand on, and those that put a table under them.
-- Identity is the transaction's request.jwt.claims, as PostgREST and others set it after they verified the token. Whoever may run any SQL
-- as authenticated may set it too: only the API may. Claims that are missing or unreadable are nobody's: no rows, no error.
-- A policy calls a function as (SELECT f()), once a statement; called bare it would run once a row.

-- An exception block opens a subtransaction, which a parallel plan cannot: hence PARALLEL UNSAFE here and above it.
CREATE FUNCTION public.request_claim(name text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = '' AS $$
BEGIN
  -- A setting that was ever set in the session is '' after COMMIT, not null.
  RETURN nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::pg_catalog.jsonb ->> name;
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END $$;
CREATE FUNCTION weir.uuid_or_null(value text) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT CASE WHEN value ~ '^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$' THEN value::uuid END
$$;
CREATE FUNCTION public.current_user_id() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT weir.uuid_or_null(public.request_claim('sub'))
$$;
CREATE FUNCTION public.get_user_organization() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT weir.uuid_or_null(public.request_claim('organization_id'))
$$;
CREATE FUNCTION public.has_role(role text) RETURNS boolean LANGUAGE sql STABLE SET search_path = '' AS $$
  SELECT coalesce(public.request_claim('user_role') = role, false)
$$;
CREATE FUNCTION public.is_admin() RETURNS boolean LANGUAGE sql STABLE SET search_path = '' AS $$ SELECT public.has_role('admin') $$;
CREATE FUNCTION public.is_teacher() RETURNS boolean LANGUAGE sql STABLE SET search_path = '' AS $$ SELECT public.has_role('teacher') $$;
CREATE FUNCTION public.is_student() RETURNS boolean LANGUAGE sql STABLE SET search_path = '' AS $$ SELECT public.has_role('student') $$;
CREATE FUNCTION public.is_professional() RETURNS boolean LANGUAGE sql STABLE SET search_path = '' AS $$ SELECT public.has_role('professional') $$;
CREATE FUNCTION public.in_user_organization(organization uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = '' AS $$
  SELECT coalesce(organization = public.get_user_organization(), false)
$$;
COMMENT ON FUNCTION public.request_claim(text) IS 'A claim of the request''s token; null where it, or the whole token, is missing or unreadable.';
COMMENT ON FUNCTION weir.uuid_or_null(text) IS 'The uuid that a text holds; null where it holds none.';
COMMENT ON FUNCTION public.current_user_id() IS 'The user who asks: claim sub.';
COMMENT ON FUNCTION public.get_user_organization() IS 'The organization of the user who asks: claim organization_id.';
COMMENT ON FUNCTION public.has_role(text) IS 'Whether the user who asks has a role of the application: claim user_role.';
COMMENT ON FUNCTION public.is_admin() IS 'Whether the user who asks is an admin.';
COMMENT ON FUNCTION public.is_teacher() IS 'Whether the user who asks is a teacher.';
COMMENT ON FUNCTION public.is_student() IS 'Whether the user who asks is a student.';
COMMENT ON FUNCTION public.is_professional() IS 'Whether the user who asks is a professional.';
COMMENT ON FUNCTION public.in_user_organization(uuid) IS 'Whether an organization is that of the user who asks.';

CREATE VIEW public.live_consents WITH (security_invoker = true) AS
  SELECT c.organization_id, c.user_id, c.scope, c.professional_id
    FROM public.consents c JOIN public.users u ON u.organization_id = c.organization_id AND u.id = c.user_id
   WHERE c.granted_at <= now() AND (c.withdrawn_at IS NULL OR c.withdrawn_at > now()) AND (c.expires_at IS NULL OR c.expires_at > now())
     AND (NOT u.requires_parental_consent OR u.parental_consent_at <= now()) AND u.deleted_at IS NULL;
COMMENT ON VIEW public.live_consents IS 'Consents that hold now: granted, not withdrawn, not expired, and for children with their parents'' consent.';
COMMENT ON COLUMN public.live_consents.organization_id IS 'Organization.';
COMMENT ON COLUMN public.live_consents.user_id IS 'Who consented.';
COMMENT ON COLUMN public.live_consents.scope IS 'To what; see consents.scope.';
COMMENT ON COLUMN public.live_consents.professional_id IS 'For scope professional: to whom; null: to each of the user''s professionals.';

-- What the user who asks may reach over other tables, each one array a statement. They read as weir_reader, past row security, and give
-- ids of the user's own organization only.
GRANT SELECT ON public.users, public.consents, public.live_consents, public.professionals, public.professional_clients,
  public.teacher_students, public.projects, public.project_members, public.file_shares, public.agent_executions, weir.analysts TO weir_reader;

CREATE FUNCTION weir.analyst_organization() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = '' AS $$
  SELECT organization_id FROM weir.analysts WHERE login = session_user
$$;
CREATE FUNCTION weir.has_consented(wanted text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM public.live_consents
                  WHERE organization_id = public.get_user_organization() AND user_id = public.current_user_id() AND scope = wanted)
$$;
CREATE FUNCTION weir.my_students(wanted text) RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT coalesce(array_agg(DISTINCT t.student_id), '{}') FROM public.teacher_students t
    JOIN public.live_consents c ON c.organization_id = t.organization_id AND c.user_id = t.student_id AND c.scope = wanted
   WHERE t.organization_id = public.get_user_organization() AND t.teacher_id = public.current_user_id() AND public.is_teacher()
     AND t.started_at <= now() AND (t.ended_at IS NULL OR t.ended_at > now())
$$;
CREATE FUNCTION weir.current_professional() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT id FROM public.professionals
   WHERE organization_id = public.get_user_organization() AND user_id = public.current_user_id() AND public.is_professional()
     AND verified_at <= now() AND background_checked_at <= now() AND deleted_at IS NULL
     AND (licence_expires_on IS NULL OR licence_expires_on >= current_date)
$$;
CREATE FUNCTION weir.my_clients() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT coalesce(array_agg(DISTINCT p.client_id), '{}') FROM public.professional_clients p
    JOIN public.live_consents c ON c.organization_id = p.organization_id AND c.user_id = p.client_id AND c.scope = 'professional'
                                AND (c.professional_id IS NULL OR c.professional_id = p.professional_id)
   WHERE p.organization_id = public.get_user_organization() AND p.professional_id = weir.current_professional()
     AND p.started_at <= now() AND (p.ended_at IS NULL OR p.ended_at > now())
$$;
CREATE FUNCTION weir.my_projects(roles text[]) RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT coalesce(array_agg(id), '{}') FROM (
    SELECT id FROM public.projects
     WHERE organization_id = public.get_user_organization() AND owner_id = public.current_user_id() AND 'owner' = ANY (roles)
    UNION SELECT project_id FROM public.project_members
     WHERE organization_id = public.get_user_organization() AND user_id = public.current_user_id() AND role = ANY (roles)) mine
$$;
CREATE FUNCTION weir.my_agents() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT coalesce(array_agg(DISTINCT agent_id), '{}') FROM public.agent_executions
   WHERE organization_id = public.get_user_organization() AND user_id = public.current_user_id()
$$;
CREATE FUNCTION weir.files_shared_with_me() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT coalesce(array_agg(file_id), '{}') FROM public.file_shares
   WHERE organization_id = public.get_user_organization() AND shared_with = public.current_user_id()
     AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
$$;
COMMENT ON FUNCTION weir.analyst_organization() IS 'The organization of the analyst who logged in; whatever the session sets changes nothing.';
COMMENT ON FUNCTION weir.has_consented(text) IS 'Whether the user who asks consents to a scope now.';
COMMENT ON FUNCTION weir.my_students(text) IS 'Students whom the user who asks teaches now, and who consent to a scope now.';
COMMENT ON FUNCTION weir.current_professional() IS 'The professional who asks: verified, checked and licensed today; else null.';
COMMENT ON FUNCTION weir.my_clients() IS 'Clients of the professional who asks, who consent to it now.';
COMMENT ON FUNCTION weir.my_projects(text[]) IS 'Projects in which the user who asks has one of these roles.';
COMMENT ON FUNCTION weir.my_agents() IS 'Agents that worked for the user who asks.';
COMMENT ON FUNCTION weir.files_shared_with_me() IS 'Files that are shared with the user who asks, now.';

-- For one DO of grants: what authenticated calls while a policy is evaluated.
DO $$
DECLARE
  f regprocedure;
BEGIN
  FOREACH f IN ARRAY '{weir.has_consented(text),weir.my_students(text),weir.current_professional(),weir.my_clients(),weir.my_projects(text[]),weir.my_agents(),weir.files_shared_with_me(),weir.analyst_organization(),public.current_user_id(),public.get_user_organization()}'::regprocedure[] LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO weir_reader', f);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO authenticated, anon, analyst', f);
  END LOOP;
END $$;

CREATE FUNCTION weir.guard_columns() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  free CONSTANT text[] := TG_ARGV::text[] || '{updated_at,version,status_changed_at}'::text[];
BEGIN
  IF NOT public.is_admin() AND (to_jsonb(NEW) - free) IS DISTINCT FROM (to_jsonb(OLD) - free) THEN
    RAISE EXCEPTION 'of %.% only % may be changed', TG_TABLE_SCHEMA, TG_TABLE_NAME, array_to_string(TG_ARGV, ', ')
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION weir.guard_columns() IS 'Trigger: users who are no admins change these columns only. Row security decides on rows, not on columns.';

CREATE FUNCTION weir.family_of(parent regclass) RETURNS SETOF regclass LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT parent UNION ALL SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = parent
$$;
COMMENT ON FUNCTION weir.family_of(regclass) IS 'A table and its partitions.';

CREATE FUNCTION weir.protect(tenant_table regclass, is_library boolean DEFAULT false) RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  own CONSTANT text := 'organization_id = (SELECT public.get_user_organization())';
  member regclass;
BEGIN
  -- Partitions have no policy and no grants: addressed directly they give nothing.
  FOR member IN SELECT weir.family_of(tenant_table) LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', member);
  END LOOP;
  -- Restrictive: whatever another policy lets through must be of the user's own organization.
  EXECUTE format('CREATE POLICY tenant ON %s AS RESTRICTIVE TO authenticated USING (%s) WITH CHECK (%s)', tenant_table,
                 CASE WHEN is_library THEN 'organization_id IS NULL OR ' ELSE '' END || own, own);
  IF is_library THEN
    EXECUTE format('CREATE POLICY tenant_update ON %s AS RESTRICTIVE FOR UPDATE TO authenticated USING (%s)', tenant_table, own);
    EXECUTE format('CREATE POLICY tenant_delete ON %s AS RESTRICTIVE FOR DELETE TO authenticated USING (%s)', tenant_table, own);
  END IF;
END $$;
COMMENT ON FUNCTION weir.protect(regclass, boolean) IS 'Puts a table of tenants under row security: nothing of another organization, and nothing at all before a policy says so. Of a library table every organization reads the rows without one.';

CREATE FUNCTION weir.protect_personal(tenant_table regclass, scope text, service name) RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  PERFORM weir.protect(tenant_table);
  EXECUTE format('CREATE POLICY service_all ON %s TO %I USING (true) WITH CHECK (true)', tenant_table, service);
  EXECUTE format('CREATE POLICY own_read ON %s FOR SELECT TO authenticated USING (user_id = (SELECT public.current_user_id()))', tenant_table);
  EXECUTE format('CREATE POLICY teacher_read ON %s FOR SELECT TO authenticated USING (user_id = ANY ((SELECT weir.my_students(%L))::uuid[]))',
                 tenant_table, scope);
  EXECUTE format('CREATE POLICY professional_read ON %s FOR SELECT TO authenticated USING (user_id = ANY ((SELECT weir.my_clients())::uuid[]))',
                 tenant_table);
  EXECUTE format('CREATE POLICY admin_read ON %1$s FOR SELECT TO authenticated USING ((SELECT public.is_admin()) AND EXISTS ('
                 'SELECT FROM public.live_consents c WHERE c.organization_id = %1$s.organization_id AND c.user_id = %1$s.user_id AND c.scope = %2$L))',
                 tenant_table, scope);
  EXECUTE format('GRANT SELECT ON %s TO authenticated', tenant_table);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', tenant_table, service);
END $$;
COMMENT ON FUNCTION weir.protect_personal(regclass, text, name) IS 'Protects rows about persons: users read their own; teachers, admins and professionals those of whoever consents; the owning service all.';

CREATE FUNCTION weir.unprotect(tenant_table regclass) RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  policy name;
  role   name;
  member regclass;
BEGIN
  FOR policy IN SELECT polname FROM pg_catalog.pg_policy WHERE polrelid = tenant_table LOOP
    EXECUTE format('DROP POLICY %I ON %s', policy, tenant_table);
  END LOOP;
  FOR role IN SELECT DISTINCT a.grantee::regrole::name FROM (
      SELECT relacl AS acl FROM pg_catalog.pg_class WHERE oid = tenant_table
      UNION ALL SELECT attacl FROM pg_catalog.pg_attribute WHERE attrelid = tenant_table AND NOT attisdropped) rights,
      pg_catalog.aclexplode(acl) a
    WHERE a.grantee <> 0 AND a.grantee <> (SELECT relowner FROM pg_catalog.pg_class WHERE oid = tenant_table) AND a.grantee <> 'weir_reader'::regrole LOOP
    EXECUTE format('REVOKE ALL ON %s FROM %I', tenant_table, role);
  END LOOP;
  FOR member IN SELECT weir.family_of(tenant_table) LOOP
    EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY', member);
  END LOOP;
END $$;
COMMENT ON FUNCTION weir.unprotect(regclass) IS 'Takes a table''s policies, grants and row security away.';
REVOKE ALL ON FUNCTION weir.protect(regclass, boolean), weir.protect_personal(regclass, text, name), weir.unprotect(regclass),
  weir.family_of(regclass) FROM PUBLIC;
