// The verification of learning must fail when it should: the rows of a learner whose numbers were worked out by hand (docs/scoring.md)
// pass, and each falsehood is found and named.
#include "demo/clients/given_zones.hpp"

#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"
#include "consumers/scoring/learning_checks.hpp"
#include "demo/witness/verify.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::demo;

namespace {

const std::string kUser = "00000000-0000-4000-8000-0000000000b1";

constexpr const char* kTruth = R"sql(
CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid LANGUAGE sql AS $$ SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
INSERT INTO organizations (id, name) VALUES (pg_temp.id(1), 'School');
INSERT INTO users (id, organization_id, email, role) VALUES ('00000000-0000-4000-8000-0000000000b1', pg_temp.id(1), 'b@school.invalid', 'student');
INSERT INTO learning_modules (id, organization_id, key, title, is_published)
VALUES (pg_temp.id(10), pg_temp.id(1), 'listening', 'Listening', true), (pg_temp.id(11), pg_temp.id(1), 'speaking', 'Speaking', true);
INSERT INTO module_prerequisites (organization_id, module_id, prerequisite_id) VALUES (pg_temp.id(1), pg_temp.id(11), pg_temp.id(10));
INSERT INTO learning_activities (id, organization_id, module_id, kind, title, difficulty_rating, points, required)
VALUES (pg_temp.id(20), pg_temp.id(1), pg_temp.id(10), 'quiz', 'L1', 1100, 10, true),
       (pg_temp.id(21), pg_temp.id(1), pg_temp.id(10), 'quiz', 'L2', 1300, 20, true),
       (pg_temp.id(22), pg_temp.id(1), pg_temp.id(10), 'quiz', 'L3', 1000, 5, false),
       (pg_temp.id(23), pg_temp.id(1), pg_temp.id(11), 'quiz', 'S1', 1200, 10, true);
INSERT INTO achievements (id, organization_id, key, name, condition, points)
VALUES (pg_temp.id(30), pg_temp.id(1), 'module', 'Module', '{"modules_completed": 1}', 25),
       (pg_temp.id(31), NULL, 'days', 'Days', '{"streak_days": 3}', 15);
INSERT INTO activity_completions (organization_id, user_id, activity_id, succeeded, score, completed_at)
VALUES (pg_temp.id(1), '00000000-0000-4000-8000-0000000000b1', pg_temp.id(20), false, NULL, '2026-03-23T10:00Z'),
       (pg_temp.id(1), '00000000-0000-4000-8000-0000000000b1', pg_temp.id(20), true, NULL, '2026-03-24T23:30Z'),
       (pg_temp.id(1), '00000000-0000-4000-8000-0000000000b1', pg_temp.id(21), true, 0.8, '2026-03-26T09:00Z'),
       (pg_temp.id(1), '00000000-0000-4000-8000-0000000000b1', pg_temp.id(23), true, NULL, '2026-03-28T18:00Z');
INSERT INTO learner_states (organization_id, user_id, skill_rating, points, streak_days, longest_streak_days, last_active_on, freeze_used_on)
VALUES (pg_temp.id(1), '00000000-0000-4000-8000-0000000000b1', 1207.831750474145, 80, 1, 3, '2026-03-28', '2026-03-24');
INSERT INTO module_progress (organization_id, user_id, module_id, status, percent, unlocked_at, completed_at)
VALUES (pg_temp.id(1), '00000000-0000-4000-8000-0000000000b1', pg_temp.id(10), 'completed', 100, NULL, '2026-03-26T09:00Z'),
       (pg_temp.id(1), '00000000-0000-4000-8000-0000000000b1', pg_temp.id(11), 'completed', 100, '2026-03-26T09:00Z', '2026-03-28T18:00Z');
INSERT INTO achievements_unlocked (organization_id, user_id, achievement_id, unlocked_at)
SELECT pg_temp.id(1), '00000000-0000-4000-8000-0000000000b1', pg_temp.id(n), '2026-03-26T09:00Z' FROM generate_series(30, 31) n;
INSERT INTO weir.achievement_holders SELECT pg_temp.id(1), pg_temp.id(n), 1 FROM generate_series(30, 31) n;
INSERT INTO activity_ratings (organization_id, activity_id, difficulty_rating, attempts)
VALUES (pg_temp.id(1), pg_temp.id(20), 1100, 2), (pg_temp.id(1), pg_temp.id(21), 1300 + 400 * log(5 / 6.0), 1),
       (pg_temp.id(1), pg_temp.id(23), 1200 + 400 * log(5 / 6.0), 1))sql";

struct Scene {
  SqlSession session = open();
  std::vector<GivenZone> zones{{*Uuid::parse(kUser), Instant{}, "Europe/Berlin"}};

  Scene() { run(kTruth); }
  static SqlSession open() {
    postgres::Settings settings{testing::fresh_database(), "test"};
    auto owner = value(postgres::Connection::open(settings));
    value(migrations::up(owner));
    return value(SqlSession::open(settings.dsn, "test"));
  }
  template <class T>
  static T value(Result<T> result) {
    REQUIRE_MESSAGE(result.has_value(), (result ? std::string() : result.error().line()));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }
  void run(const std::string& sql) { value(session.script(sql)); }
  Verdict verdict() {
    Verdict verdict;
    value(give_zones(session, zones));
    value(check_results(session, scoring::learning_checks(), verdict));
    return verdict;
  }
};

struct Falsehood {
  std::string sql;
  std::string expected;  // of the first difference, its end
};

}  // namespace

TEST_CASE("a learner whose rows are as they were worked out by hand is verified") {
  Scene scene;
  const Verdict verdict = scene.verdict();
  for (const std::string& difference : verdict.differences) MESSAGE(difference);
  CHECK(verdict.good());
  const std::string waits(scoring::learning_checks().waits.front());
  CHECK(Scene::value(scene.session.ask(waits)).empty());
  scene.run("INSERT INTO weir.learning_marks (kind, organization_id, subject_id) SELECT 'learner', organization_id, id FROM users");
  CHECK(Scene::value(scene.session.ask(waits))[0][0].as<std::string>() == "1 marks of learning are left");
}

TEST_CASE("each falsehood about a learner is found") {
  const std::vector<Falsehood> falsehoods{
      {"DELETE FROM learner_states", "rows: expected 1, found 0"},
      {"UPDATE learner_states SET skill_rating = skill_rating + 0.001", "found 1207.83275047"},
      {"UPDATE learner_states SET points = 55", "points: expected 80, found 55"},
      {"UPDATE learner_states SET streak_days = 3", "streak_days: expected 1, found 3"},
      {"UPDATE learner_states SET longest_streak_days = 4", "longest_streak_days: expected 3, found 4"},
      {"UPDATE learner_states SET last_active_on = '2026-03-29'", "last_active_on: expected 2026-03-28, found 2026-03-29"},
      {"UPDATE learner_states SET freeze_used_on = NULL", "freeze_used_on: expected 2026-03-24, found null"},
      {"UPDATE module_progress SET status = 'in_progress' WHERE unlocked_at IS NULL", "status: expected completed, found in_progress"},
      {"UPDATE module_progress SET unlocked_at = completed_at WHERE unlocked_at IS NOT NULL", "found 2026-03-28 18:00:00+00"},
      {"UPDATE module_progress SET percent = 99", "percent: expected 100, found 99"},
      {"DELETE FROM module_progress WHERE unlocked_at IS NOT NULL", "rows: expected 1, found 0"},
      {"DELETE FROM achievements_unlocked WHERE achievement_id = (SELECT id FROM achievements WHERE key = 'days')",
       "rows: expected 1, found 0"},
      {"UPDATE achievements_unlocked SET unlocked_at = now()", "unlocked_at: expected 2026-03-26 09:00:00+00, found "},
      {"UPDATE weir.achievement_holders SET holders = 2", "holders: expected 1, found 2"},
      {"UPDATE activity_ratings SET attempts = 3 WHERE attempts = 2", "attempts: expected 2, found 3"},
      {"UPDATE activity_ratings SET difficulty_rating = 1300 WHERE difficulty_rating > 1200", "difficulty_rating: expected 1268.3"},
  };
  Scene scene;
  for (const Falsehood& falsehood : falsehoods) {
    CAPTURE(falsehood.sql);
    scene.run("BEGIN");
    scene.run(falsehood.sql);
    const Verdict verdict = scene.verdict();
    scene.run("ROLLBACK");
    CHECK_FALSE(verdict.good());
    const auto named =
        std::ranges::any_of(verdict.differences, [&](const auto& line) { return line.find(falsehood.expected) != std::string::npos; });
    CHECK_MESSAGE(named, (verdict.differences.empty() ? "nothing" : verdict.differences.front()));
  }
}

TEST_CASE("where a user lived decides what is expected") {
  Scene scene;
  scene.zones.front().zone = "UTC";
  const Verdict verdict = scene.verdict();
  REQUIRE_FALSE(verdict.differences.empty());
  CHECK(verdict.differences.front().ends_with("freeze_used_on: expected 2026-03-25, found 2026-03-24"));
}
