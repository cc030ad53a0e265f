-- Takes back what 0100_operator_verifies_shared_results.up.sql made.

REVOKE SELECT (organization_id, user_id, scope, granted_at, expires_at, withdrawn_at) ON public.consents FROM weir_operator;
REVOKE SELECT (organization_id, project_id, user_id) ON public.project_members FROM weir_operator;
REVOKE SELECT (id, organization_id, deleted_at) ON public.projects FROM weir_operator;
DROP POLICY operator_read ON public.consents;
DROP POLICY operator_read ON public.project_members;
DROP POLICY operator_read ON public.projects;
REVOKE SELECT ON weir.achievement_holders, weir.scoring_marks, weir.scoring_progress FROM weir_operator;
REVOKE SELECT (requires_parental_consent, parental_consent_at) ON public.users FROM weir_operator;
REVOKE SELECT (difficulty_rating, attempts) ON public.activity_ratings FROM weir_operator;
REVOKE SELECT (profile_correlation, mean_absolute_difference) ON public.values_alignments FROM weir_operator;
