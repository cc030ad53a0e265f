-- What analysts ask of the pipeline and of learners, as views in public: their role has no USAGE on schema weir, where some functions are everybody's.
-- weir.analysts decides whose rows they are. What names a person or holds a record's content is left out.

CREATE FUNCTION weir.letters_of_analyst() RETURNS TABLE (id bigint, group_id text, topic text, "partition" integer, record_offset bigint,
  occurred_at timestamptz, kind text, reason text, fault_path text, constraint_name text, status text, attempts integer, resolved_at timestamptz,
  resolved_as text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT l.id, l.group_id, l.topic, l."partition", l.record_offset, l.occurred_at, l.kind, l.reason, l.fault_path, l.constraint_name, l.status,
         l.attempts, l.resolved_at, l.resolved_as
    FROM weir.dead_letters l
   WHERE l.organization_id = weir.analyst_organization()
$$;
COMMENT ON FUNCTION weir.letters_of_analyst() IS 'Letters of the organization of the analyst who logged in, without what the record holds.';

CREATE FUNCTION weir.outcome_totals() RETURNS TABLE (group_id text, topic text, outcome text, reason text, records bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT c.group_id, c.topic, c.outcome, c.reason, sum(c.n)::bigint
    FROM weir.outcome_counts c
   WHERE weir.analyst_organization() IS NOT NULL
   GROUP BY c.group_id, c.topic, c.outcome, c.reason
$$;
COMMENT ON FUNCTION weir.outcome_totals() IS 'How records ended, of all organizations together: the counts know no organization.';

CREATE FUNCTION weir.module_funnel() RETURNS TABLE (module_id uuid, title text, "position" integer, began bigint, completed bigint, median_time interval)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT m.id, m.title, m.position, count(*) FILTER (WHERE p.status IN ('in_progress', 'completed')),
         count(*) FILTER (WHERE p.status = 'completed'), percentile_disc(0.5) WITHIN GROUP (ORDER BY p.completed_at - p.unlocked_at)
    FROM public.learning_modules m
    JOIN public.module_progress p ON p.organization_id = m.organization_id AND p.module_id = m.id
   WHERE m.organization_id = weir.analyst_organization()
   GROUP BY m.id, m.title, m.position
$$;
COMMENT ON FUNCTION weir.module_funnel() IS 'Of each module of the analyst''s organization: how many learners began and completed it, and how long that took.';

CREATE FUNCTION weir.activity_difficulty() RETURNS TABLE (activity_id uuid, title text, said double precision, turned_out double precision, attempts bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT a.id, a.title, a.difficulty_rating::double precision, r.difficulty_rating::double precision, r.attempts::bigint
    FROM public.activity_ratings r
    JOIN public.learning_activities a ON a.organization_id = r.organization_id AND a.id = r.activity_id
   WHERE r.organization_id = weir.analyst_organization()
$$;
COMMENT ON FUNCTION weir.activity_difficulty() IS 'Of each activity of the analyst''s organization: the difficulty that its author said, and the one that learners met.';

-- A record that was refused has its execution in the key. Such executions are in the source and not in the windows.
CREATE FUNCTION weir.window_differences() RETURNS TABLE (window_start timestamptz, agent_id uuid, total_tasks bigint, in_source bigint, refused bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  WITH asked AS (SELECT weir.analyst_organization() AS id),
       refused AS (
         SELECT DISTINCT weir.uuid_or_null(weir.json_or_null(convert_from(l.record_key, 'UTF8')) ->> 'id') AS id
           FROM weir.dead_letters l, asked
          WHERE l.organization_id = asked.id AND l.topic LIKE '%.agent\_executions' AND l.status <> 'resolved' AND left(convert_from(l.record_key, 'UTF8'), 1) = '{'
       ),
       source AS (
         SELECT date_bin('5 minutes', coalesce(e.completed_at, e.updated_at), 'epoch') AS window_start, e.agent_id, count(*) AS executions,
                count(r.id) AS refused
           FROM asked
           JOIN public.agent_executions e ON e.organization_id = asked.id
           LEFT JOIN refused r ON r.id = e.id
          WHERE e.status IN ('completed', 'failed', 'cancelled') AND isfinite(coalesce(e.completed_at, e.updated_at))
          GROUP BY 1, 2
       )
  SELECT m.window_start, m.agent_id, m.total_tasks::bigint, coalesce(s.executions, 0), coalesce(s.refused, 0)
    FROM asked
    JOIN public.agent_metrics m ON m.organization_id = asked.id
    LEFT JOIN source s ON s.window_start = m.window_start AND s.agent_id = m.agent_id
   WHERE m.is_final AND m.is_complete AND m.total_tasks <> coalesce(s.executions, 0) - coalesce(s.refused, 0)
$$;
COMMENT ON FUNCTION weir.window_differences() IS 'Final and complete windows of the analyst''s organization that do not have as many executions as the source in this database, without those that were refused.';

CREATE VIEW public.letters WITH (security_invoker = true) AS SELECT * FROM weir.letters_of_analyst();
COMMENT ON VIEW public.letters IS 'Records of the organization that a group could not take, or that wait; without what they hold.';
CREATE VIEW public.outcome_totals WITH (security_invoker = true) AS SELECT * FROM weir.outcome_totals();
COMMENT ON VIEW public.outcome_totals IS 'How records ended, of all organizations together. Of each group, records = done + skipped + dead + parked + re_sent.';
CREATE VIEW public.module_funnel WITH (security_invoker = true) AS SELECT * FROM weir.module_funnel();
COMMENT ON VIEW public.module_funnel IS 'Where learners stop: of each module how many began and completed it.';
CREATE VIEW public.activity_difficulty WITH (security_invoker = true) AS SELECT * FROM weir.activity_difficulty();
COMMENT ON VIEW public.activity_difficulty IS 'How hard activities are said to be, and how hard they turned out.';
CREATE VIEW public.window_differences WITH (security_invoker = true) AS SELECT * FROM weir.window_differences();
COMMENT ON VIEW public.window_differences IS 'Windows of agent_metrics that differ from the executions in this database: none, where the application''s tables are here and nothing is on its way.';
COMMENT ON COLUMN public.letters.id IS 'Number of the letter, as weir dlq show takes it.';
COMMENT ON COLUMN public.letters.group_id IS 'Consumer group.';
COMMENT ON COLUMN public.letters.topic IS 'Topic of the record.';
COMMENT ON COLUMN public.letters."partition" IS 'Partition of the record.';
COMMENT ON COLUMN public.letters.record_offset IS 'Offset of the record.';
COMMENT ON COLUMN public.letters.occurred_at IS 'Time of the record.';
COMMENT ON COLUMN public.letters.kind IS 'Who refused it: decode, rule, database, crash, grace.';
COMMENT ON COLUMN public.letters.reason IS 'Why, as a word.';
COMMENT ON COLUMN public.letters.fault_path IS 'Where in the record; empty: the record as a whole.';
COMMENT ON COLUMN public.letters.constraint_name IS 'Constraint that refused it; empty: none.';
COMMENT ON COLUMN public.letters.status IS 'dead, parked, redriving, resolved, discarded.';
COMMENT ON COLUMN public.letters.attempts IS 'How often it was tried.';
COMMENT ON COLUMN public.letters.resolved_at IS 'When it was resolved or discarded; null: not yet.';
COMMENT ON COLUMN public.letters.resolved_as IS 'How it ended then.';
COMMENT ON COLUMN public.outcome_totals.group_id IS 'Consumer group.';
COMMENT ON COLUMN public.outcome_totals.topic IS 'Topic.';
COMMENT ON COLUMN public.outcome_totals.outcome IS 'done, skipped, dead, parked, re_sent.';
COMMENT ON COLUMN public.outcome_totals.reason IS 'Reason, where the outcome has one.';
COMMENT ON COLUMN public.outcome_totals.records IS 'Records, of all organizations.';
COMMENT ON COLUMN public.module_funnel.module_id IS 'Module.';
COMMENT ON COLUMN public.module_funnel.title IS 'Its title.';
COMMENT ON COLUMN public.module_funnel."position" IS 'Its place in the order of modules.';
COMMENT ON COLUMN public.module_funnel.began IS 'Learners who began it.';
COMMENT ON COLUMN public.module_funnel.completed IS 'Learners who completed it.';
COMMENT ON COLUMN public.module_funnel.median_time IS 'Median of the times from its unlocking to its completion.';
COMMENT ON COLUMN public.activity_difficulty.activity_id IS 'Activity.';
COMMENT ON COLUMN public.activity_difficulty.title IS 'Its title.';
COMMENT ON COLUMN public.activity_difficulty.said IS 'Difficulty as its author said it.';
COMMENT ON COLUMN public.activity_difficulty.turned_out IS 'Difficulty as learners met it.';
COMMENT ON COLUMN public.activity_difficulty.attempts IS 'Attempts that it is computed from.';
COMMENT ON COLUMN public.window_differences.window_start IS 'Start of the window.';
COMMENT ON COLUMN public.window_differences.agent_id IS 'Agent.';
COMMENT ON COLUMN public.window_differences.total_tasks IS 'Executions that agent_metrics has.';
COMMENT ON COLUMN public.window_differences.in_source IS 'Executions that ended in the window, in agent_executions.';
COMMENT ON COLUMN public.window_differences.refused IS 'Of these, executions of which a record was refused.';

GRANT SELECT ON weir.dead_letters, weir.outcome_counts, public.learning_modules, public.module_progress, public.activity_ratings,
  public.learning_activities, public.agent_metrics TO weir_reader;
DO $$
DECLARE
  f     regprocedure;
  shown regclass;
BEGIN
  FOREACH shown IN ARRAY '{public.learning_modules,public.module_progress,public.activity_ratings,public.learning_activities,public.agent_metrics}'::regclass[] LOOP
    PERFORM weir.let_read(shown, 'weir_reader');
  END LOOP;
  FOREACH f IN ARRAY '{weir.letters_of_analyst(),weir.outcome_totals(),weir.module_funnel(),weir.activity_difficulty(),weir.window_differences()}'::regprocedure[] LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO weir_reader', f);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO analyst', f);
  END LOOP;
END $$;
GRANT SELECT ON public.letters, public.outcome_totals, public.module_funnel, public.activity_difficulty, public.window_differences TO analyst;
