-- Plans under row security: helpers are evaluated once a statement, and the organization is found by an index, whoever asks.
CREATE FUNCTION scene.plan_of(who text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
  plan text := '';
BEGIN
  BEGIN
    PERFORM scene.become(who);
    -- Names are told in full where the path does not find them.
    PERFORM set_config('enable_seqscan', 'off', true), set_config('search_path', '', true);
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || statement LOOP
      plan := plan || line || E'\n';
    END LOOP;
    RAISE EXCEPTION USING ERRCODE = 'SCENE';
  EXCEPTION WHEN SQLSTATE 'SCENE' THEN NULL;
  END;
  RETURN plan;
END $$;
CREATE VIEW scene.plans AS
  SELECT c.relname::text AS table_name, who, scene.plan_of(who, format('SELECT count(*) FROM public.%I', c.relname)) AS plan
    FROM pg_class c, unnest('{a1,a2,a3,a5}'::text[]) who
   WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition;

SELECT plan(7);
SELECT is((SELECT string_agg(table_name || ' ' || who || ': ' || line, E'\n') FROM scene.plans, regexp_split_to_table(plan, E'\n') line
  WHERE line ~ '(Filter|Cond):' AND line ~ '(public|weir)\.[a-z_]+\('), NULL, 'no condition calls a function of ours for each row');
SELECT cmp_ok((SELECT count(*) FROM scene.plans WHERE plan ~ 'InitPlan')::integer, '>', 200, 'they are evaluated before');
-- Library tables are small and read by two conditions; organizations is found by its primary key.
SELECT is((SELECT string_agg(table_name || ' ' || who, ', ') FROM scene.plans WHERE plan !~ 'Cond: \([^\n]*organization_id = \$' AND plan !~ 'One-Time Filter: false'
    AND table_name NOT IN (SELECT tablename FROM pg_policies WHERE policyname = 'tenant_update') AND table_name <> 'organizations'),
  NULL, 'every other table is searched by the organization in an index');
SELECT matches(scene.plan_of(who, 'SELECT * FROM public.agent_executions WHERE agent_id = ''a0000000-0000-4000-8000-000000000303'' ORDER BY completed_at DESC LIMIT 10'),
  'Index Cond: \(\(agent_executions.organization_id = \$\d+\) AND \(agent_executions.agent_id = ', who || ' finds an agent''s executions by the index that is there for it')
  FROM unnest('{a1,a2,a3}'::text[]) who;
-- LIKE is not leakproof: it waits until the policy has spoken, and so cannot be the index's condition.
SELECT matches(scene.plan_of('a1', 'SELECT * FROM public.users WHERE lower(email) LIKE ''stu%'''), 'Index Cond: \(users.organization_id = \$\d+\)\s+Filter: .*LIKE|Filter: .*~~', 'a search by LIKE still goes by the organization''s index');
SELECT * FROM finish();
