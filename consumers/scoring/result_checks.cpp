// The scores of the answers that were given, by the instruments and the consents: norms, corr() and regr_slope() of Postgres in place of
// what weir scoring has, and a normal distribution by its series.
#include "consumers/scoring/result_checks.hpp"

#include "consumers/scoring/learning_checks.hpp"

namespace weir::scoring {

namespace {

/// The functions of the comparison, and what the answers come to: a row a response and dimension, and the composite's.
constexpr std::string_view kPrepare = R"sql(
-- 0.5 + φ(z)·(z + z³/3 + z⁵/(3·5) + …)
CREATE OR REPLACE FUNCTION pg_temp.normal_cdf(z double precision) RETURNS double precision LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  term  double precision := z;
  total double precision := z;
BEGIN
  IF z IS NULL OR abs(z) > 8 THEN RETURN (sign(z) + 1) / 2; END IF;
  FOR i IN 1..200 LOOP
    term := term * z * z / (2 * i + 1);
    EXIT WHEN abs(term) < 1e-30;
    total := total + term;
  END LOOP;
  RETURN 0.5 + total * exp(-z * z / 2) / sqrt(2 * pi());
END $$;
CREATE OR REPLACE FUNCTION pg_temp.differ(a double precision, b double precision) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (a IS NULL) <> (b IS NULL) OR coalesce(abs(a - b) > 1e-9 * greatest(1, abs(a)), false)
$$;
DROP TABLE IF EXISTS pg_temp.expected_scores;
CREATE TEMPORARY TABLE expected_scores AS
WITH dimension AS (
  SELECT a.id AS assessment_id, d.key AS dimension, coalesce((a.scoring ->> 'least_share')::numeric, 0.8) AS least_share,
         d.value ->> 'polarity' AS polarity, n.mean, n.sd, (a.scoring -> 'composite' -> 'weights' ->> d.key)::float8 AS weight,
         (d.value -> 'reliability' ->> 'internal_consistency')::float8 AS consistency,
         coalesce(d.value -> 'reliability' ->> 'test_retest', d.value -> 'reliability' ->> 'internal_consistency')::float8 AS stability
    FROM public.assessments a
   CROSS JOIN LATERAL jsonb_each(a.scoring -> 'dimensions') d
    JOIN public.assessment_norms n ON n.assessment_id = a.id AND n.dimension = d.key AND n.norm_group = 'all'
), answered AS (
  SELECT r.response_id, r.assessment_id, i.dimension, count(g.value) AS k, count(g.value)::float8 / count(*) AS length,
         count(*) FILTER (WHERE i.required) AS required, count(g.value) FILTER (WHERE i.required) AS required_answered,
         100 * sum(i.weight * (CASE WHEN i.reverse_scored THEN i.scale_max - g.value ELSE g.value - i.scale_min END)
                   / (i.scale_max - i.scale_min)) / sum(i.weight) FILTER (WHERE g.value IS NOT NULL) AS mean_place
    FROM given_responses r
    JOIN public.assessment_items i USING (assessment_id)
    LEFT JOIN given_answers g ON g.response_id = r.response_id AND g.code = i.code
   WHERE r.status = 'scored'
   GROUP BY r.response_id, r.assessment_id, i.dimension
), one AS (
  SELECT response_id, assessment_id, dimension, k, mean, sd, polarity, weight,
         CASE WHEN k > 0 AND required_answered >= least_share * required THEN mean_place END AS raw,
         CASE WHEN k = 0 THEN 'no_answers' ELSE 'too_few_answers' END AS reason,
         sd * sqrt(1 - length * consistency / (1 + (length - 1) * consistency)) AS error,
         sd * sqrt(1 - length * stability / (1 + (length - 1) * stability)) AS error_over_time
    FROM answered
    JOIN dimension USING (assessment_id, dimension)
), every AS (
  SELECT response_id, assessment_id, dimension, k, mean, sd, polarity, raw, reason, error, error_over_time FROM one
  UNION ALL
  SELECT o.response_id, o.assessment_id, 'composite', sum(o.k), n.mean, n.sd,
         CASE WHEN min(o.polarity) = max(o.polarity) THEN min(o.polarity) ELSE 'none' END,
         CASE WHEN bool_and(o.raw IS NOT NULL) THEN sum(o.weight * o.raw) / sum(o.weight) END, 'dimension_without_score',
         sqrt(sum((o.weight * o.error) ^ 2)) / sum(o.weight), sqrt(sum((o.weight * o.error_over_time) ^ 2)) / sum(o.weight)
    FROM one o
    JOIN public.assessment_norms n ON n.assessment_id = o.assessment_id AND n.dimension = 'composite' AND n.norm_group = 'all'
   WHERE o.weight IS NOT NULL
   GROUP BY o.response_id, o.assessment_id, n.mean, n.sd
)
SELECT e.*, r.organization_id, r.user_id, r.submitted_at, 50 + 10 * (raw - mean) / sd AS t_score,
       100 * pg_temp.normal_cdf((raw - mean) / sd) AS percentile, CASE WHEN raw IS NOT NULL THEN error END AS standard_error,
       greatest(0, raw - 1.96 * error) + CASE WHEN raw IS NULL THEN NULL ELSE 0 END AS interval_low,
       least(100, raw + 1.96 * error) + CASE WHEN raw IS NULL THEN NULL ELSE 0 END AS interval_high
  FROM every e
  JOIN given_responses r USING (response_id))sql";

/// Answers assessment, response, dimension, column, expected, found: a row for each column that differs.
constexpr std::string_view kScoreDifferences = R"sql(
WITH flags AS (
  SELECT r.response_id, array_to_string(ARRAY[
           CASE WHEN bool_and(g.value = i.scale_min) OR bool_and(g.value = i.scale_max) THEN 'all_at_one_end' END,
           CASE WHEN count(*) >= 2 AND min(g.value) = max(g.value) THEN 'straight_lining' END,
           CASE WHEN r.submitted_at - r.started_at < count(*) * interval '1 second' THEN 'too_fast' END], ' ') AS flags
    FROM given_responses r
    JOIN given_answers g USING (response_id)
    JOIN public.assessment_items i ON i.assessment_id = r.assessment_id AND i.code = g.code
   GROUP BY r.response_id
)
SELECT coalesce(e.assessment_id, s.assessment_id), response_id, dimension, name, expected, found
  FROM expected_scores e
  FULL JOIN public.assessment_scores s USING (response_id, dimension)
  LEFT JOIN flags f USING (response_id)
 CROSS JOIN LATERAL (VALUES
   ('rows', (e.k IS NOT NULL)::int::text, (s.user_id IS NOT NULL)::int::text, (e.k IS NULL) <> (s.user_id IS NULL)),
   ('raw_score', e.raw::text, s.raw_score::text, pg_temp.differ(e.raw, s.raw_score)),
   ('t_score', e.t_score::text, s.t_score::text, pg_temp.differ(e.t_score, s.t_score)),
   ('percentile', e.percentile::text, s.percentile::text, pg_temp.differ(e.percentile, s.percentile)),
   ('standard_error', e.standard_error::text, s.standard_error::text, pg_temp.differ(e.standard_error, s.standard_error)),
   ('interval_low', e.interval_low::text, s.interval_low::text, pg_temp.differ(e.interval_low, s.interval_low)),
   ('interval_high', e.interval_high::text, s.interval_high::text, pg_temp.differ(e.interval_high, s.interval_high)),
   ('null_reason', CASE WHEN e.raw IS NULL THEN e.reason END, s.null_reason,
    (CASE WHEN e.raw IS NULL THEN e.reason END) IS DISTINCT FROM s.null_reason),
   ('answered_items', e.k::text, s.answered_items::text, e.k IS DISTINCT FROM s.answered_items),
   ('flags', coalesce(f.flags, ''), array_to_string(s.flags, ' '), coalesce(f.flags, '') <> array_to_string(s.flags, ' ')),
   ('submitted_at', e.submitted_at::text, s.submitted_at::text, e.submitted_at IS DISTINCT FROM s.submitted_at),
   ('user_id', e.user_id::text, s.user_id::text, e.user_id IS DISTINCT FROM s.user_id)
 ) AS columns (name, expected, found, differs)
 WHERE differs
 ORDER BY 1, 2, 3, 4)sql";

/// The same of each response's status.
constexpr std::string_view kStatusDifferences = R"sql(
SELECT assessment_id, response_id, '', 'status', g.status, r.status
  FROM given_responses g
  FULL JOIN (SELECT id AS response_id, assessment_id, status FROM public.assessment_responses) r USING (response_id, assessment_id)
 WHERE g.status IS DISTINCT FROM r.status AND NOT (g.status = 'deleted' AND r.status IS NULL)
 ORDER BY 1, 2)sql";

/// The same of growth.
constexpr std::string_view kGrowthDifferences = R"sql(
WITH placed AS (
  SELECT *, row_number() OVER series AS place, lag(raw) OVER series AS before, lag(response_id) OVER series AS previous,
         lag(error_over_time) OVER series AS error_before
    FROM expected_scores
   WHERE raw IS NOT NULL
  WINDOW series AS (PARTITION BY user_id, assessment_id, dimension ORDER BY submitted_at, response_id)
), grown AS (
  SELECT *, (raw - before) / sqrt(error_over_time ^ 2 + error_before ^ 2) AS rci,
         regr_slope(raw, place) OVER (PARTITION BY user_id, assessment_id, dimension ORDER BY place ROWS 4 PRECEDING) AS slope
    FROM placed
), directed AS (
  SELECT *, CASE WHEN polarity = 'none' THEN NULL
                 WHEN abs(rci) <= 1.96 THEN 'stable'
                 WHEN (rci > 0) = (polarity = 'higher_is_better') THEN 'improving'
                 ELSE 'declining' END AS direction
    FROM grown
   WHERE before IS NOT NULL
), runs AS (
  SELECT *, count(*) FILTER (WHERE direction IS DISTINCT FROM 'improving') OVER (PARTITION BY user_id, assessment_id, dimension ORDER BY place) AS run
    FROM directed
), e AS (
  SELECT *, count(*) FILTER (WHERE direction = 'improving') OVER (PARTITION BY user_id, assessment_id, dimension, run ORDER BY place) AS streak
    FROM runs
)
SELECT e.assessment_id, response_id, dimension, name, expected, found
  FROM e
  FULL JOIN public.growth_scores g USING (response_id, dimension)
 CROSS JOIN LATERAL (VALUES
   ('rows', (e.place IS NOT NULL)::int::text, (g.user_id IS NOT NULL)::int::text, (e.place IS NULL) <> (g.user_id IS NULL)),
   ('previous_response_id', e.previous::text, g.previous_response_id::text, e.previous IS DISTINCT FROM g.previous_response_id),
   ('difference', (e.raw - e.before)::text, g.difference::text, pg_temp.differ(e.raw - e.before, g.difference)),
   ('reliable_change_index', e.rci::text, g.reliable_change_index::text, pg_temp.differ(e.rci, g.reliable_change_index)),
   ('slope_of_five', e.slope::text, g.slope_of_five::text, pg_temp.differ(e.slope, g.slope_of_five)),
   ('direction', e.direction, g.direction, e.direction IS DISTINCT FROM g.direction),
   ('improvement_streak', e.streak::text, g.improvement_streak::text, e.streak IS DISTINCT FROM g.improvement_streak)
 ) AS columns (name, expected, found, differs)
 WHERE differs
 ORDER BY 1, 2, 3, 4)sql";

/// The same of attachment profiles.
constexpr std::string_view kProfileDifferences = R"sql(
WITH axes AS (
  SELECT x.assessment_id, x.response_id, x.raw AS anxiety, v.raw AS avoidance,
         pg_temp.normal_cdf((x.raw - coalesce((a.scoring -> 'attachment' -> 'cuts' ->> 'anxiety')::float8, x.mean)) / x.error) AS p_anxiety,
         pg_temp.normal_cdf((v.raw - coalesce((a.scoring -> 'attachment' -> 'cuts' ->> 'avoidance')::float8, v.mean)) / v.error) AS p_avoidance
    FROM expected_scores x
    JOIN expected_scores v USING (response_id)
    JOIN public.assessments a ON a.id = x.assessment_id AND a.scoring ? 'attachment'
   WHERE x.dimension = 'anxiety' AND v.dimension = 'avoidance' AND x.raw IS NOT NULL AND v.raw IS NOT NULL
), e AS (
  SELECT *, CASE WHEN p_anxiety >= 0.5 AND p_avoidance >= 0.5 THEN 'disorganized'
                 WHEN p_anxiety >= 0.5 THEN 'anxious'
                 WHEN p_avoidance >= 0.5 THEN 'avoidant'
                 ELSE 'secure' END AS style
    FROM axes
)
SELECT e.assessment_id, response_id, '', name, expected, found
  FROM e
  FULL JOIN public.attachment_profiles p USING (response_id)
 CROSS JOIN LATERAL (VALUES
   ('rows', (e.style IS NOT NULL)::int::text, (p.style IS NOT NULL)::int::text, (e.style IS NULL) <> (p.style IS NULL)),
   ('anxiety', e.anxiety::text, p.anxiety::text, pg_temp.differ(e.anxiety, p.anxiety)),
   ('avoidance', e.avoidance::text, p.avoidance::text, pg_temp.differ(e.avoidance, p.avoidance)),
   ('style', e.style, p.style, e.style IS DISTINCT FROM p.style),
   ('p_secure', '', p.p_secure::text, pg_temp.differ((1 - e.p_anxiety) * (1 - e.p_avoidance), p.p_secure)),
   ('p_anxious', '', p.p_anxious::text, pg_temp.differ(e.p_anxiety * (1 - e.p_avoidance), p.p_anxious)),
   ('p_avoidant', '', p.p_avoidant::text, pg_temp.differ((1 - e.p_anxiety) * e.p_avoidance, p.p_avoidant)),
   ('p_disorganized', '', p.p_disorganized::text, pg_temp.differ(e.p_anxiety * e.p_avoidance, p.p_disorganized))
 ) AS columns (name, expected, found, differs)
 WHERE differs
 ORDER BY 1, 2, 4)sql";

/// Answers assessment, user, other user, column, expected, found. No user of a demo has more partners than anybody may have.
constexpr std::string_view kAlignmentDifferences = R"sql(
WITH newest AS (
  SELECT DISTINCT ON (r.user_id, r.assessment_id) r.organization_id, r.user_id, r.assessment_id, r.response_id
    FROM given_responses r
    JOIN public.assessments a ON a.id = r.assessment_id AND a.scoring -> 'values_alignment' = 'true'
   WHERE r.status = 'scored'
   ORDER BY r.user_id, r.assessment_id, r.submitted_at DESC, r.response_id DESC
), willing AS (
  SELECT DISTINCT user_id FROM public.consents
   WHERE scope = 'values_alignment' AND granted_at <= now() AND coalesce(withdrawn_at > now(), true) AND coalesce(expires_at > now(), true)
), acquainted AS (
  SELECT DISTINCT m.user_id, n.user_id AS other_user_id
    FROM public.project_members m
    JOIN public.project_members n USING (organization_id, project_id)
   WHERE m.user_id < n.user_id
), e AS (
  SELECT x.assessment_id, x.user_id, y.user_id AS other_user_id, corr(a.raw, b.raw) AS correlation, avg(abs(a.raw - b.raw)) AS difference
    FROM newest x
    JOIN newest y USING (organization_id, assessment_id)
    JOIN acquainted k ON k.user_id = x.user_id AND k.other_user_id = y.user_id
    JOIN willing w ON w.user_id = x.user_id
    JOIN willing v ON v.user_id = y.user_id
    JOIN expected_scores a ON a.response_id = x.response_id AND a.raw IS NOT NULL AND a.dimension <> 'composite'
    JOIN expected_scores b ON b.response_id = y.response_id AND b.raw IS NOT NULL AND b.dimension = a.dimension
   GROUP BY 1, 2, 3
)
SELECT assessment_id, user_id, other_user_id, name, expected, found
  FROM e
  FULL JOIN public.values_alignments v USING (assessment_id, user_id, other_user_id)
 CROSS JOIN LATERAL (VALUES
   ('rows', (e.difference IS NOT NULL)::int::text, (v.organization_id IS NOT NULL)::int::text,
    (e.difference IS NULL) <> (v.organization_id IS NULL)),
   ('profile_correlation', e.correlation::text, v.profile_correlation::text, pg_temp.differ(e.correlation, v.profile_correlation)),
   ('mean_absolute_difference', e.difference::text, v.mean_absolute_difference::text, pg_temp.differ(e.difference, v.mean_absolute_difference))
 ) AS columns (name, expected, found, differs)
 WHERE differs
 ORDER BY 1, 2, 3, 4)sql";

/// Whose alignments are still to be computed.
constexpr std::string_view kWaits = R"sql(
SELECT 'alignments of ' || count(*) || ' users are to be computed' FROM weir.scoring_marks HAVING count(*) > 0)sql";

}  // namespace

process::ResultChecks score_checks() {
  return {.waits = {kWaits},
          .prepare = {kPrepare},
          .tables = {{"assessment_responses", kStatusDifferences},
                     {"assessment_scores", kScoreDifferences, "rows"},
                     {"growth_scores", kGrowthDifferences, "rows"},
                     {"attachment_profiles", kProfileDifferences, "rows"},
                     {"values_alignments", kAlignmentDifferences, "rows"}}};
}

process::ResultChecks result_checks() {
  process::ResultChecks all = score_checks();
  const process::ResultChecks learning = learning_checks();
  all.waits.insert(all.waits.end(), learning.waits.begin(), learning.waits.end());
  all.prepare.insert(all.prepare.end(), learning.prepare.begin(), learning.prepare.end());
  all.tables.insert(all.tables.end(), learning.tables.begin(), learning.tables.end());
  return all;
}

}  // namespace weir::scoring
