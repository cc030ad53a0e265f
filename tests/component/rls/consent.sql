-- Consent and time: what is about a person is seen by others only while the person lets them, and the tie that they see it by lasts.
SELECT plan(61);
CREATE FUNCTION scene.seen(who text, before text) RETURNS text LANGUAGE sql AS $$
  SELECT scene.attempt(who, 'SELECT count(*) FROM public.assessment_scores WHERE user_id = ''a0000000-0000-4000-8000-000000000003''', before)
$$;
SELECT is(scene.seen(who, before), rows, description) FROM (VALUES
  ('a5', 'SELECT', '1', 'a professional sees a client who consents'),
  ('a5', 'UPDATE public.consents SET withdrawn_at = now()', '0', 'not once consent is withdrawn'),
  ('a5', 'UPDATE public.consents SET granted_at = now() - interval ''2 days'', expires_at = now() - interval ''1 day''', '0', 'nor expired'),
  ('a5', 'UPDATE public.consents SET expires_at = now() + interval ''1 day''', '1', 'but as long as it has not'),
  ('a5', 'UPDATE public.consents SET granted_at = now() + interval ''1 day''', '0', 'nor before it begins'),
  ('a5', 'UPDATE public.consents SET scope = ''data_processing'' WHERE scope = ''professional''', '0', 'nor by consent to something else'),
  ('a5', 'UPDATE public.consents c SET professional_id = scene.id(o, 56) FROM scene.orgs WHERE org = organization_id AND scope = ''professional''', '0', 'nor by consent to another professional'),
  ('a5', 'UPDATE public.consents c SET professional_id = scene.id(o, 55) FROM scene.orgs WHERE org = organization_id AND scope = ''professional''', '1', 'but by consent to this one'),
  ('a5', 'UPDATE public.professional_clients SET ended_at = now()', '0', 'nor once the work has ended'),
  ('a5', 'UPDATE public.professionals SET verified_at = NULL', '0', 'nor without a verified licence'),
  ('a5', 'UPDATE public.professionals SET background_checked_at = NULL', '0', 'nor without a background check'),
  ('a5', 'UPDATE public.professionals SET licence_expires_on = current_date - 1', '0', 'nor with a licence that ran out'),
  ('a6', 'SELECT', '0', 'a professional who is not verified sees nothing'),
  ('a6', 'UPDATE public.professionals SET verified_at = now(), background_checked_at = now()', '1', 'until verified'),
  ('a2', 'SELECT', '1', 'a teacher sees a student who consents'),
  ('a2', 'UPDATE public.consents SET withdrawn_at = now()', '0', 'not once consent is withdrawn'),
  ('a2', 'UPDATE public.teacher_students SET ended_at = now()', '0', 'nor once the teaching has ended'),
  ('a2', 'UPDATE public.users SET requires_parental_consent = true', '0', 'nor a child without its parents'' consent'),
  ('a2', 'UPDATE public.users SET requires_parental_consent = true, parental_consent_at = now()', '1', 'but with it'),
  ('a1', 'SELECT', '1', 'an admin sees who consents'),
  ('a1', 'UPDATE public.consents SET withdrawn_at = now()', '0', 'and not who withdrew'),
  ('a3', 'UPDATE public.consents SET withdrawn_at = now()', '1', 'the own scores need no consent')) c (who, before, rows, description);
SELECT is(scene.attempt('a3', 'SELECT count(*) FROM public.insights', 'UPDATE public.consents SET withdrawn_at = now()'), '0', 'insights are hidden, also from oneself, once consent to them is withdrawn');
SELECT is(scene.attempt(who, 'SELECT string_agg(DISTINCT audience, '' '') FROM public.insights WHERE user_id IS NOT NULL'), audience, who || ' reads what is written for a ' || audience || ', and nothing else of it')
  FROM (VALUES ('a3', 'user'), ('a2', 'teacher'), ('a5', 'professional'), ('a1', 'admin')) a (who, audience);
SELECT is(scene.attempt('a3', 'SELECT count(*) FROM public.insights', 'UPDATE public.insights SET status = ''hidden'''), '0', 'what was hidden stays hidden with consent');
SELECT is(scene.attempt('a3', 'WITH u AS (UPDATE public.insights SET rating = ''helpful'' RETURNING 1) SELECT count(*) FROM u'), '1', 'users rate what they read');

-- Groups of at least five.
INSERT INTO public.users (id, organization_id, email, role) SELECT scene.id('a', 700 + n), scene.id('a', 0), n || '@group.example', 'student' FROM generate_series(1, 3) n;
INSERT INTO public.professional_clients (organization_id, professional_id, client_id) SELECT scene.id('a', 0), scene.id('a', 55), scene.id('a', 700 + n) FROM generate_series(1, 3) n;
INSERT INTO public.assessment_scores (organization_id, response_id, dimension, user_id, assessment_id, instrument_version, raw_score, submitted_at)
  SELECT scene.id('a', 0), scene.id('a', 710 + n), 'd', scene.id('a', 700 + n), scene.id('c', 100), 1, 60, now() FROM generate_series(1, 3) n;
INSERT INTO public.consents (organization_id, user_id, scope) SELECT scene.id('a', 0), scene.id('a', 700 + n), 'assessments' FROM generate_series(1, 2) n;
-- What is shown was released before; weir insights computes the next release over those who consent at that time, by their newest submissions.
CREATE FUNCTION scene.group_of(before text) RETURNS text LANGUAGE sql AS $$
  SELECT scene.attempt('weir_insights', 'SELECT count(*) || '' '' || avg(raw_score) FROM weir.group_members(''{a0000000-0000-4000-8000-000000000055}'')', before)
$$;
SELECT is(scene.group_of('SELECT'), '4 55', 'only clients who consent are counted');
SELECT is(scene.group_of($$INSERT INTO public.consents (organization_id, user_id, scope) VALUES (scene.id('a', 0), scene.id('a', 703), 'assessments');
    INSERT INTO public.assessment_scores (organization_id, response_id, dimension, user_id, assessment_id, instrument_version, raw_score, submitted_at, created_at)
    VALUES (scene.id('a', 0), scene.id('a', 720), 'd', scene.id('a', 701), scene.id('c', 100), 1, 0, now() - interval '1 day', now() + interval '1 day')$$),
  '5 56', 'and the newest score is that of the newest submission');
SELECT is(scene.attempt(who, 'SELECT count(*) || coalesce('' '' || max(mean_score), '''') FROM public.professional_group_scores',
  $$INSERT INTO weir.group_releases
    SELECT scene.id('a', 0), scene.id('a', 55), 'library', 'd', week, array_agg(scene.id('a', 700 + n)), mean, 0
      FROM generate_series(1, 5) n, (VALUES (date '2026-11-16', 40), ('2026-11-23', 56)) r (week, mean)
     GROUP BY week, mean$$), rows, who || ' sees the newest release of the own clients and of no others')
  FROM (VALUES ('a5', '1 56'), ('a6', '0'), ('a1', '0'), ('a5@b', '0')) w (who, rows);
-- Views of scores show what the tables show, of retired instruments too.
SELECT is(scene.attempt(who, 'SELECT count(*) FROM public.' || shown), scene.attempt(who, 'SELECT count(*) FROM public.' || of), who || ' sees in ' || shown || ' what it sees in ' || of)
  FROM unnest('{a1,a2,a3,a4,a5,a6,a8,a3@b}'::text[]) who, (VALUES ('latest_scores', 'assessment_scores'), ('score_history', 'assessment_scores'), ('score_growth', 'growth_scores')) v (shown, of);
SELECT is(scene.attempt('a3', 'SELECT instrument FROM public.latest_scores', $$UPDATE public.assessments SET status = 'retired' WHERE key = 'library'$$), 'library', 'a score keeps its instrument''s name once that is retired');
SELECT is(scene.attempt('a3', 'SELECT t_difference FROM public.score_history ORDER BY submitted_at DESC LIMIT 1', $$UPDATE public.assessment_scores SET t_score = 40;
    INSERT INTO public.assessments (id, key, instrument_version, title, status, published_at) VALUES (scene.id('c', 101), 'other', 1, 'Other', 'published', now());
    INSERT INTO public.assessment_scores (organization_id, response_id, dimension, user_id, assessment_id, instrument_version, raw_score, t_score, submitted_at)
    VALUES (scene.id('a', 0), scene.id('a', 730), 'd', scene.id('a', 3), scene.id('c', 101), 1, 10, 55, now() + interval '1 day')$$), '15', 'a dimension that two instruments measure is compared by T-score');
SELECT * FROM finish();
