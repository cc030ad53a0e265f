-- Row security of assessments and learning. What is about a person goes by consent; docs/data.md has the matrix.

SELECT weir.protect('public.assessments', is_library => true);
CREATE POLICY service_read ON public.assessments FOR SELECT TO weir_scoring, weir_insights USING (true);
CREATE POLICY admin_all ON public.assessments TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY member_read ON public.assessments FOR SELECT TO authenticated USING (status = 'published');
GRANT SELECT, INSERT, UPDATE, DELETE ON public.assessments TO authenticated;
GRANT SELECT ON public.assessments TO weir_scoring, weir_insights;

SELECT weir.protect('public.assessment_items', is_library => true);
CREATE POLICY service_read ON public.assessment_items FOR SELECT TO weir_scoring USING (true);
CREATE POLICY admin_all ON public.assessment_items TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY member_read ON public.assessment_items FOR SELECT TO authenticated
  USING (EXISTS (SELECT FROM public.assessments a WHERE a.id = assessment_items.assessment_id AND a.status = 'published'));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.assessment_items TO authenticated;
GRANT SELECT ON public.assessment_items TO weir_scoring;

-- Norms decide what a score means and are nothing that who answers should see.
SELECT weir.protect('public.assessment_norms', is_library => true);
CREATE POLICY service_read ON public.assessment_norms FOR SELECT TO weir_scoring USING (true);
CREATE POLICY admin_all ON public.assessment_norms TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.assessment_norms TO authenticated;
GRANT SELECT ON public.assessment_norms TO weir_scoring;

SELECT weir.protect_personal('public.assessment_responses', 'assessments', 'weir_scoring');
CREATE POLICY own_insert ON public.assessment_responses FOR INSERT TO authenticated
  WITH CHECK (user_id = (SELECT public.current_user_id()) AND status IN ('in_progress', 'submitted'));
CREATE POLICY own_update ON public.assessment_responses FOR UPDATE TO authenticated
  USING (user_id = (SELECT public.current_user_id()) AND status = 'in_progress')
  WITH CHECK (user_id = (SELECT public.current_user_id()) AND status IN ('in_progress', 'submitted'));
GRANT INSERT ON public.assessment_responses TO authenticated;
GRANT UPDATE (status, answers_encrypted, submitted_at, version) ON public.assessment_responses TO authenticated;
REVOKE INSERT, DELETE ON public.assessment_responses FROM weir_scoring;

SELECT weir.protect_personal(t, 'assessments', 'weir_scoring')
  FROM unnest('{public.assessment_scores,public.attachment_profiles,public.growth_scores,public.module_progress,public.learner_states,public.achievements_unlocked}'::regclass[]) t;
CREATE POLICY insights_read ON public.assessment_scores FOR SELECT TO weir_insights USING (true);
CREATE POLICY insights_read ON public.growth_scores FOR SELECT TO weir_insights USING (true);
CREATE POLICY insights_read ON public.module_progress FOR SELECT TO weir_insights USING (true);
CREATE POLICY insights_read ON public.learner_states FOR SELECT TO weir_insights USING (true);
GRANT SELECT ON public.assessment_scores, public.growth_scores, public.module_progress, public.learner_states TO weir_insights;

-- About two persons: others see it only where both consent.
SELECT weir.protect('public.values_alignments');
CREATE POLICY service_all ON public.values_alignments TO weir_scoring USING (true) WITH CHECK (true);
CREATE POLICY own_read ON public.values_alignments FOR SELECT TO authenticated
  USING ((SELECT public.current_user_id()) IN (user_id, other_user_id));
CREATE POLICY teacher_read ON public.values_alignments FOR SELECT TO authenticated
  USING (ARRAY[user_id, other_user_id] <@ (SELECT weir.my_students('values_alignment')));
CREATE POLICY professional_read ON public.values_alignments FOR SELECT TO authenticated
  USING (ARRAY[user_id, other_user_id] <@ (SELECT weir.my_clients()));
CREATE POLICY admin_read ON public.values_alignments FOR SELECT TO authenticated USING ((SELECT public.is_admin()) AND 2 = (
  SELECT count(DISTINCT c.user_id) FROM public.live_consents c
   WHERE c.organization_id = values_alignments.organization_id AND c.user_id IN (values_alignments.user_id, values_alignments.other_user_id)
     AND c.scope = 'values_alignment'));
GRANT SELECT ON public.values_alignments TO authenticated;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.values_alignments TO weir_scoring;

SELECT weir.protect('public.learning_modules');
CREATE POLICY service_read ON public.learning_modules FOR SELECT TO weir_scoring, weir_insights USING (true);
CREATE POLICY admin_all ON public.learning_modules TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.learning_modules FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
CREATE POLICY member_read ON public.learning_modules FOR SELECT TO authenticated USING (is_published AND deleted_at IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON public.learning_modules TO authenticated;
GRANT SELECT ON public.learning_modules TO weir_scoring, weir_insights;

SELECT weir.protect('public.module_prerequisites');
CREATE POLICY service_read ON public.module_prerequisites FOR SELECT TO weir_scoring, weir_insights USING (true);
CREATE POLICY admin_all ON public.module_prerequisites TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY member_read ON public.module_prerequisites FOR SELECT TO authenticated USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON public.module_prerequisites TO authenticated;
GRANT SELECT ON public.module_prerequisites TO weir_scoring, weir_insights;

SELECT weir.protect('public.learning_activities');
CREATE POLICY service_read ON public.learning_activities FOR SELECT TO weir_scoring, weir_insights USING (true);
CREATE POLICY admin_all ON public.learning_activities TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY member_read ON public.learning_activities FOR SELECT TO authenticated
  USING (deleted_at IS NULL AND EXISTS (SELECT FROM public.learning_modules m WHERE m.id = learning_activities.module_id));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.learning_activities TO authenticated;
GRANT SELECT ON public.learning_activities TO weir_scoring, weir_insights;

SELECT weir.protect_personal('public.activity_completions', 'assessments', 'weir_scoring');
CREATE POLICY own_insert ON public.activity_completions FOR INSERT TO authenticated WITH CHECK (user_id = (SELECT public.current_user_id()));
CREATE POLICY own_delete ON public.activity_completions FOR DELETE TO authenticated USING (user_id = (SELECT public.current_user_id()));
GRANT INSERT, DELETE ON public.activity_completions TO authenticated;
REVOKE INSERT, UPDATE, DELETE ON public.activity_completions FROM weir_scoring;

SELECT weir.protect('public.activity_ratings');
CREATE POLICY service_all ON public.activity_ratings TO weir_scoring USING (true) WITH CHECK (true);
CREATE POLICY insights_read ON public.activity_ratings FOR SELECT TO weir_insights USING (true);
CREATE POLICY staff_read ON public.activity_ratings FOR SELECT TO authenticated USING ((SELECT public.is_admin()) OR (SELECT public.is_teacher()));
GRANT SELECT ON public.activity_ratings TO authenticated, weir_insights;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.activity_ratings TO weir_scoring;

SELECT weir.protect('public.achievements', is_library => true);
CREATE POLICY service_read ON public.achievements FOR SELECT TO weir_scoring USING (true);
CREATE POLICY admin_all ON public.achievements TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY member_read ON public.achievements FOR SELECT TO authenticated USING (deleted_at IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON public.achievements TO authenticated;
GRANT SELECT ON public.achievements TO weir_scoring;
