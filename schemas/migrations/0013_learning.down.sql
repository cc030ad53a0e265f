-- Takes back what 0013_learning.up.sql made, with everything in it.

DROP TABLE public.achievements_unlocked;
DROP TABLE public.achievements;
DROP TABLE public.activity_ratings;
DROP TABLE public.learner_states;
DROP TABLE public.module_progress;
DROP TABLE public.activity_completions;
DROP TABLE public.learning_activities;
DROP TABLE public.module_prerequisites;
DROP TABLE public.learning_modules;
DROP FUNCTION weir.refuse_prerequisite_cycle();
