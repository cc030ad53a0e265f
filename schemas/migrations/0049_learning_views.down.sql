-- Takes back what 0049_learning_views.up.sql made.

DROP VIEW public.achievement_shares;
DROP VIEW public.next_activities;
DROP VIEW public.learner_momentum;
DROP VIEW public.learner_streaks;
DROP VIEW public.learning_progress;
DROP FUNCTION weir.achievement_shares();
DROP FUNCTION weir.active_weeks();
DROP FUNCTION weir.my_learners();
REVOKE SELECT ON public.activity_completions, public.learning_activities, public.learning_modules, public.achievements, public.learner_states,
  weir.user_zones, weir.achievement_holders FROM weir_reader;
