-- What the views of learning show, and to whom. In the scene students 3, 4, 7 and 9 have done activity 210 of module 200, which 201 stands
-- on; module 202 is not published.
SELECT plan(46);

-- Whose rows are hidden is not shown with the default of somebody who never began.
SELECT is(scene.attempt(who, $$SELECT string_agg(DISTINCT user_id::text, ' ') FROM public.learning_progress$$),
          scene.attempt(who, $$SELECT string_agg(DISTINCT u::text, ' ') FROM (SELECT user_id AS u FROM public.activity_completions UNION SELECT public.current_user_id()) x$$),
          who || ' sees the progress of the users whose completions it sees, and its own')
  FROM unnest('{a1,a2,a3,a4,a5,a6,a7,a8}'::text[]) who;
SELECT is(scene.attempt('a3@b', 'SELECT count(*) FROM public.learning_progress'), '0', 'a user has no progress in another organization');
SELECT is(scene.attempt('{}', 'SELECT count(*) FROM public.learning_progress'), '0', 'nobody sees nothing');
SELECT is(scene.attempt(who, 'SELECT count(*) FROM public.learner_streaks'), scene.attempt(who, 'SELECT count(*) FROM public.learner_states'),
          who || ' sees the streaks of the users whose states it sees')
  FROM unnest('{a1,a2,a3,a4,a5,a6,a8,a3@b}'::text[]) who;
SELECT is(scene.attempt('a2', 'SELECT count(*) FROM public.learner_streaks', 'UPDATE public.consents SET withdrawn_at = now()'), '0', 'a streak is hidden once consent is withdrawn');
SELECT is(scene.attempt('a1', 'SELECT count(*) FROM public.learning_progress', 'UPDATE public.users SET deleted_at = now() WHERE id = scene.id(''a'', 3)'),
          scene.attempt('a1', 'SELECT count(*) FROM public.learning_progress WHERE user_id <> scene.id(''a'', 3)', 'GRANT USAGE ON SCHEMA scene TO authenticated'), 'a user who is deleted softly is absent');

-- Progress.
CREATE FUNCTION scene.progress(before text) RETURNS text LANGUAGE sql AS $$
  SELECT scene.attempt('a3', $q$SELECT string_agg(concat_ws(' ', key, status, percent), ', ' ORDER BY key) FROM public.learning_progress$q$, before)
$$;
SELECT is(scene.progress(before), progress, description) FROM (VALUES
  ('DELETE FROM public.module_progress', 'm200 unlocked 0, m201 locked 0', 'a module without a row is unlocked, and locked where it stands on another'),
  ('UPDATE public.module_progress SET status = ''completed'', percent = 100', 'm200 completed 100, m201 locked 0', 'a row stands in place of the default'),
  ('DELETE FROM public.module_progress; UPDATE public.learning_modules SET deleted_at = now() WHERE key = ''m200''', 'm201 unlocked 0', 'a module that is deleted softly is no prerequisite'),
  ('DELETE FROM public.module_progress; UPDATE public.learning_modules SET is_published = false WHERE key = ''m200''', 'm201 unlocked 0', 'nor is one that is not published')) c (before, progress, description);

-- Today's streak.
CREATE FUNCTION scene.streak(last integer, bridged text) RETURNS text LANGUAGE sql AS $$
  SELECT scene.attempt('a3', 'SELECT streak_days FROM public.learner_streaks', format(
    $q$UPDATE public.learner_states SET streak_days = 5, longest_streak_days = 9, last_active_on = d.today - %s, freeze_used_on = %s
         FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS today) d$q$, last, bridged))
$$;
SELECT is(scene.streak(last, bridged), streak, description) FROM (VALUES
  (0, 'NULL', '5', 'who was active today has the streak'),
  (1, 'NULL', '5', 'who was active yesterday may still be today'),
  (2, 'NULL', '5', 'a missed day may still be bridged'),
  (2, 'date_trunc(''week'', (d.today - 1)::timestamp)::date', '0', 'not where its week has a bridged day already'),
  (2, 'd.today - 8', '5', 'but where that was in another week'),
  (3, 'NULL', '0', 'two missed days are not bridged'),
  (-1, 'NULL', '5', 'a day that is still to come keeps its streak')) c (last, bridged, streak, description);
SELECT is(scene.attempt('a3', format('SELECT today = (now() AT TIME ZONE %L)::date FROM public.learner_streaks', zone), before), 'true', description) FROM (VALUES
  ('UTC', 'SELECT', 'today is that of UTC as long as no zone is known'),
  ('Pacific/Kiritimati', $$INSERT INTO weir.user_zones SELECT scene.id('a', 3), '-infinity', scene.id('a', 0), 'Pacific/Kiritimati'$$, 'today is that of the user''s zone'),
  ('Pacific/Pago_Pago', $$INSERT INTO weir.user_zones SELECT scene.id('a', 3), t, scene.id('a', 0), z FROM (VALUES ('-infinity'::timestamptz, 'Pacific/Kiritimati'), (now(), 'Pacific/Pago_Pago')) x (t, z)$$, 'and of the newest one')) c (zone, before, description);

-- Momentum: 2 active days, none, and 4 in the last complete week.
CREATE FUNCTION scene.momentum(before text, zone text) RETURNS text LANGUAGE sql AS $$
  SELECT scene.attempt('a3', 'SELECT coalesce(min(round(momentum::numeric, 9))::text, ''none'') FROM public.learner_momentum', $q$
    DELETE FROM public.activity_completions;
    INSERT INTO public.activity_completions (organization_id, user_id, activity_id, succeeded, completed_at)
    SELECT scene.id('a', 0), scene.id('a', 3), scene.id('a', 210), false, (date_trunc('week', now() AT TIME ZONE $q$ || quote_literal(zone) || $q$) + make_interval(days => d, hours => 20)) AT TIME ZONE 'UTC'
      FROM unnest('{-21,-20,-20,-7,-6,-3,-1,0}'::integer[]) d;$q$ || before)
$$;
SELECT is(scene.momentum(before, zone), momentum, description) FROM (VALUES
  ('SELECT', 'UTC', '2.180000000', 'momentum begins with the first week and ends with the last complete one: 0.3·4 + 0.7·(0.7·2)'),
  ('DELETE FROM public.activity_completions WHERE completed_at < date_trunc(''week'', now()) - interval ''1 day''', 'UTC', '1.000000000', 'one week is its own mean'),
  ('DELETE FROM public.activity_completions WHERE completed_at < now() - interval ''1 week''; UPDATE public.activity_completions SET completed_at = now()', 'UTC', 'none', 'a first week that is still running has none'),
  ('INSERT INTO weir.user_zones VALUES (scene.id(''a'', 3), ''-infinity'', scene.id(''a'', 0), ''Asia/Tokyo'')', 'Asia/Tokyo', '1.880000000', 'days and weeks are those of the user''s zone: Sunday evening is Monday in Tokyo'),
  ('UPDATE public.learning_activities SET deleted_at = now()', 'UTC', 'none', 'completions of what is deleted softly count for nothing'),
  ('UPDATE public.learning_modules SET is_published = false', 'UTC', 'none', 'nor those of a module that is not published'),
  ('INSERT INTO public.activity_completions (organization_id, user_id, activity_id, succeeded, completed_at)
    SELECT scene.id(''a'', 0), scene.id(''a'', 3), scene.id(''a'', 210), true, t FROM unnest(''{1900-01-01,20000-01-01,-infinity,infinity}''::timestamptz[]) t',
   'UTC', '1.494000000', 'neither a first week long ago nor a time without end is a fault')) c (before, zone, momentum, description);

-- What next. Skill 1200 solves an activity of difficulty 1053 with probability 0.70, 1000 with 0.76, 1200 with 0.5.
SELECT is(scene.attempt('a3', $$SELECT string_agg(title || ' ' || round(predicted_success::numeric, 2), ', ' ORDER BY place) FROM public.next_activities$$, $$
    INSERT INTO public.learning_activities (organization_id, module_id, kind, title, difficulty_rating, deleted_at)
    SELECT scene.id('a', 0), scene.id('a', m), 'quiz', title, difficulty, deleted_at
      FROM (VALUES (200, 'even', 1200, NULL), (200, 'best', 1053, NULL), (200, 'easy', 1000, NULL), (200, 'gone', 1053, now()), (201, 'later', 1053, NULL), (202, 'draft', 1053, NULL)) a (m, title, difficulty, deleted_at);
    DELETE FROM public.module_progress$$), 'best 0.70, easy 0.76, even 0.50', 'what is next is open and not done, nearest to a success of 0.7 first');

-- Shares.
CREATE FUNCTION scene.shares(learners integer) RETURNS text LANGUAGE sql AS $$
  SELECT scene.attempt('a3', $q$SELECT coalesce(string_agg(key || ' ' || share_percent, ', ' ORDER BY key), 'none') FROM public.achievement_shares$q$, format($q$
    INSERT INTO weir.achievement_holders VALUES (scene.id('a', 0), scene.id('c', 220), 7), (scene.id('b', 0), scene.id('c', 220), 1);
    INSERT INTO public.users (id, organization_id, email, role) SELECT scene.id('a', 800 + n), scene.id('a', 0), n || '@share.example', 'student' FROM generate_series(5, %1$s) n;
    INSERT INTO public.learner_states (organization_id, user_id) SELECT scene.id('a', 0), scene.id('a', 800 + n) FROM generate_series(5, %1$s) n$q$, learners))
$$;
SELECT is(scene.shares(19), 'none', 'nineteen learners are too few for shares');
SELECT is(scene.shares(20), 'library 35, own 0', 'twenty are enough: 7 of them are 35 percent');
SELECT is(scene.shares(26), 'library 27, own 0', 'shares are whole percents: 7 of 26 are 27');
SELECT is(scene.attempt('a1', 'SELECT count(*) FROM weir.achievement_holders'), 'ERROR 42501', 'nobody of a tenant sees the counts behind shares');
SELECT * FROM finish();
