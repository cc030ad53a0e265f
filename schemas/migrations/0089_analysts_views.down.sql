-- Takes back what 0089_analysts_views.up.sql made.

DROP VIEW public.letters, public.outcome_totals, public.module_funnel, public.activity_difficulty, public.window_differences;
DROP FUNCTION weir.letters_of_analyst(), weir.outcome_totals(), weir.module_funnel(), weir.activity_difficulty(), weir.window_differences();
DO $$
DECLARE
  shown regclass;
BEGIN
  -- 0088 and those before it let weir_reader read learning_modules and learning_activities already.
  FOREACH shown IN ARRAY '{public.module_progress,public.activity_ratings,public.agent_metrics}'::regclass[] LOOP
    EXECUTE format('DROP POLICY weir_reader_read ON %s', shown);
    EXECUTE format('REVOKE SELECT ON %s FROM weir_reader', shown);
  END LOOP;
END $$;
REVOKE SELECT ON weir.dead_letters, weir.outcome_counts FROM weir_reader;
