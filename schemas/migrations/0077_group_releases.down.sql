DROP VIEW public.professional_group_scores;
DROP FUNCTION weir.professional_group_scores(), weir.group_members(uuid[]), weir.group_professionals(uuid, integer);
DROP TYPE weir.group_releases_row;
DELETE FROM weir.audit_exemptions WHERE table_name IN ('weir.group_releases', 'weir.group_release_progress');
DROP TABLE weir.group_releases, weir.group_release_progress;

CREATE FUNCTION weir.professional_group_scores() RETURNS TABLE (instrument text, dimension text, clients bigint, mean_score double precision,
  sd_score double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT instrument, dimension, count(*), avg(raw_score), stddev_samp(raw_score) FROM (
    SELECT DISTINCT ON (s.user_id, a.key, s.dimension) a.key AS instrument, s.dimension, s.raw_score
      FROM public.assessment_scores s JOIN public.assessments a ON a.id = s.assessment_id
     WHERE s.organization_id = public.get_user_organization() AND s.raw_score IS NOT NULL
       AND s.user_id IN (SELECT p.client_id FROM public.professional_clients p
                           JOIN public.live_consents c ON c.organization_id = p.organization_id AND c.user_id = p.client_id AND c.scope = 'assessments'
                          WHERE p.organization_id = public.get_user_organization() AND p.professional_id = weir.current_professional()
                            AND p.started_at <= now() AND (p.ended_at IS NULL OR p.ended_at > now()))
     ORDER BY s.user_id, a.key, s.dimension, s.submitted_at DESC, s.response_id DESC) newest
   GROUP BY instrument, dimension HAVING count(*) >= 5
$$;
COMMENT ON FUNCTION weir.professional_group_scores() IS 'Means over the newest scores of at least 5 of the professional''s clients who consent to assessments.';
ALTER FUNCTION weir.professional_group_scores() OWNER TO weir_reader;
REVOKE ALL ON FUNCTION weir.professional_group_scores() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION weir.professional_group_scores() TO authenticated;
CREATE VIEW public.professional_group_scores WITH (security_invoker = true) AS SELECT * FROM weir.professional_group_scores();
COMMENT ON VIEW public.professional_group_scores IS 'For verified professionals: their clients as a group, never fewer than five together.';
COMMENT ON COLUMN public.professional_group_scores.instrument IS 'Instrument, as in assessments.key.';
COMMENT ON COLUMN public.professional_group_scores.dimension IS 'Dimension.';
COMMENT ON COLUMN public.professional_group_scores.clients IS 'Number of clients, at least 5.';
COMMENT ON COLUMN public.professional_group_scores.mean_score IS 'Mean of their newest raw scores, 0 to 100.';
COMMENT ON COLUMN public.professional_group_scores.sd_score IS 'Standard deviation of these.';
GRANT SELECT ON public.professional_group_scores TO authenticated;
