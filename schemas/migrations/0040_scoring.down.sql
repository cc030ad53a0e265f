-- Takes back what 0040_scoring.up.sql made. Publications stay: weir cdc streams them.

DROP FUNCTION weir.publish_columns(regclass, name[], name);
CREATE OR REPLACE FUNCTION weir.professional_group_scores() RETURNS TABLE (instrument text, dimension text, clients bigint, mean_score double precision,
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
     ORDER BY s.user_id, a.key, s.dimension, s.created_at DESC) newest
   GROUP BY instrument, dimension HAVING count(*) >= 5
$$;
REVOKE ALL ON public.project_members, public.projects FROM weir_scoring;
DROP POLICY service_read ON public.project_members;
DROP POLICY service_read ON public.projects;
REVOKE SELECT (requires_parental_consent, parental_consent_at) ON public.users FROM weir_scoring;
DELETE FROM weir.audit_exemptions WHERE table_name IN ('weir.scoring_users', 'weir.scoring_marks', 'weir.scoring_progress');
DROP INDEX public.consents_beginning;
DROP INDEX public.consents_expiring;
DROP INDEX public.consents_withdrawn;
DROP INDEX public.assessment_responses_scored;
DROP TABLE weir.scoring_progress;
DROP TABLE weir.scoring_marks;
DROP TABLE weir.scoring_users;
UPDATE public.growth_scores SET direction = 'stable' WHERE direction IS NULL;
ALTER TABLE public.growth_scores ALTER COLUMN direction SET NOT NULL;
ALTER TABLE public.assessment_scores DROP COLUMN submitted_at;
ALTER TABLE public.attachment_profiles DROP COLUMN submitted_at;
ALTER TABLE public.growth_scores DROP COLUMN submitted_at;
CREATE INDEX assessment_scores_by_user ON public.assessment_scores (organization_id, user_id, created_at DESC);
CREATE INDEX attachment_profiles_by_user ON public.attachment_profiles (organization_id, user_id, created_at DESC);
CREATE INDEX growth_scores_by_user ON public.growth_scores (organization_id, user_id, created_at DESC);
COMMENT ON COLUMN public.growth_scores.direction IS 'improving, declining or stable.';
COMMENT ON COLUMN public.growth_scores.slope_of_five IS 'Slope over the last five submissions, in points a submission; null with fewer than two.';
COMMENT ON COLUMN public.growth_scores.improvement_streak IS 'Submissions in a row that improved.';
COMMENT ON COLUMN public.attachment_profiles.style IS 'The likeliest style.';
COMMENT ON COLUMN public.assessments.scoring IS 'Weights of the dimensions in the composite, reliabilities, least share of answered items.';
