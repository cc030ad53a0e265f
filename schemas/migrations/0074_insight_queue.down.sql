-- Takes back what 0074_insight_queue.up.sql made. Insights stay, with their texts; what waited for one is lost.

DELETE FROM weir.audit_exemptions WHERE table_name IN ('weir.insight_intents', 'weir.insight_drafts');
DROP TYPE weir.insight_drafts_row;
DROP TABLE weir.insight_drafts, weir.insight_intents;

REVOKE UPDATE (updated_at) ON public.consents FROM weir_insights;
DROP POLICY insights_lock ON public.consents;
ALTER POLICY service_read ON public.consents TO weir_scoring, weir_notifications, weir_insights, weir_files;
REVOKE SELECT ON public.attachment_profiles, public.activity_completions, public.achievements_unlocked FROM weir_insights;
DROP POLICY insights_read ON public.achievements_unlocked;
DROP POLICY insights_read ON public.activity_completions;
DROP POLICY insights_read ON public.attachment_profiles;

REVOKE UPDATE (rating) ON public.insights FROM authenticated;
DROP POLICY own_update ON public.insights;
DROP POLICY not_hidden ON public.insights;
DROP POLICY organization_read ON public.insights;
DROP POLICY admin_read ON public.insights;
DROP POLICY professional_read ON public.insights;
DROP POLICY teacher_read ON public.insights;
DROP POLICY own_read ON public.insights;
CREATE POLICY own_read ON public.insights FOR SELECT TO authenticated USING (user_id = (SELECT public.current_user_id()));
CREATE POLICY teacher_read ON public.insights FOR SELECT TO authenticated USING (user_id = ANY ((SELECT weir.my_students('insights'))::uuid[]));
CREATE POLICY professional_read ON public.insights FOR SELECT TO authenticated USING (user_id = ANY ((SELECT weir.my_clients())::uuid[]));
CREATE POLICY admin_read ON public.insights FOR SELECT TO authenticated USING ((SELECT public.is_admin()) AND EXISTS (
  SELECT FROM public.live_consents c WHERE c.organization_id = insights.organization_id AND c.user_id = insights.user_id AND c.scope = 'insights'));
CREATE POLICY organization_read ON public.insights FOR SELECT TO authenticated
  USING (user_id IS NULL AND ((SELECT public.is_admin()) OR (audience = 'teacher' AND (SELECT public.is_teacher()))));
CREATE POLICY own_update ON public.insights FOR UPDATE TO authenticated
  USING (user_id = (SELECT public.current_user_id())) WITH CHECK (status IN ('active', 'dismissed'));

DROP INDEX public.insights_by_pattern;
ALTER TABLE public.insights
  DROP COLUMN replaced_at,
  DROP COLUMN worded_at,
  DROP COLUMN claimed_at,
  DROP COLUMN rating,
  DROP COLUMN fallback_reason,
  DROP COLUMN locale,
  DROP COLUMN class,
  DROP COLUMN subject,
  DROP COLUMN pattern,
  DROP COLUMN intent_id;
COMMENT ON COLUMN public.insights.id IS 'Id of the row.';
COMMENT ON COLUMN public.insights.audience IS 'For whom it is written.';
COMMENT ON COLUMN public.insights.input_hash IS 'SHA-256 of what it was made from: the same input is not paid for twice.';
COMMENT ON COLUMN public.insights.tokens_in IS 'Tokens sent.';
COMMENT ON COLUMN public.insights.tokens_out IS 'Tokens received.';
COMMENT ON COLUMN public.insights.cost_micro_usd IS 'Cost in millionths of a dollar.';
COMMENT ON COLUMN public.insights.latency_ms IS 'Time of the wording, in milliseconds.';
