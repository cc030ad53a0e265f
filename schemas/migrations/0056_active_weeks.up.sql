-- Whoever may read many learners' completions waited long for learner_momentum. Every table was joined by organization as well as by id, so
-- that the planner joined each module with each learner and read a learner's completions once a module; for each completion the zones of its
-- user were searched anew; and the days of each week were sorted to be counted. Ids are unique without the organization, and the foreign keys
-- hold the organizations together. The results are the same.
CREATE OR REPLACE FUNCTION weir.active_weeks() RETURNS TABLE (organization_id uuid, user_id uuid, today date, week date, days bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  WITH learners AS MATERIALIZED (
         SELECT l.organization_id, l.user_id, l.today
           FROM weir.my_learners() l),
       -- Before a user's first zone, and where none is known, days are those of UTC.
       zones AS (
         SELECT l.user_id, 'UTC' AS time_zone, '-infinity'::timestamptz AS holds_from, coalesce(min(z.holds_from), 'infinity') AS holds_until
           FROM learners l
           LEFT JOIN weir.user_zones z ON z.user_id = l.user_id
          GROUP BY l.user_id
         UNION ALL
         SELECT z.user_id, z.time_zone, z.holds_from, lead(z.holds_from, 1, 'infinity') OVER (PARTITION BY z.user_id ORDER BY z.holds_from)
           FROM learners l
           JOIN weir.user_zones z ON z.user_id = l.user_id)
  -- Each day of the week is a bit.
  SELECT l.organization_id, l.user_id, l.today, date_trunc('week', d.at)::date,
         bit_count(bit_or(1 << extract(isodow FROM d.at)::integer)::bit(8))
    FROM learners l
    JOIN public.activity_completions c ON c.organization_id = (SELECT public.get_user_organization()) AND c.user_id = l.user_id
                                      AND c.completed_at >= '0001-01-01Z' AND c.completed_at < '10000-01-01Z'
    JOIN zones z ON z.user_id = c.user_id AND c.completed_at >= z.holds_from AND c.completed_at < z.holds_until
    JOIN public.learning_activities a ON a.id = c.activity_id AND a.deleted_at IS NULL
    JOIN public.learning_modules m ON m.id = a.module_id AND m.is_published AND m.deleted_at IS NULL
   CROSS JOIN LATERAL (SELECT c.completed_at AT TIME ZONE z.time_zone AS at) d
   GROUP BY l.organization_id, l.user_id, l.today, date_trunc('week', d.at)
$$;
