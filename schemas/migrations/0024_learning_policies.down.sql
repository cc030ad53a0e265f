-- Takes back the policies, grants and triggers of 0024_learning_policies.up.sql.

SELECT weir.unprotect(t) FROM unnest('{public.achievements,public.achievements_unlocked,public.activity_completions,public.activity_ratings,public.assessment_items,public.assessment_norms,
  public.assessment_responses,public.assessment_scores,public.assessments,public.attachment_profiles,public.growth_scores,public.learner_states,
  public.learning_activities,public.learning_modules,public.module_prerequisites,public.module_progress,public.values_alignments}'::regclass[]) t;
