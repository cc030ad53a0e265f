-- Takes back what 0056_active_weeks.up.sql made.

CREATE OR REPLACE FUNCTION weir.active_weeks() RETURNS TABLE (organization_id uuid, user_id uuid, today date, week date, days bigint)
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
