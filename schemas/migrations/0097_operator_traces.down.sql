-- Takes back what 0097_operator_traces.up.sql made.

REVOKE SELECT (insight_id, organization_id, user_id, intent_id, pattern, claimed_at, template_at) ON weir.insight_drafts FROM weir_operator;
REVOKE SELECT ON weir.agent_status_history, weir.event_ids, weir.insight_intents FROM weir_operator;
DO $$
DECLARE
  traced regclass;
BEGIN
  FOREACH traced IN ARRAY '{public.engagement_rollups,public.engagement_rollups_1h,
                            public.engagement_rollups_1d,public.system_health}'::regclass[] LOOP
    EXECUTE format('REVOKE SELECT ON %s FROM weir_operator', traced);
    EXECUTE format('DROP POLICY operator_read ON %s', traced);
  END LOOP;
  FOREACH traced IN ARRAY '{public.assessment_scores,public.growth_scores,public.attachment_profiles,public.values_alignments,public.module_progress,
                            public.learner_states,public.achievements_unlocked,public.activity_ratings,public.learning_activities,public.insights}'::regclass[] LOOP
    EXECUTE format('REVOKE SELECT ON %s FROM weir_operator', traced);
    EXECUTE format('DROP POLICY operator_read ON %s', traced);
  END LOOP;
END $$;
REVOKE SELECT (user_id, assessment_id, status, status_changed_at, submitted_at, rejection_reasons) ON public.assessment_responses FROM weir_operator;
