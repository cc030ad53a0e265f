-- Row security of notifications, insights and files. docs/data.md has the matrix.

SELECT weir.protect_personal('public.notifications', 'notifications', 'weir_notifications');
CREATE POLICY own_update ON public.notifications FOR UPDATE TO authenticated USING (user_id = (SELECT public.current_user_id()));
GRANT UPDATE (read_at) ON public.notifications TO authenticated;

SELECT weir.protect('public.notification_attempts');
CREATE POLICY service_all ON public.notification_attempts TO weir_notifications USING (true) WITH CHECK (true);
CREATE POLICY admin_read ON public.notification_attempts FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
GRANT SELECT ON public.notification_attempts TO authenticated;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.notification_attempts TO weir_notifications;

SELECT weir.protect('public.notification_templates', is_library => true);
CREATE POLICY service_read ON public.notification_templates FOR SELECT TO weir_notifications USING (true);
CREATE POLICY admin_all ON public.notification_templates TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.notification_templates TO authenticated;
GRANT SELECT ON public.notification_templates TO weir_notifications;

SELECT weir.protect('public.notification_rules', is_library => true);
CREATE POLICY service_read ON public.notification_rules FOR SELECT TO weir_notifications USING (true);
CREATE POLICY admin_all ON public.notification_rules TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.notification_rules TO authenticated;
GRANT SELECT ON public.notification_rules TO weir_notifications;

-- One click in a mail unsubscribes without signing in: weir writes that preference, and users never see the token's hash.
SELECT weir.protect('public.notification_preferences');
CREATE POLICY service_all ON public.notification_preferences TO weir_notifications USING (true) WITH CHECK (true);
CREATE POLICY admin_read ON public.notification_preferences FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY own_all ON public.notification_preferences TO authenticated USING (user_id = (SELECT public.current_user_id()));
GRANT SELECT (organization_id, user_id, template_group, channel, is_enabled, quiet_from, quiet_until, digest_minutes, created_at, updated_at, version),
  INSERT (organization_id, user_id, template_group, channel, is_enabled, quiet_from, quiet_until, digest_minutes),
  UPDATE (is_enabled, quiet_from, quiet_until, digest_minutes, version), DELETE ON public.notification_preferences TO authenticated;
GRANT SELECT, INSERT, UPDATE ON public.notification_preferences TO weir_notifications;

SELECT weir.protect('public.notification_subscriptions');
CREATE POLICY service_read ON public.notification_subscriptions FOR SELECT TO weir_notifications USING (true);
CREATE POLICY admin_read ON public.notification_subscriptions FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY own_all ON public.notification_subscriptions TO authenticated USING (user_id = (SELECT public.current_user_id()));
GRANT SELECT, INSERT, DELETE ON public.notification_subscriptions TO authenticated;
GRANT SELECT ON public.notification_subscriptions TO weir_notifications;

-- Addresses and secrets are written by users and never read back.
SELECT weir.protect('public.notification_destinations');
CREATE POLICY service_all ON public.notification_destinations TO weir_notifications USING (true) WITH CHECK (true);
CREATE POLICY admin_all ON public.notification_destinations TO authenticated USING (user_id IS NULL AND (SELECT public.is_admin()))
  WITH CHECK (user_id IS NULL AND (SELECT public.is_admin()));
CREATE POLICY own_all ON public.notification_destinations TO authenticated USING (user_id = (SELECT public.current_user_id()));
GRANT SELECT (id, organization_id, user_id, channel, verified_at, disabled_at, created_at, updated_at, version),
  INSERT (id, organization_id, user_id, channel, address_encrypted, secret_encrypted), UPDATE (address_encrypted, secret_encrypted, version),
  DELETE ON public.notification_destinations TO authenticated;
GRANT SELECT, UPDATE ON public.notification_destinations TO weir_notifications;

-- Consent withdrawn hides old insights, also from the user.
SELECT weir.protect_personal('public.insights', 'insights', 'weir_insights');
CREATE POLICY consented ON public.insights AS RESTRICTIVE FOR SELECT TO authenticated
  USING (user_id IS DISTINCT FROM (SELECT public.current_user_id()) OR (SELECT weir.has_consented('insights')));
CREATE POLICY organization_read ON public.insights FOR SELECT TO authenticated
  USING (user_id IS NULL AND ((SELECT public.is_admin()) OR (audience = 'teacher' AND (SELECT public.is_teacher()))));
CREATE POLICY own_update ON public.insights FOR UPDATE TO authenticated
  USING (user_id = (SELECT public.current_user_id())) WITH CHECK (status IN ('active', 'dismissed'));
GRANT UPDATE (status) ON public.insights TO authenticated;

SELECT weir.protect('public.files');
CREATE POLICY service_all ON public.files TO weir_files USING (true) WITH CHECK (true);
CREATE POLICY admin_read ON public.files FOR SELECT TO authenticated USING ((SELECT public.is_admin()) AND (NOT requires_consent OR EXISTS (
  SELECT FROM public.live_consents c WHERE c.organization_id = files.organization_id AND c.user_id = files.uploaded_by AND c.scope = 'data_processing')));
CREATE POLICY own_read ON public.files FOR SELECT TO authenticated USING (uploaded_by = (SELECT public.current_user_id()));
CREATE POLICY own_insert ON public.files FOR INSERT TO authenticated
  WITH CHECK (uploaded_by = (SELECT public.current_user_id()) AND status = 'uploaded');
CREATE POLICY own_update ON public.files FOR UPDATE TO authenticated USING (uploaded_by = (SELECT public.current_user_id()));
CREATE POLICY shared_read ON public.files FOR SELECT TO authenticated
  USING (id = ANY ((SELECT weir.files_shared_with_me())::uuid[]) AND status = 'available' AND deleted_at IS NULL);
GRANT SELECT, INSERT ON public.files TO authenticated;
GRANT UPDATE (original_filename, requires_consent, deletion_date, deleted_at, version) ON public.files TO authenticated;
GRANT SELECT, UPDATE, DELETE ON public.files TO weir_files;

SELECT weir.protect('public.file_versions');
CREATE POLICY service_all ON public.file_versions TO weir_files USING (true) WITH CHECK (true);
CREATE POLICY file_read ON public.file_versions FOR SELECT TO authenticated
  USING (EXISTS (SELECT FROM public.files f WHERE f.organization_id = file_versions.organization_id AND f.id = file_versions.file_id));
GRANT SELECT ON public.file_versions TO authenticated;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.file_versions TO weir_files;

-- Links' tokens and passwords are written, never read back; only one's own file can be shared.
SELECT weir.protect('public.file_shares');
CREATE POLICY service_read ON public.file_shares FOR SELECT TO weir_files USING (true);
CREATE POLICY admin_read ON public.file_shares FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY own_all ON public.file_shares TO authenticated USING (shared_by = (SELECT public.current_user_id()))
  WITH CHECK (shared_by = (SELECT public.current_user_id()) AND EXISTS (SELECT FROM public.files f
    WHERE f.organization_id = file_shares.organization_id AND f.id = file_shares.file_id AND f.uploaded_by = (SELECT public.current_user_id())));
CREATE POLICY receiver_read ON public.file_shares FOR SELECT TO authenticated USING (shared_with = (SELECT public.current_user_id()));
GRANT SELECT (id, organization_id, file_id, shared_by, shared_with, expires_at, revoked_at, created_at, updated_at),
  INSERT (id, organization_id, file_id, shared_by, shared_with, token_hash, password_hash, expires_at), UPDATE (expires_at, revoked_at)
  ON public.file_shares TO authenticated;
GRANT SELECT ON public.file_shares TO weir_files;

SELECT weir.protect('public.file_access_log');
CREATE POLICY service_all ON public.file_access_log TO weir_files USING (true) WITH CHECK (true);
CREATE POLICY admin_read ON public.file_access_log FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY own_read ON public.file_access_log FOR SELECT TO authenticated USING (user_id = (SELECT public.current_user_id()));
CREATE POLICY own_insert ON public.file_access_log FOR INSERT TO authenticated WITH CHECK (user_id = (SELECT public.current_user_id()));
GRANT SELECT, INSERT ON public.file_access_log TO authenticated;
GRANT SELECT, INSERT ON public.file_access_log TO weir_files;

SELECT weir.protect('public.storage_quotas');
CREATE POLICY service_all ON public.storage_quotas TO weir_files USING (true) WITH CHECK (true);
CREATE POLICY admin_read ON public.storage_quotas FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
GRANT SELECT ON public.storage_quotas TO authenticated;
GRANT SELECT, INSERT, UPDATE ON public.storage_quotas TO weir_files;
