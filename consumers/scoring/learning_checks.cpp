// Learning over completions, modules and achievements as they stand, and over the zones that the application says its users had. Each
// learner's completions are gone through in their order, by a loop; the rest is joins.
#include "consumers/scoring/learning_checks.hpp"

namespace weir::scoring {

namespace {

constexpr std::string_view kDropLearning = R"sql(
DROP TABLE IF EXISTS pg_temp.expected_activities, pg_temp.expected_learners, pg_temp.expected_unlocked;
DROP FUNCTION IF EXISTS pg_temp.apart(double precision, double precision), pg_temp.local_day(timestamptz, text), pg_temp.streak(date[]),
  pg_temp.modules_done(uuid, uuid[]), pg_temp.learn(uuid, uuid))sql";

constexpr std::string_view kMakeLearning = R"sql(
CREATE FUNCTION pg_temp.apart(a double precision, b double precision) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (a IS NULL) <> (b IS NULL) OR coalesce(abs(a - b) > 1e-9 * greatest(1, abs(a)), false)
$$;
-- As a setting a zone is never an abbreviation, which AT TIME ZONE would prefer.
CREATE FUNCTION pg_temp.local_day(moment timestamptz, zone text) RETURNS date LANGUAGE plpgsql AS $$
DECLARE
  day date;
BEGIN
  PERFORM set_config('TimeZone', zone, true);
  day := moment::date;
  PERFORM set_config('TimeZone', 'UTC', true);
  RETURN day;
END $$;
CREATE FUNCTION pg_temp.streak(days date[]) RETURNS TABLE (streak integer, longest integer, bridged date) LANGUAGE plpgsql AS $$
DECLARE
  day  date;
  last date;
BEGIN
  streak := 0;
  longest := 0;
  FOR day IN SELECT DISTINCT d FROM unnest(days) d ORDER BY d LOOP
    IF day - last = 2 AND to_char(bridged, 'IYYY-IW') IS DISTINCT FROM to_char(last + 1, 'IYYY-IW') THEN
      bridged := last + 1;
      streak := streak + 1;
    ELSE
      streak := CASE WHEN day - last = 1 THEN streak + 1 ELSE 1 END;
    END IF;
    longest := greatest(longest, streak);
    last := day;
  END LOOP;
  RETURN NEXT;
END $$;
CREATE TEMPORARY TABLE expected_learners (
  user_id uuid PRIMARY KEY, organization_id uuid NOT NULL, skill double precision NOT NULL, points bigint NOT NULL, streak integer NOT NULL,
  longest integer NOT NULL, last_day date NOT NULL, bridged date);
CREATE TEMPORARY TABLE expected_unlocked (
  user_id uuid NOT NULL, achievement_id uuid NOT NULL, organization_id uuid NOT NULL, unlocked_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, achievement_id)))sql";

/// What counts of what is taught, and how many modules a set of activities completes.
constexpr std::string_view kExpectCourse = R"sql(
CREATE TEMPORARY TABLE expected_activities AS
SELECT a.organization_id, a.id AS activity_id, a.module_id, a.difficulty_rating, a.points, a.required
  FROM public.learning_activities a
  JOIN public.learning_modules m ON m.id = a.module_id
 WHERE a.deleted_at IS NULL AND m.deleted_at IS NULL AND m.is_published;
CREATE FUNCTION pg_temp.modules_done(organization uuid, done uuid[]) RETURNS bigint LANGUAGE sql AS $$
  SELECT count(*)
    FROM (SELECT FROM pg_temp.expected_activities
           WHERE organization_id = organization AND required
           GROUP BY module_id
          HAVING bool_and(activity_id = ANY (done))) complete
$$;
CREATE FUNCTION pg_temp.learn(organization uuid, learner uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  c       record;
  skill   double precision := 1200;
  earned  bigint := 0;
  modules bigint := 0;
  tried   uuid[] := '{}';
  done    uuid[] := '{}';
  days    date[] := '{}';
  run     record;
BEGIN
  FOR c IN SELECT k.*, a.difficulty_rating, a.points, pg_temp.local_day(k.completed_at, coalesce((
                    SELECT z.zone FROM pg_temp.given_zones z
                     WHERE z.user_id = learner AND z.since <= k.completed_at
                     ORDER BY z.since DESC LIMIT 1), 'UTC')) AS day
             FROM public.activity_completions k
             JOIN pg_temp.expected_activities a USING (activity_id)
            WHERE k.user_id = learner
            ORDER BY k.completed_at, k.id LOOP
    IF c.activity_id <> ALL (tried) THEN
      tried := tried || c.activity_id;
      skill := skill + 24 * (coalesce(c.score, c.succeeded::integer) - 1 / (1 + 10 ^ ((c.difficulty_rating - skill) / 400)));
      skill := least(4000, greatest(0, skill));
    END IF;
    IF c.succeeded AND c.activity_id <> ALL (done) THEN
      done := done || c.activity_id;
      earned := earned + c.points;
      modules := pg_temp.modules_done(organization, done);
    END IF;
    days := days || c.day;
    SELECT * INTO run FROM pg_temp.streak(days);
    INSERT INTO pg_temp.expected_unlocked
    SELECT learner, v.id, organization, c.completed_at
      FROM public.achievements v, jsonb_each_text(v.condition) AS rule (measure, needed)
     WHERE (v.organization_id IS NULL OR v.organization_id = organization) AND v.deleted_at IS NULL
       AND CASE rule.measure WHEN 'activities_completed' THEN cardinality(done)
                             WHEN 'modules_completed' THEN modules
                             WHEN 'streak_days' THEN run.longest
                             WHEN 'points' THEN earned
                             WHEN 'skill' THEN skill END >= rule.needed::bigint
    ON CONFLICT DO NOTHING;
  END LOOP;
  INSERT INTO pg_temp.expected_learners
  SELECT learner, organization, skill, earned + coalesce((SELECT sum(v.points) FROM pg_temp.expected_unlocked u
                                                             JOIN public.achievements v ON v.id = u.achievement_id
                                                            WHERE u.user_id = learner), 0),
         run.streak, run.longest, (SELECT max(d) FROM unnest(days) d), run.bridged
   WHERE cardinality(days) > 0;
END $$)sql";

constexpr std::string_view kExpectLearners = R"sql(
SELECT pg_temp.learn(u.organization_id, u.id)
  FROM public.users u
 WHERE u.deleted_at IS NULL AND EXISTS (SELECT FROM public.activity_completions c WHERE c.user_id = u.id))sql";

/// Answers organization, user, "", column, expected, found: a row for each column that differs.
constexpr std::string_view kLearnerDifferences = R"sql(
SELECT organization_id, user_id, '', name, expected, found
  FROM expected_learners e
  FULL JOIN public.learner_states s USING (organization_id, user_id)
 CROSS JOIN LATERAL (VALUES
   ('rows', (e.skill IS NOT NULL)::int::text, (s.skill_rating IS NOT NULL)::int::text, (e.skill IS NULL) <> (s.skill_rating IS NULL)),
   ('skill_rating', e.skill::text, s.skill_rating::text, pg_temp.apart(e.skill, s.skill_rating)),
   ('points', e.points::text, s.points::text, e.points IS DISTINCT FROM s.points),
   ('streak_days', e.streak::text, s.streak_days::text, e.streak IS DISTINCT FROM s.streak_days),
   ('longest_streak_days', e.longest::text, s.longest_streak_days::text, e.longest IS DISTINCT FROM s.longest_streak_days),
   ('last_active_on', e.last_day::text, s.last_active_on::text, e.last_day IS DISTINCT FROM s.last_active_on),
   ('freeze_used_on', e.bridged::text, s.freeze_used_on::text, e.bridged IS DISTINCT FROM s.freeze_used_on)
 ) AS columns (name, expected, found, differs)
 WHERE differs
 ORDER BY 1, 2, 4)sql";

/// The same of each module that is not as it is by default.
constexpr std::string_view kProgressDifferences = R"sql(
WITH first_success AS (
  SELECT c.user_id, c.activity_id, min(c.completed_at) AS done_at
    FROM public.activity_completions c
    JOIN public.users u ON u.id = c.user_id AND u.deleted_at IS NULL
   WHERE c.succeeded
   GROUP BY 1, 2
), standing AS (
  SELECT l.user_id, m.organization_id, m.id AS module_id, count(a.activity_id) FILTER (WHERE a.required) AS required,
         count(f.done_at) FILTER (WHERE a.required) AS required_done, count(f.done_at) AS done,
         max(f.done_at) FILTER (WHERE a.required) AS last_done
    FROM expected_learners l
    JOIN public.learning_modules m ON m.organization_id = l.organization_id AND m.is_published AND m.deleted_at IS NULL
    LEFT JOIN expected_activities a ON a.module_id = m.id
    LEFT JOIN first_success f ON f.user_id = l.user_id AND f.activity_id = a.activity_id
   GROUP BY 1, 2, 3
), complete AS (
  SELECT *, CASE WHEN required > 0 AND required_done = required THEN last_done END AS completed_at FROM standing
), gated AS (
  SELECT c.user_id, c.module_id, count(n.module_id) AS needs, count(n.completed_at) AS met, max(n.completed_at) AS last_met
    FROM complete c
    LEFT JOIN public.module_prerequisites p ON p.module_id = c.module_id
    LEFT JOIN complete n ON n.user_id = c.user_id AND n.module_id = p.prerequisite_id
   GROUP BY 1, 2
), judged AS (
  SELECT c.*, g.needs, CASE WHEN g.needs > 0 AND g.met = g.needs THEN g.last_met END AS unlocked_at,
         CASE WHEN c.completed_at IS NOT NULL THEN 'completed'
              WHEN c.done > 0 THEN 'in_progress'
              WHEN g.met = g.needs THEN 'unlocked'
              ELSE 'locked' END AS status
    FROM complete c
    JOIN gated g USING (user_id, module_id)
), e AS (
  SELECT *, CASE WHEN required = 0 THEN 0 ELSE 100 * required_done::float8 / required END AS percent
    FROM judged
   WHERE status <> CASE WHEN needs = 0 THEN 'unlocked' ELSE 'locked' END
)
SELECT organization_id, user_id, module_id, name, expected, found
  FROM e
  FULL JOIN public.module_progress p USING (organization_id, user_id, module_id)
 CROSS JOIN LATERAL (VALUES
   ('rows', (e.status IS NOT NULL)::int::text, (p.status IS NOT NULL)::int::text, (e.status IS NULL) <> (p.status IS NULL)),
   ('status', e.status, p.status, e.status IS DISTINCT FROM p.status),
   ('percent', e.percent::text, p.percent::text, pg_temp.apart(e.percent, p.percent)),
   ('unlocked_at', e.unlocked_at::text, p.unlocked_at::text, e.unlocked_at IS DISTINCT FROM p.unlocked_at),
   ('completed_at', e.completed_at::text, p.completed_at::text, e.completed_at IS DISTINCT FROM p.completed_at)
 ) AS columns (name, expected, found, differs)
 WHERE differs
 ORDER BY 1, 2, 3, 4)sql";

/// The same of achievements.
constexpr std::string_view kUnlockedDifferences = R"sql(
SELECT organization_id, user_id, achievement_id, name, expected, found
  FROM expected_unlocked e
  FULL JOIN public.achievements_unlocked u USING (organization_id, user_id, achievement_id)
 CROSS JOIN LATERAL (VALUES
   ('rows', (e.unlocked_at IS NOT NULL)::int::text, (u.unlocked_at IS NOT NULL)::int::text, (e.unlocked_at IS NULL) <> (u.unlocked_at IS NULL)),
   ('unlocked_at', e.unlocked_at::text, u.unlocked_at::text, e.unlocked_at IS DISTINCT FROM u.unlocked_at)
 ) AS columns (name, expected, found, differs)
 WHERE differs
 ORDER BY 1, 2, 3, 4)sql";

/// The same of how many have each achievement.
constexpr std::string_view kHolderDifferences = R"sql(
SELECT organization_id, achievement_id, '', 'holders', coalesce(e.holders, 0), coalesce(h.holders, 0)
  FROM (SELECT organization_id, achievement_id, count(*) AS holders FROM expected_unlocked GROUP BY 1, 2) e
  FULL JOIN weir.achievement_holders h USING (organization_id, achievement_id)
 WHERE e.holders IS DISTINCT FROM h.holders
 ORDER BY 1, 2)sql";

/// The same of difficulties.
constexpr std::string_view kRatingDifferences = R"sql(
WITH counted AS (
  SELECT a.organization_id, a.activity_id, a.difficulty_rating AS start, count(*) AS attempts, count(*) FILTER (WHERE c.succeeded) AS succeeded
    FROM expected_activities a
    JOIN public.activity_completions c USING (activity_id)
   GROUP BY 1, 2, 3
), e AS (
  SELECT *, least(4000, greatest(0, start + 400 * log((attempts - succeeded + 5)::float8 / (succeeded + 5)))) AS rating FROM counted
)
SELECT organization_id, activity_id, '', name, expected, found
  FROM e
  FULL JOIN public.activity_ratings r USING (organization_id, activity_id)
 CROSS JOIN LATERAL (VALUES
   ('attempts', coalesce(e.attempts, 0)::text, coalesce(r.attempts, 0)::text, e.attempts IS DISTINCT FROM r.attempts),
   ('difficulty_rating', e.rating::text, r.difficulty_rating::text, pg_temp.apart(e.rating, r.difficulty_rating))
 ) AS columns (name, expected, found, differs)
 WHERE differs
 ORDER BY 1, 2, 4)sql";

constexpr std::string_view kWaits = R"sql(
SELECT count(*) || ' marks of learning are left' FROM weir.learning_marks HAVING count(*) > 0)sql";

}  // namespace

process::ResultChecks learning_checks() {
  return {.waits = {kWaits},
          .prepare = {kDropLearning, kMakeLearning, kExpectCourse, kExpectLearners},
          .tables = {{"learner_states", kLearnerDifferences, "rows"},
                     {"module_progress", kProgressDifferences, "rows"},
                     {"achievements_unlocked", kUnlockedDifferences, "rows"},
                     {"achievement_holders", kHolderDifferences, "holders"},
                     {"activity_ratings", kRatingDifferences, "attempts"}}};
}

}  // namespace weir::scoring
