-- Takes back what 0098_operator_verifies.up.sql made.

REVOKE SELECT (group_id) ON weir.diverged_executions FROM weir_operator;
REVOKE SELECT ON weir.user_zones, weir.learning_marks FROM weir_operator;
REVOKE SELECT (id, organization_id, user_id, activity_id, completed_at, succeeded, score) ON public.activity_completions FROM weir_operator;
REVOKE SELECT (organization_id, module_id, prerequisite_id) ON public.module_prerequisites FROM weir_operator;
REVOKE SELECT (id, organization_id, is_published, deleted_at) ON public.learning_modules FROM weir_operator;
DROP POLICY operator_read ON public.activity_completions;
DROP POLICY operator_read ON public.module_prerequisites;
DROP POLICY operator_read ON public.learning_modules;
REVOKE SELECT (difficulty_rating, points, required, deleted_at) ON public.learning_activities FROM weir_operator;
REVOKE SELECT (deleted_at) ON public.users FROM weir_operator;
REVOKE SELECT (skill_rating, points, streak_days, longest_streak_days, last_active_on, freeze_used_on) ON public.learner_states FROM weir_operator;
REVOKE SELECT (status, percent, unlocked_at, completed_at) ON public.module_progress FROM weir_operator;
REVOKE SELECT (anxiety, avoidance, style, p_secure, p_anxious, p_avoidant, p_disorganized) ON public.attachment_profiles FROM weir_operator;
REVOKE SELECT (previous_response_id, difference, reliable_change_index, slope_of_five, direction, improvement_streak) ON public.growth_scores FROM weir_operator;
REVOKE SELECT (assessment_id, instrument_version, raw_score, t_score, percentile, standard_error, interval_low, interval_high, answered_items, flags)
  ON public.assessment_scores FROM weir_operator;
REVOKE SELECT (version, started_at) ON public.assessment_responses FROM weir_operator;
