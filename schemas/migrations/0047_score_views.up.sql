-- What applications show of scores: the newest of each dimension, all of them in order, and growth. The views open nothing by themselves: who
-- reads sees the rows that row security of the tables lets through.

-- A user does not read a retired assessment, but keeps the scores that were made with it, and their name.
CREATE FUNCTION weir.instruments() RETURNS TABLE (assessment_id uuid, instrument text, title text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT id, key, title FROM public.assessments
   WHERE status <> 'draft' AND (organization_id IS NULL OR organization_id = public.get_user_organization())
$$;
COMMENT ON FUNCTION weir.instruments() IS 'Names of the instruments of the library and of the organization of the user who asks, retired ones included.';
ALTER FUNCTION weir.instruments() OWNER TO weir_reader;
REVOKE ALL ON FUNCTION weir.instruments() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION weir.instruments() TO authenticated;

CREATE VIEW public.latest_scores WITH (security_invoker = true) AS
  SELECT DISTINCT ON (s.organization_id, s.user_id, i.instrument, s.dimension)
         s.organization_id, s.user_id, i.instrument, s.dimension, i.title, s.instrument_version, s.submitted_at, s.raw_score, s.null_reason,
         s.t_score, s.percentile, s.standard_error, s.interval_low, s.interval_high, s.flags, s.response_id
    FROM public.assessment_scores s
    JOIN weir.instruments() i USING (assessment_id)
   ORDER BY s.organization_id, s.user_id, i.instrument, s.dimension, s.submitted_at DESC, s.response_id DESC;
COMMENT ON VIEW public.latest_scores IS 'The score of each user''s newest submission, by instrument and dimension; without a score where the newest has none.';
COMMENT ON COLUMN public.latest_scores.organization_id IS 'Organization.';
COMMENT ON COLUMN public.latest_scores.user_id IS 'Who answered.';
COMMENT ON COLUMN public.latest_scores.instrument IS 'Instrument, as in assessments.key.';
COMMENT ON COLUMN public.latest_scores.dimension IS 'Dimension; composite: the weighted mean of all.';
COMMENT ON COLUMN public.latest_scores.title IS 'Name of the instrument for people.';
COMMENT ON COLUMN public.latest_scores.instrument_version IS 'Version of the instrument.';
COMMENT ON COLUMN public.latest_scores.submitted_at IS 'When the answers were submitted.';
COMMENT ON COLUMN public.latest_scores.raw_score IS 'Score, 0 to 100; null with a reason where too little was answered.';
COMMENT ON COLUMN public.latest_scores.null_reason IS 'Why there is no score.';
COMMENT ON COLUMN public.latest_scores.t_score IS 'T-score in the norm group (mean 50, standard deviation 10).';
COMMENT ON COLUMN public.latest_scores.percentile IS 'Percent of the norm group below, 0 to 100.';
COMMENT ON COLUMN public.latest_scores.standard_error IS 'Standard error of measurement, in raw points.';
COMMENT ON COLUMN public.latest_scores.interval_low IS 'Lower end of the 95 % interval of the raw score.';
COMMENT ON COLUMN public.latest_scores.interval_high IS 'Upper end of the 95 % interval of the raw score.';
COMMENT ON COLUMN public.latest_scores.flags IS 'Doubts about the answers.';
COMMENT ON COLUMN public.latest_scores.response_id IS 'The submission.';

-- A composite is another measure in each instrument.
CREATE VIEW public.score_history WITH (security_invoker = true) AS
  SELECT s.organization_id, s.user_id, s.dimension, s.submitted_at, i.instrument, s.instrument_version, s.raw_score, s.t_score, s.percentile,
         s.standard_error, s.t_score - lag(s.t_score) OVER series AS t_difference, s.flags, s.response_id
    FROM public.assessment_scores s
    JOIN weir.instruments() i USING (assessment_id)
   WHERE s.raw_score IS NOT NULL
  WINDOW series AS (PARTITION BY s.organization_id, s.user_id, s.dimension, CASE WHEN s.dimension = 'composite' THEN i.instrument END
                        ORDER BY s.submitted_at, s.response_id);
COMMENT ON VIEW public.score_history IS 'Every score of a user in order of submission, a dimension over all instruments and versions that measure it.';
COMMENT ON COLUMN public.score_history.organization_id IS 'Organization.';
COMMENT ON COLUMN public.score_history.user_id IS 'Who answered.';
COMMENT ON COLUMN public.score_history.dimension IS 'Dimension; composite: the weighted mean of all of an instrument.';
COMMENT ON COLUMN public.score_history.submitted_at IS 'When the answers were submitted.';
COMMENT ON COLUMN public.score_history.instrument IS 'Instrument, as in assessments.key.';
COMMENT ON COLUMN public.score_history.instrument_version IS 'Version of the instrument.';
COMMENT ON COLUMN public.score_history.raw_score IS 'Score, 0 to 100; only those of one version can be compared.';
COMMENT ON COLUMN public.score_history.t_score IS 'T-score in the norm group, which compares across versions and instruments.';
COMMENT ON COLUMN public.score_history.percentile IS 'Percent of the norm group below, 0 to 100.';
COMMENT ON COLUMN public.score_history.standard_error IS 'Standard error of measurement, in raw points.';
COMMENT ON COLUMN public.score_history.t_difference IS 'T-score minus that of the submission before, of whichever instrument; null for the first.';
COMMENT ON COLUMN public.score_history.flags IS 'Doubts about the answers.';
COMMENT ON COLUMN public.score_history.response_id IS 'The submission.';

CREATE VIEW public.score_growth WITH (security_invoker = true) AS
  SELECT g.organization_id, g.user_id, i.instrument, s.instrument_version, g.dimension, g.submitted_at, g.difference, g.reliable_change_index,
         g.is_reliable, g.direction, g.slope_of_five, g.improvement_streak, g.response_id, g.previous_response_id
    FROM public.growth_scores g
    JOIN public.assessment_scores s USING (organization_id, response_id, dimension)
    JOIN weir.instruments() i USING (assessment_id);
COMMENT ON VIEW public.score_growth IS 'Each score against the one before it, of the same version of an instrument.';
COMMENT ON COLUMN public.score_growth.organization_id IS 'Organization.';
COMMENT ON COLUMN public.score_growth.user_id IS 'Who answered.';
COMMENT ON COLUMN public.score_growth.instrument IS 'Instrument, as in assessments.key.';
COMMENT ON COLUMN public.score_growth.instrument_version IS 'Version of the instrument.';
COMMENT ON COLUMN public.score_growth.dimension IS 'Dimension.';
COMMENT ON COLUMN public.score_growth.submitted_at IS 'When the answers were submitted.';
COMMENT ON COLUMN public.score_growth.difference IS 'Raw score minus the earlier one.';
COMMENT ON COLUMN public.score_growth.reliable_change_index IS 'Difference by its standard error (Jacobson–Truax).';
COMMENT ON COLUMN public.score_growth.is_reliable IS 'Whether the change is more than chance.';
COMMENT ON COLUMN public.score_growth.direction IS 'improving, declining or stable; null where the dimension is good in neither way.';
COMMENT ON COLUMN public.score_growth.slope_of_five IS 'Slope over the last two to five submissions, in points a submission.';
COMMENT ON COLUMN public.score_growth.improvement_streak IS 'Submissions in a row that improved.';
COMMENT ON COLUMN public.score_growth.response_id IS 'The submission.';
COMMENT ON COLUMN public.score_growth.previous_response_id IS 'The submission that it is compared with.';

GRANT SELECT ON public.latest_scores, public.score_history, public.score_growth TO authenticated;
