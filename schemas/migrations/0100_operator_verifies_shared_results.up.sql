-- weir verify compares alignments, ratings of activities and counts of holders too, as weir_operator: it reads who shares a project and
-- consents to be compared.

GRANT SELECT (profile_correlation, mean_absolute_difference) ON public.values_alignments TO weir_operator;
GRANT SELECT (difficulty_rating, attempts) ON public.activity_ratings TO weir_operator;
GRANT SELECT (requires_parental_consent, parental_consent_at) ON public.users TO weir_operator;
GRANT SELECT ON weir.achievement_holders, weir.scoring_marks, weir.scoring_progress TO weir_operator;

CREATE POLICY operator_read ON public.projects FOR SELECT TO weir_operator USING (true);
CREATE POLICY operator_read ON public.project_members FOR SELECT TO weir_operator USING (true);
CREATE POLICY operator_read ON public.consents FOR SELECT TO weir_operator USING (true);
GRANT SELECT (id, organization_id, deleted_at) ON public.projects TO weir_operator;
GRANT SELECT (organization_id, project_id, user_id) ON public.project_members TO weir_operator;
GRANT SELECT (organization_id, user_id, scope, granted_at, expires_at, withdrawn_at) ON public.consents TO weir_operator;
