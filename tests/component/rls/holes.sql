-- The known ways around row security, each tried.
SELECT plan(91);

-- Claims. Those that are missing, unreadable or of the wrong kind are nobody's: no rows, and no error.
SELECT is(scene.attempt(claims, $$SELECT count(*) FROM public.dashboards$$), '0', 'claims ' || left(claims, 40) || ' are nobody''s')
  FROM unnest(ARRAY['{', '[]', '"text"', '{"sub": 5}', '{"organization_id": null}', '{"organization_id": "not-a-uuid", "user_role": "admin"}', '{"user_role": "admin"}',
                    '{"organization_id": ["a0000000-0000-4000-8000-000000000000"], "user_role": "admin"}', '{"sub": "\u0000"}', repeat('[', 20000),
                    $$' OR true --$$, '{"organization_id": "a0000000-0000-4000-8000-000000000000 "}']) claims;
SELECT is(scene.attempt('authenticated', $$SELECT count(*) FROM public.dashboards$$), '0', 'no claims are nobody''s');
SELECT is(scene.attempt('authenticated', $$SELECT count(*) FROM public.dashboards$$, $$SELECT set_config('request.jwt.claims', NULL, true)$$), '0', 'nor a setting that was reset');
SELECT is(scene.attempt('anon', 'SELECT count(*) FROM public.' || t), 'ERROR 42501', 'anon reads nothing of ' || t) FROM unnest('{users,agent_metrics,dashboards}'::text[]) t;
SELECT is(scene.attempt(jsonb_build_object('sub', scene.id('a', 4), 'organization_id', scene.id('a', 0), 'user_role', r, 'role', r)::text,
                        $$SELECT (SELECT count(*) FROM public.users) || ' ' || (SELECT count(*) FROM public.agent_instances) || ' ' || (SELECT count(*) FROM public.consents)$$),
          '1 0 0', 'a role that is none, ' || r || ', gives one''s own rows at most')
  FROM unnest(ARRAY['superuser', 'service_role', 'weir_rollups', 'postgres', 'ADMIN', 'admin ']) r;
SELECT is(scene.attempt('a3@b', $$SELECT count(*) FROM public.users$$), '0', 'a user who claims another organization has no rows of the own one');
SELECT is(scene.attempt('a1', $$SELECT count(*) FROM public.users WHERE organization_id = scene.id('b', 0)$$, 'GRANT USAGE ON SCHEMA scene TO authenticated'), '0', 'asking for another organization by name gives nothing');

-- A transaction's claims end with it: what is left of the setting is '', not null.
BEGIN;
SELECT set_config('request.jwt.claims', jsonb_build_object('organization_id', scene.id('a', 0), 'user_role', 'admin')::text, true) IS NULL AS ignored;
COMMIT;
SELECT is(current_setting('request.jwt.claims', true), '', 'after COMMIT the setting is empty');
SELECT is(scene.attempt('authenticated', $$SELECT count(*) FROM public.users$$), '0', 'and gives no rows, and no error');

-- Statements that were prepared under another identity.
CREATE FUNCTION scene.prepared(who text) RETURNS text LANGUAGE sql AS $$ SELECT scene.attempt(who, 'EXECUTE kept(0)') $$;
SET plan_cache_mode = force_generic_plan;
PREPARE kept (integer) AS SELECT (SELECT count(*) FROM public.agent_executions) || ' ' || (SELECT count(*) FROM public.agent_executions WHERE organization_id = 'a0000000-0000-4000-8000-000000000000') + $1;
SELECT is(scene.prepared(who), wanted, who || ' gets the own rows from a statement prepared by another')
  FROM (VALUES ('a1', '5 5'), ('a3', '1 1'), ('b1', '5 0'), ('authenticated', '0 0'), ('weir_rollups', '10 5'), ('a2', '5 5'), ('b4', '1 0'), ('a1', '5 5')) x (who, wanted);
RESET plan_cache_mode;

-- SET ROLE.
SELECT is(scene.attempt('login weir_gateway', format('SELECT set_config(%L, %L, true)', 'role', r)), 'ERROR 42501', 'who is no member does not become ' || r)
  FROM unnest('{weir_rollups,weir_reader,weir_cdc,analyst,weir}'::text[]) r;
SELECT is(scene.attempt('login weir_gateway', $$SELECT count(*) FROM public.users$$, $$SELECT set_config('request.jwt.claims', jsonb_build_object('organization_id', scene.id('a', 0), 'user_role', 'admin')::text, true)$$),
  'ERROR 42501', 'claims without SET ROLE authenticated give the gateway nothing');

-- Partitions addressed directly, without a grant and even with one.
SELECT is(scene.attempt(who, 'SELECT count(*) FROM public.' || p), 'ERROR 42501', who || ' does not read partition ' || p)
  FROM unnest('{a1,weir_notifications,scene_analyst_a}'::text[]) who, (SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'public.notifications'::regclass
       UNION SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'public.agent_metrics'::regclass) x (p);
SELECT is(scene.attempt('a1', $$SELECT count(*) FROM public.notifications_default$$, 'GRANT SELECT ON public.notifications_default TO authenticated'), '0', 'a partition has row security of its own');
SELECT is(scene.attempt('a1', $$SELECT count(*) FROM public.notifications_default$$, 'GRANT SELECT ON public.notifications_default TO authenticated; ALTER TABLE public.notifications_default DISABLE ROW LEVEL SECURITY'), '12', 'which is what hides its rows');
SELECT is((SELECT bool_and(relrowsecurity AND relforcerowsecurity) FROM pg_class WHERE relname ~ '^agent_metrics_[0-9]{8}$'), true, 'a partition that is made later has it too');

-- The owner, without FORCE.
SELECT scene.make_role('scene_owner', 'NOLOGIN');
SELECT is(scene.attempt('scene_owner', 'SELECT count(*) FROM public.locations', 'GRANT USAGE, CREATE ON SCHEMA public TO scene_owner; ALTER TABLE public.locations OWNER TO scene_owner'), '0', 'the owner of a table is under its policies');
SELECT is(scene.attempt('scene_owner', 'SELECT count(*) FROM public.locations', 'GRANT USAGE, CREATE ON SCHEMA public TO scene_owner; ALTER TABLE public.locations OWNER TO scene_owner; ALTER TABLE public.locations NO FORCE ROW LEVEL SECURITY'), '2', 'by FORCE alone');

-- Views and materialized views.
SELECT is(scene.attempt('a3', 'SELECT count(*) FROM public.leak', 'CREATE VIEW public.leak WITH (security_invoker = true) AS SELECT * FROM public.users; GRANT SELECT ON public.leak TO authenticated'), '1', 'a view with security_invoker shows what its reader may see');
SELECT is(scene.attempt('a3', 'SELECT count(*) FROM public.leak', 'CREATE VIEW public.leak AS SELECT * FROM public.users; GRANT SELECT ON public.leak TO authenticated'), '18', 'by security_invoker alone');
SELECT is(scene.attempt('a3', 'SELECT count(*) FROM public.leak', 'CREATE MATERIALIZED VIEW public.leak AS SELECT * FROM public.users; GRANT SELECT ON public.leak TO authenticated'), '18', 'a materialized view knows no policy, so none may be granted');

-- Functions: by the rights of who calls it a function reads what its caller may, by those of its owner everything.
SELECT is(scene.attempt(who, 'SELECT public.leak()', 'CREATE FUNCTION public.leak() RETURNS bigint LANGUAGE sql AS ''SELECT count(*) FROM public.users'''), seen, 'a function shows ' || who || ' what it may see')
  FROM (VALUES ('a1', '9'), ('a3', '1'), ('authenticated', '0')) x (who, seen);
SELECT is(scene.attempt('a3', 'SELECT public.leak()', 'CREATE FUNCTION public.leak() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS ''SELECT count(*) FROM public.users'''), '18', 'by its caller''s rights alone');

-- Constraints must not tell of rows that cannot be read.
SELECT unalike(scene.attempt('a1', format($$INSERT INTO public.users (id, organization_id, email, role) VALUES (%L, %L, 'x@y', 'student')$$, scene.id('b', 3), scene.id('a', 0)), told => true), '%b0000000%', 'a unique violation does not name another organization''s value');
SELECT is(scene.attempt('a1', format($$INSERT INTO public.users (organization_id, email, role) VALUES (%L, 'student3@b.example', 'student') RETURNING 1$$, scene.id('a', 0))), '1', 'an address may be taken in another organization');
SELECT is(scene.attempt('a1', format($$INSERT INTO public.projects (organization_id, owner_id, name) VALUES (%L, %L, 'x') RETURNING 1$$, scene.id('a', 0), scene.id('b', 1))), 'ERROR 23503', 'no key leads into another organization');
SELECT is(scene.attempt('a1', 'TRUNCATE public.dashboards'), 'ERROR 42501', 'TRUNCATE is nobody''s');
SELECT is(scene.attempt('a3', $$SELECT count(*) FROM public.test_rls_policies('public.users', NULL, NULL, 'admin')$$), 'ERROR 42501', 'trying out others is for operators');

-- Of an empty table an operator is told too what a user could do.
CREATE TABLE public.bare (organization_id uuid NOT NULL REFERENCES public.organizations, author uuid NOT NULL REFERENCES public.users, name text NOT NULL);
SELECT is((SELECT string_agg(operation || ': ' || answer, ', ') FROM public.test_rls_policies('public.bare', scene.id('a', 3), scene.id('a', 0), 'student') WHERE operation ~ 'insert'),
  'insert own: permission denied for table bare, insert foreign: permission denied for table bare', 'nothing without a grant');
SELECT weir.protect('public.bare');
GRANT SELECT, INSERT ON public.bare TO authenticated;
CREATE POLICY own_write ON public.bare FOR INSERT TO authenticated WITH CHECK (author = (SELECT public.current_user_id()));
SELECT is(scene.reach('public.bare', 'a3'), '0,+,-,-', 'a row of the user''s own is let through, although it lacks a name');
SELECT is((SELECT answer FROM public.test_rls_policies('public.bare', scene.id('a', 3), scene.id('a', 0), 'student') WHERE operation = 'insert foreign'),
  'new row violates row-level security policy "tenant" for table "bare"', 'one of another organization is not');
CREATE TABLE public.barest (name text, organization_id uuid);
GRANT INSERT (name) ON public.barest TO authenticated;
SELECT is((SELECT string_agg(answer, ', ') FROM public.test_rls_policies('public.barest', scene.id('a', 3), scene.id('a', 0), 'student') WHERE operation ~ 'insert'),
  'done, done', 'nor does a table without row security fail that lets nobody name the organization');

-- Columns.
SELECT is(scene.attempt(who, statement), answer, who || ': ' || statement) FROM (VALUES
  ('a3', 'UPDATE public.agent_executions SET user_rating = 5 RETURNING user_rating', '5'),
  ('a3', 'UPDATE public.agent_executions SET status = ''failed''', 'ERROR 42501'),
  ('a2', 'UPDATE public.agent_executions SET quality_score = 1', 'ERROR 42501'),
  ('a1', 'UPDATE public.agent_executions SET status = ''failed'' RETURNING status', 'failed'),
  ('a3', 'UPDATE public.users SET full_name = ''New'' RETURNING full_name', 'New'),
  ('a3', 'UPDATE public.users SET role = ''admin''', 'ERROR 42501'),
  ('a3', 'UPDATE public.users SET organization_id = ''b0000000-0000-4000-8000-000000000000''', 'ERROR 42501'),
  ('a1', 'UPDATE public.users SET organization_id = ''b0000000-0000-4000-8000-000000000000''', 'ERROR 42501'),
  ('a1', 'UPDATE public.achievements SET organization_id = ''a0000000-0000-4000-8000-000000000000'' WHERE organization_id IS NULL RETURNING 1', NULL),
  ('a7', 'UPDATE public.projects SET owner_id = ''a0000000-0000-4000-8000-000000000007''', 'ERROR 42501'),
  ('a3', 'SELECT credentials_encrypted FROM public.connectors', 'ERROR 42501'),
  ('a1', 'SELECT config FROM public.connectors LIMIT 1', '{}'),
  ('a1', 'SELECT key_hash FROM public.api_keys', 'ERROR 42501'),
  ('a3', 'SELECT token_hash FROM public.sessions', 'ERROR 42501'),
  ('a3', 'SELECT address_encrypted FROM public.notification_destinations', 'ERROR 42501'),
  ('a3', 'UPDATE public.consents SET given_by = ''guardian''', 'ERROR 42501'),
  ('a1', 'SELECT count(*) FROM public.chat_sessions_overview', '4'),
  ('a3', 'SELECT count(*) FROM public.chat_sessions_overview', '0'),
  ('a1', 'SELECT count(*) FROM public.chat_sessions_overview o WHERE o::text LIKE ''%secret%''', '0'),
  ('a3', 'SELECT count(*) FROM public.system_health_overall', '1'),
  ('a1', 'SELECT issues FROM weir.system_health_total', 'ERROR 42501'),
  ('a1', 'SELECT count(*) FROM public.live_consents', '15'),
  ('a3', 'SELECT count(*) FROM public.live_consents', '5')) c (who, statement, answer);
SELECT * FROM finish();
