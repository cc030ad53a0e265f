-- Takes back what 0048_learning_state.up.sql made.

REVOKE SELECT (updated_at) ON public.users FROM weir_scoring;
DELETE FROM weir.audit_exemptions
 WHERE table_name IN ('weir.user_zones', 'weir.learning_marks', 'weir.achievement_holders');
COMMENT ON COLUMN public.achievements.rarity IS 'common, rare, epic or legendary.';
COMMENT ON COLUMN public.achievements.condition IS 'When it is given.';
COMMENT ON COLUMN public.activity_ratings.attempts IS 'Results that it rests on.';
COMMENT ON COLUMN public.activity_ratings.difficulty_rating IS 'Difficulty on the Elo scale.';
COMMENT ON COLUMN public.learner_states.freeze_used_on IS 'When the week''s freeze last bridged a day; null: never.';
COMMENT ON COLUMN public.learner_states.last_active_on IS 'The last day that counts, in the user''s time zone.';
COMMENT ON COLUMN public.learner_states.streak_days IS 'Calendar days in a row, in the user''s time zone.';
COMMENT ON COLUMN public.learner_states.points IS 'Points in all.';
COMMENT ON COLUMN public.learner_states.skill_rating IS 'Skill on the Elo scale (K = 24).';
COMMENT ON COLUMN public.module_progress.unlocked_at IS 'When every prerequisite was met.';
COMMENT ON COLUMN public.module_progress.percent IS 'Share of required activities that are done, in percent.';
COMMENT ON TABLE weir.scoring_users IS 'Rows that weir scoring locks, in order, before it reads what a user submitted: two instances never score one user at once.';
DROP TYPE weir.activity_ratings_row;
DROP TYPE weir.achievements_unlocked_row;
DROP TYPE weir.learner_states_row;
DROP TYPE weir.module_progress_row;
DROP INDEX public.module_progress_by_module;
ALTER TABLE public.achievements REPLICA IDENTITY DEFAULT;
ALTER TABLE public.learning_activities REPLICA IDENTITY DEFAULT;
ALTER TABLE public.learning_modules REPLICA IDENTITY DEFAULT;
DROP TABLE weir.achievement_holders;
DROP TABLE weir.learning_marks;
DROP FUNCTION weir.time_zones(text[]);
DROP TABLE weir.user_zones;
