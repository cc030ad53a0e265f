-- weir trace follows a record to the rows that were made of it. It reads identifiers, states and times: no score, no text, no address.

GRANT SELECT (user_id, assessment_id, status, status_changed_at, submitted_at, rejection_reasons) ON public.assessment_responses TO weir_operator;
GRANT SELECT (organization_id, response_id, dimension, user_id, null_reason, submitted_at, created_at, updated_at) ON public.assessment_scores TO weir_operator;
GRANT SELECT (organization_id, response_id, dimension, user_id, submitted_at, created_at, updated_at) ON public.growth_scores TO weir_operator;
GRANT SELECT (organization_id, response_id, user_id, submitted_at, created_at, updated_at) ON public.attachment_profiles TO weir_operator;
GRANT SELECT (organization_id, user_id, other_user_id, assessment_id, created_at, updated_at) ON public.values_alignments TO weir_operator;
GRANT SELECT (organization_id, user_id, module_id, created_at, updated_at) ON public.module_progress TO weir_operator;
GRANT SELECT (organization_id, user_id, created_at, updated_at) ON public.learner_states TO weir_operator;
GRANT SELECT (organization_id, user_id, achievement_id, unlocked_at, created_at, updated_at) ON public.achievements_unlocked TO weir_operator;
GRANT SELECT (organization_id, activity_id, created_at, updated_at) ON public.activity_ratings TO weir_operator;
GRANT SELECT (id, organization_id, module_id) ON public.learning_activities TO weir_operator;
GRANT SELECT (id, organization_id, user_id, kind, audience, provider, model, status, intent_id, pattern, fallback_reason, claimed_at, worded_at,
  replaced_at, created_at, updated_at) ON public.insights TO weir_operator;
DO $$
DECLARE
  traced regclass;
BEGIN
  FOREACH traced IN ARRAY '{public.assessment_scores,public.growth_scores,public.attachment_profiles,public.values_alignments,public.module_progress,
                            public.learner_states,public.achievements_unlocked,public.activity_ratings,public.learning_activities,public.insights}'::regclass[] LOOP
    EXECUTE format('CREATE POLICY operator_read ON %s FOR SELECT TO weir_operator USING (true)', traced);
  END LOOP;
  FOREACH traced IN ARRAY '{public.engagement_rollups,public.engagement_rollups_1h,
                            public.engagement_rollups_1d,public.system_health}'::regclass[] LOOP
    EXECUTE format('CREATE POLICY operator_read ON %s FOR SELECT TO weir_operator USING (true)', traced);
    EXECUTE format('GRANT SELECT ON %s TO weir_operator', traced);
  END LOOP;
END $$;
GRANT SELECT ON weir.agent_status_history, weir.event_ids, weir.insight_intents TO weir_operator;
GRANT SELECT (insight_id, organization_id, user_id, intent_id, pattern, claimed_at, template_at) ON weir.insight_drafts TO weir_operator;
