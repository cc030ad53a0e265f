-- What applications show of learning: progress in each module, today's streak, momentum, what to do next, and how rare an achievement is.
-- Rows about a person are for whom row security lets read that person's completions; the views open nothing else.

-- A module that was never touched has no row in module_progress. So that its default is not shown of a person whose rows are merely
-- hidden, the views begin with the persons whose learning the one who asks may read. Row security of the learning tables says the same.
CREATE FUNCTION weir.my_learners() RETURNS TABLE (organization_id uuid, user_id uuid, today date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT u.organization_id, u.id, (now() AT TIME ZONE coalesce(z.time_zone, 'UTC'))::date
    FROM (SELECT public.current_user_id()
          UNION
          SELECT unnest(weir.my_students('assessments'))
          UNION
          SELECT unnest(weir.my_clients())
          UNION
          SELECT c.user_id FROM public.live_consents c
           WHERE public.is_admin() AND c.organization_id = public.get_user_organization() AND c.scope = 'assessments') mine (id)
    JOIN public.users u ON u.organization_id = public.get_user_organization() AND u.id = mine.id AND u.deleted_at IS NULL
    LEFT JOIN LATERAL (
      SELECT h.time_zone
        FROM weir.user_zones h
       WHERE h.user_id = u.id AND h.holds_from <= now()
       ORDER BY h.holds_from DESC
       LIMIT 1) z ON true
$$;
COMMENT ON FUNCTION weir.my_learners() IS 'The user who asks and whoever else''s learning that user may read now, with today''s date where each of them is.';

CREATE FUNCTION weir.active_weeks() RETURNS TABLE (organization_id uuid, user_id uuid, today date, week date, days bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT l.organization_id, l.user_id, l.today, date_trunc('week', d.day)::date, count(DISTINCT d.day)
    FROM weir.my_learners() l
    JOIN public.activity_completions c ON c.organization_id = l.organization_id AND c.user_id = l.user_id
                                      AND c.completed_at >= '0001-01-01Z' AND c.completed_at < '10000-01-01Z'
    JOIN public.learning_activities a ON a.organization_id = c.organization_id AND a.id = c.activity_id AND a.deleted_at IS NULL
    JOIN public.learning_modules m ON m.organization_id = a.organization_id AND m.id = a.module_id AND m.is_published AND m.deleted_at IS NULL
    LEFT JOIN LATERAL (
      SELECT h.time_zone
        FROM weir.user_zones h
       WHERE h.user_id = c.user_id AND h.holds_from <= c.completed_at
       ORDER BY h.holds_from DESC
       LIMIT 1) z ON true
   CROSS JOIN LATERAL (SELECT date_trunc('day', c.completed_at AT TIME ZONE coalesce(z.time_zone, 'UTC')) AS day) d
   GROUP BY l.organization_id, l.user_id, l.today, date_trunc('week', d.day)
$$;
COMMENT ON FUNCTION weir.active_weeks() IS 'Days with a completion in each ISO week, of the persons of my_learners, in the time zones that they had.';

CREATE FUNCTION weir.achievement_shares() RETURNS TABLE (organization_id uuid, achievement_id uuid, share_percent integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT n.organization_id, a.id, round(100.0 * least(coalesce(h.holders, 0), n.learners) / n.learners)::integer
    FROM (SELECT s.organization_id, count(*) AS learners
            FROM public.learner_states s
           WHERE s.organization_id = public.get_user_organization()
           GROUP BY s.organization_id) n
    JOIN public.achievements a ON coalesce(a.organization_id, n.organization_id) = n.organization_id AND a.deleted_at IS NULL
    LEFT JOIN weir.achievement_holders h ON h.organization_id = n.organization_id AND h.achievement_id = a.id
   WHERE n.learners >= 20
$$;
COMMENT ON FUNCTION weir.achievement_shares() IS 'Percent of the organization''s learners who have each achievement, where they are at least 20.';

GRANT SELECT ON public.activity_completions, public.learning_activities, public.learning_modules, public.achievements, public.learner_states,
  weir.user_zones, weir.achievement_holders TO weir_reader;
ALTER FUNCTION weir.my_learners() OWNER TO weir_reader;
ALTER FUNCTION weir.active_weeks() OWNER TO weir_reader;
ALTER FUNCTION weir.achievement_shares() OWNER TO weir_reader;
REVOKE ALL ON FUNCTION weir.my_learners(), weir.active_weeks(), weir.achievement_shares() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION weir.my_learners(), weir.active_weeks(), weir.achievement_shares() TO authenticated;

CREATE VIEW public.learning_progress WITH (security_invoker = true) AS
  SELECT l.organization_id, l.user_id, m.id AS module_id, m.key, m.title, m.position,
         coalesce(p.status,
                  CASE WHEN EXISTS (SELECT FROM public.module_prerequisites r
                                      JOIN public.learning_modules n ON n.organization_id = r.organization_id AND n.id = r.prerequisite_id
                                     WHERE r.organization_id = m.organization_id AND r.module_id = m.id
                                       AND n.is_published AND n.deleted_at IS NULL)
                       THEN 'locked'
                       ELSE 'unlocked' END) AS status,
         coalesce(p.percent, 0) AS percent, p.unlocked_at, p.completed_at
    FROM weir.my_learners() l
    JOIN public.learning_modules m ON m.organization_id = l.organization_id AND m.is_published AND m.deleted_at IS NULL
    LEFT JOIN public.module_progress p ON p.organization_id = l.organization_id AND p.user_id = l.user_id AND p.module_id = m.id;
COMMENT ON VIEW public.learning_progress IS 'How far each learner is in each published module, those included that the learner never touched.';
COMMENT ON COLUMN public.learning_progress.organization_id IS 'Organization.';
COMMENT ON COLUMN public.learning_progress.user_id IS 'Learner.';
COMMENT ON COLUMN public.learning_progress.module_id IS 'Module.';
COMMENT ON COLUMN public.learning_progress.key IS 'Short name of the module.';
COMMENT ON COLUMN public.learning_progress.title IS 'Name of the module for people.';
COMMENT ON COLUMN public.learning_progress.position IS 'Place of the module in the order of showing.';
COMMENT ON COLUMN public.learning_progress.status IS 'locked, unlocked, in_progress or completed.';
COMMENT ON COLUMN public.learning_progress.percent IS 'Share of the required activities that are done, in percent.';
COMMENT ON COLUMN public.learning_progress.unlocked_at IS 'When the last prerequisite was complete; null without prerequisites, and before.';
COMMENT ON COLUMN public.learning_progress.completed_at IS 'When the last required activity was done; null before.';

-- One missed day can be bridged where its ISO week has no bridged day yet, so a streak outlives one or two days without a completion.
CREATE VIEW public.learner_streaks WITH (security_invoker = true) AS
  SELECT s.organization_id, s.user_id, l.today, CASE WHEN l.today <= k.kept_until THEN s.streak_days ELSE 0 END AS streak_days,
         k.kept_until, s.longest_streak_days, s.last_active_on, s.freeze_used_on
    FROM weir.my_learners() l
    JOIN public.learner_states s ON s.organization_id = l.organization_id AND s.user_id = l.user_id
   CROSS JOIN LATERAL (
     SELECT s.last_active_on + CASE date_trunc('week', s.freeze_used_on::timestamp)
                                    WHEN date_trunc('week', (s.last_active_on + 1)::timestamp) THEN 1
                                    ELSE 2 END AS kept_until) k;
COMMENT ON VIEW public.learner_streaks IS 'The streak of each learner as it stands today, in the learner''s time zone.';
COMMENT ON COLUMN public.learner_streaks.organization_id IS 'Organization.';
COMMENT ON COLUMN public.learner_streaks.user_id IS 'Learner.';
COMMENT ON COLUMN public.learner_streaks.today IS 'Today''s date in the learner''s time zone.';
COMMENT ON COLUMN public.learner_streaks.streak_days IS 'Active days in a row; 0 once too many were missed.';
COMMENT ON COLUMN public.learner_streaks.kept_until IS 'The last day on which a completion still continues the streak.';
COMMENT ON COLUMN public.learner_streaks.longest_streak_days IS 'The longest streak ever.';
COMMENT ON COLUMN public.learner_streaks.last_active_on IS 'The last day with a completion.';
COMMENT ON COLUMN public.learner_streaks.freeze_used_on IS 'The missed day that was last bridged; null: none.';

-- power fails where its result is too small for a double; a week that lies 1000 weeks back counts for nothing long before.
CREATE VIEW public.learner_momentum WITH (security_invoker = true) AS
  SELECT w.organization_id, w.user_id, w.first_week, w.last_week,
         sum(w.days * CASE w.week WHEN w.first_week THEN 1 ELSE 0.3 END * power(0.7::double precision, least((w.last_week - w.week) / 7, 1000)) ORDER BY w.week) AS momentum
    FROM (SELECT a.organization_id, a.user_id, a.week, a.days, min(a.week) OVER (PARTITION BY a.organization_id, a.user_id) AS first_week,
                 date_trunc('week', a.today::timestamp)::date - 7 AS last_week
            FROM weir.active_weeks() a) w
   WHERE w.week <= w.last_week
   GROUP BY w.organization_id, w.user_id, w.first_week, w.last_week;
COMMENT ON VIEW public.learner_momentum IS 'Active days a week of each learner, recent weeks weighing more: an exponentially weighted mean with weight 0.3 for each new week. A learner whose first week is still running has no row.';
COMMENT ON COLUMN public.learner_momentum.organization_id IS 'Organization.';
COMMENT ON COLUMN public.learner_momentum.user_id IS 'Learner.';
COMMENT ON COLUMN public.learner_momentum.first_week IS 'Monday of the first active week, whose days the mean begins with.';
COMMENT ON COLUMN public.learner_momentum.last_week IS 'Monday of the last complete week, the last that counts.';
COMMENT ON COLUMN public.learner_momentum.momentum IS 'The mean, 0 to 7 days a week.';

-- The expectation is the one that moves skill: against the author's difficulty, which every learner may read.
CREATE VIEW public.next_activities WITH (security_invoker = true) AS
  SELECT p.organization_id, p.user_id, p.module_id, a.id AS activity_id, a.kind, a.title, e.predicted_success,
         row_number() OVER (PARTITION BY p.organization_id, p.user_id ORDER BY abs(e.predicted_success - 0.7), p.position, a.position, a.id) AS place
    FROM public.learning_progress p
    JOIN public.learning_activities a ON a.organization_id = p.organization_id AND a.module_id = p.module_id AND a.deleted_at IS NULL
    LEFT JOIN public.learner_states s ON s.organization_id = p.organization_id AND s.user_id = p.user_id
   CROSS JOIN LATERAL (
     SELECT 1 / (1 + power(10::double precision, (a.difficulty_rating - coalesce(s.skill_rating, 1200)) / 400)) AS predicted_success) e
   WHERE p.status <> 'locked'
     AND NOT EXISTS (SELECT FROM public.activity_completions c
                      WHERE c.organization_id = p.organization_id AND c.user_id = p.user_id AND c.activity_id = a.id AND c.succeeded);
COMMENT ON VIEW public.next_activities IS 'What each learner may do next: activities of modules that are not locked and that the learner has not done, those first that are neither too easy nor too hard.';
COMMENT ON COLUMN public.next_activities.organization_id IS 'Organization.';
COMMENT ON COLUMN public.next_activities.user_id IS 'Learner.';
COMMENT ON COLUMN public.next_activities.module_id IS 'Module.';
COMMENT ON COLUMN public.next_activities.activity_id IS 'Activity.';
COMMENT ON COLUMN public.next_activities.kind IS 'lesson, exercise, quiz or reflection.';
COMMENT ON COLUMN public.next_activities.title IS 'Name of the activity for people.';
COMMENT ON COLUMN public.next_activities.predicted_success IS 'Probability that the learner succeeds, by skill against difficulty.';
COMMENT ON COLUMN public.next_activities.place IS '1 for the activity whose predicted success is nearest to 0.7, and so on.';

CREATE VIEW public.achievement_shares WITH (security_invoker = true) AS
  SELECT s.organization_id, s.achievement_id, a.key, a.name, a.rarity, s.share_percent
    FROM weir.achievement_shares() s
    JOIN public.achievements a ON a.id = s.achievement_id;
COMMENT ON VIEW public.achievement_shares IS 'How many of the organization''s learners have each achievement. Organizations with fewer than 20 learners have no rows, since a share of few tells who.';
COMMENT ON COLUMN public.achievement_shares.organization_id IS 'Organization.';
COMMENT ON COLUMN public.achievement_shares.achievement_id IS 'Achievement.';
COMMENT ON COLUMN public.achievement_shares.key IS 'Short name.';
COMMENT ON COLUMN public.achievement_shares.name IS 'Name for people.';
COMMENT ON COLUMN public.achievement_shares.rarity IS 'The author''s label.';
COMMENT ON COLUMN public.achievement_shares.share_percent IS 'Percent of learners who have it, rounded to whole ones.';

GRANT SELECT ON public.learning_progress, public.learner_streaks, public.learner_momentum, public.next_activities, public.achievement_shares
  TO authenticated;
