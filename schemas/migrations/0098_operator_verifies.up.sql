-- weir verify computes results anew from their source rows, as weir_operator, and compares them with what is stored. It reads figures of
-- submissions and learners for that; answers stay encrypted unless the master key is there.

GRANT SELECT (version, started_at) ON public.assessment_responses TO weir_operator;
GRANT SELECT (assessment_id, instrument_version, raw_score, t_score, percentile, standard_error, interval_low, interval_high, answered_items, flags)
  ON public.assessment_scores TO weir_operator;
GRANT SELECT (previous_response_id, difference, reliable_change_index, slope_of_five, direction, improvement_streak) ON public.growth_scores TO weir_operator;
GRANT SELECT (anxiety, avoidance, style, p_secure, p_anxious, p_avoidant, p_disorganized) ON public.attachment_profiles TO weir_operator;
GRANT SELECT (status, percent, unlocked_at, completed_at) ON public.module_progress TO weir_operator;
GRANT SELECT (skill_rating, points, streak_days, longest_streak_days, last_active_on, freeze_used_on) ON public.learner_states TO weir_operator;
GRANT SELECT (deleted_at) ON public.users TO weir_operator;
GRANT SELECT (difficulty_rating, points, required, deleted_at) ON public.learning_activities TO weir_operator;

CREATE POLICY operator_read ON public.learning_modules FOR SELECT TO weir_operator USING (true);
CREATE POLICY operator_read ON public.module_prerequisites FOR SELECT TO weir_operator USING (true);
CREATE POLICY operator_read ON public.activity_completions FOR SELECT TO weir_operator USING (true);
GRANT SELECT (id, organization_id, is_published, deleted_at) ON public.learning_modules TO weir_operator;
GRANT SELECT (organization_id, module_id, prerequisite_id) ON public.module_prerequisites TO weir_operator;
GRANT SELECT (id, organization_id, user_id, activity_id, completed_at, succeeded, score) ON public.activity_completions TO weir_operator;
GRANT SELECT ON weir.user_zones, weir.learning_marks TO weir_operator;
-- Whether there is one at all is part of a group's progress, which tells which windows can be compared.
GRANT SELECT (group_id) ON weir.diverged_executions TO weir_operator;
