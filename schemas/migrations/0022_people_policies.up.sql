-- Row security of people: accounts, profiles, professionals, consents, sessions. docs/data.md has the matrix.

ALTER TABLE public.organizations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON public.organizations AS RESTRICTIVE TO authenticated USING (id = (SELECT public.get_user_organization()))
  WITH CHECK (id = (SELECT public.get_user_organization()));
CREATE POLICY member_read ON public.organizations FOR SELECT TO authenticated USING (true);
CREATE POLICY admin_update ON public.organizations FOR UPDATE TO authenticated USING ((SELECT public.is_admin()));
GRANT SELECT ON public.organizations TO authenticated;
GRANT UPDATE (name, settings, version) ON public.organizations TO authenticated;

SELECT weir.protect('public.users');
CREATE POLICY admin_all ON public.users TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.users FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
CREATE POLICY professional_read ON public.users FOR SELECT TO authenticated USING (id = ANY ((SELECT weir.my_clients())::uuid[]));
CREATE POLICY own_read ON public.users FOR SELECT TO authenticated USING (id = (SELECT public.current_user_id()));
CREATE POLICY own_update ON public.users FOR UPDATE TO authenticated USING (id = (SELECT public.current_user_id()));
CREATE POLICY scoring_read ON public.users FOR SELECT TO weir_scoring USING (true);
CREATE POLICY notifications_read ON public.users FOR SELECT TO weir_notifications USING (true);
CREATE POLICY insights_read ON public.users FOR SELECT TO weir_insights USING (true);
CREATE TRIGGER guard_columns BEFORE UPDATE ON public.users FOR EACH ROW WHEN (current_user = 'authenticated')
  EXECUTE FUNCTION weir.guard_columns('email', 'full_name', 'metadata', 'time_zone', 'locale');
GRANT SELECT, INSERT, UPDATE, DELETE ON public.users TO authenticated;
GRANT SELECT (id, organization_id, time_zone, locale, deleted_at) ON public.users TO weir_scoring;
GRANT SELECT (id, organization_id, email, full_name, role, time_zone, locale, requires_parental_consent, parental_consent_at, deleted_at)
  ON public.users TO weir_notifications, weir_insights;

SELECT weir.protect('public.user_profiles');
CREATE POLICY admin_all ON public.user_profiles TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.user_profiles FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
CREATE POLICY own_read ON public.user_profiles FOR SELECT TO authenticated USING (user_id = (SELECT public.current_user_id()));
CREATE POLICY own_update ON public.user_profiles FOR UPDATE TO authenticated USING (user_id = (SELECT public.current_user_id()));
CREATE POLICY notifications_read ON public.user_profiles FOR SELECT TO weir_notifications USING (true);
CREATE POLICY insights_read ON public.user_profiles FOR SELECT TO weir_insights USING (true);
CREATE TRIGGER guard_columns BEFORE UPDATE ON public.user_profiles FOR EACH ROW WHEN (current_user = 'authenticated')
  EXECUTE FUNCTION weir.guard_columns('preferences', 'settings');
GRANT SELECT, INSERT, UPDATE, DELETE ON public.user_profiles TO authenticated;
GRANT SELECT ON public.user_profiles TO weir_notifications, weir_insights;

SELECT weir.protect('public.professionals');
CREATE POLICY admin_all ON public.professionals TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY own_read ON public.professionals FOR SELECT TO authenticated USING (user_id = (SELECT public.current_user_id()));
CREATE POLICY client_read ON public.professionals FOR SELECT TO authenticated
  USING (id IN (SELECT c.professional_id FROM public.professional_clients c WHERE c.client_id = (SELECT public.current_user_id())));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.professionals TO authenticated;

SELECT weir.protect('public.professional_clients');
CREATE POLICY admin_all ON public.professional_clients TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY professional_read ON public.professional_clients FOR SELECT TO authenticated
  USING (professional_id = (SELECT weir.current_professional()));
CREATE POLICY client_read ON public.professional_clients FOR SELECT TO authenticated USING (client_id = (SELECT public.current_user_id()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.professional_clients TO authenticated;

SELECT weir.protect('public.teacher_students');
CREATE POLICY admin_all ON public.teacher_students TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.teacher_students FOR SELECT TO authenticated
  USING ((SELECT public.is_teacher()) AND teacher_id = (SELECT public.current_user_id()));
CREATE POLICY student_read ON public.teacher_students FOR SELECT TO authenticated USING (student_id = (SELECT public.current_user_id()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.teacher_students TO authenticated;

-- Nobody deletes a consent: it is withdrawn, and stays as what was once given.
SELECT weir.protect('public.consents');
CREATE POLICY admin_read ON public.consents FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY professional_read ON public.consents FOR SELECT TO authenticated
  USING (scope = 'professional' AND user_id = ANY ((SELECT weir.my_clients())::uuid[]));
CREATE POLICY own_read ON public.consents FOR SELECT TO authenticated USING (user_id = (SELECT public.current_user_id()));
CREATE POLICY own_insert ON public.consents FOR INSERT TO authenticated
  WITH CHECK (user_id = (SELECT public.current_user_id()) AND given_by = 'self');
CREATE POLICY own_update ON public.consents FOR UPDATE TO authenticated USING (user_id = (SELECT public.current_user_id()));
CREATE POLICY service_read ON public.consents FOR SELECT TO weir_scoring, weir_notifications, weir_insights, weir_files USING (true);
GRANT SELECT, INSERT ON public.consents TO authenticated;
GRANT UPDATE (withdrawn_at, expires_at) ON public.consents TO authenticated;
GRANT SELECT ON public.consents TO weir_scoring, weir_notifications, weir_insights, weir_files;
-- The view joins users under the reader's own rights, which consumers have in part only: they read consents themselves.
GRANT SELECT ON public.live_consents TO authenticated;

-- Hashes of tokens and keys are for nobody who signs in.
SELECT weir.protect('public.sessions');
CREATE POLICY admin_read ON public.sessions FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY own_read ON public.sessions FOR SELECT TO authenticated USING (user_id = (SELECT public.current_user_id()));
CREATE POLICY own_update ON public.sessions FOR UPDATE TO authenticated USING (user_id = (SELECT public.current_user_id()));
GRANT SELECT (id, organization_id, user_id, ip_address, user_agent, last_seen_at, expires_at, revoked_at, created_at, updated_at)
  ON public.sessions TO authenticated;
GRANT UPDATE (revoked_at) ON public.sessions TO authenticated;

SELECT weir.protect('public.api_keys');
CREATE POLICY admin_read ON public.api_keys FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY admin_update ON public.api_keys FOR UPDATE TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY service_read ON public.api_keys FOR SELECT TO weir_gateway USING (true);
GRANT SELECT (id, organization_id, name, key_prefix, allowed_types, events_per_hour, created_at, expires_at, revoked_at, updated_at)
  ON public.api_keys TO authenticated;
GRANT UPDATE (name, revoked_at) ON public.api_keys TO authenticated;
GRANT SELECT ON public.api_keys TO weir_gateway;

SELECT weir.protect('public.user_activity_log');
CREATE POLICY admin_read ON public.user_activity_log FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY own_read ON public.user_activity_log FOR SELECT TO authenticated USING (user_id = (SELECT public.current_user_id()));
CREATE POLICY own_insert ON public.user_activity_log FOR INSERT TO authenticated WITH CHECK (user_id = (SELECT public.current_user_id()));
GRANT SELECT, INSERT ON public.user_activity_log TO authenticated;
