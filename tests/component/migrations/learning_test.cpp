// What 0048 and 0049 add to the tables of learning: they leave the rows as they are, and time zones are taken as the IANA database has
// them. 0056 counts the same active days in another way.
#include "tests/component/migrations/database.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

using namespace weir;

namespace {

constexpr int kBefore = 47;
constexpr int kBeforeOtherCounting = 54;

struct Database : testing::Database {
  Database() { up(); }
};

constexpr const char* kLearning = R"(
  SELECT md5(string_agg(line, E'\n' ORDER BY line))
    FROM (SELECT 'm' || m::text AS line FROM public.learning_modules m
          UNION ALL SELECT 'q' || q::text FROM public.module_prerequisites q
          UNION ALL SELECT 'a' || a::text FROM public.learning_activities a
          UNION ALL SELECT 'c' || c::text FROM public.activity_completions c
          UNION ALL SELECT 'p' || p::text FROM public.module_progress p
          UNION ALL SELECT 's' || s::text FROM public.learner_states s
          UNION ALL SELECT 'r' || r::text FROM public.activity_ratings r
          UNION ALL SELECT 'v' || v::text FROM public.achievements v
          UNION ALL SELECT 'u' || u::text FROM public.achievements_unlocked u) kept
)";

/// Zones and moments of which AT TIME ZONE, given what weir.time_zones says, makes another local time than the zone itself has.
constexpr const char* kDifferences = R"(
  CREATE FUNCTION pg_temp.differences() RETURNS SETOF text LANGUAGE plpgsql AS $$
  DECLARE
    zone   record;
    moment timestamptz;
  BEGIN
    FOR zone IN SELECT * FROM weir.time_zones((SELECT array_agg(name) FROM pg_timezone_names)) LOOP
      -- As a setting a zone is never an abbreviation.
      PERFORM set_config('TimeZone', zone.name, true);
      FOREACH moment IN ARRAY '{2005-01-15T12:00Z,2005-07-15T12:00Z,2026-03-29T00:59Z,2026-03-29T01:00Z,2026-07-01T22:30Z,2026-12-01T23:30Z}'::timestamptz[] LOOP
        IF moment AT TIME ZONE zone.counted_as <> moment::timestamp THEN
          RETURN NEXT zone.name;
        END IF;
      END LOOP;
    END LOOP;
  END
  $$;
  SELECT coalesce(string_agg(DISTINCT name, ' '), '') FROM pg_temp.differences() name
)";

}  // namespace

TEST_CASE("what is learned stays as it is when learning's state and views go and come back") {
  Database database;
  std::ostringstream scene;
  scene << std::ifstream(testing::source_directory() / "tests/component/rls/scene.sql").rdbuf();
  database.value(scene.str());
  const std::string kept = database.value(kLearning);
  database.value(R"(
    INSERT INTO weir.user_zones SELECT id, '-infinity', organization_id, time_zone FROM public.users;
    INSERT INTO weir.achievement_holders SELECT organization_id, achievement_id, count(*) FROM public.achievements_unlocked GROUP BY 1, 2;
    INSERT INTO weir.learning_marks (kind, organization_id, subject_id) SELECT 'learner', organization_id, id FROM public.users)");
  REQUIRE(migrations::down(database.connection, kBefore).has_value());
  CHECK(database.value(kLearning) == kept);
  REQUIRE(migrations::up(database.connection).has_value());
  CHECK(database.value(kLearning) == kept);
  CHECK(database.value("SELECT count(*) FROM weir.user_zones") == "0");
}

TEST_CASE("active days are the same in either way of counting them, through changes of zones and at the ends of time") {
  Database database;
  std::ostringstream scene;
  scene << std::ifstream(testing::source_directory() / "tests/component/rls/scene.sql").rdbuf();
  database.value(scene.str());
  // Student 3 moves twice, 4 moves away from a zone that begins late, 7 has a single zone, 9 none.
  database.value(R"(
    INSERT INTO weir.user_zones (organization_id, user_id, holds_from, time_zone)
    SELECT scene.id('a', 0), scene.id('a', student), holds_from, time_zone
      FROM (VALUES (3, '-infinity'::timestamptz, 'Asia/Tokyo'), (3, '2026-02-15 15:00Z', 'Pacific/Pago_Pago'), (3, '2026-03-20 10:00Z', 'UTC'),
                   (4, '2026-01-20 00:00Z', 'Pacific/Kiritimati'), (4, '2026-03-01 00:00Z', 'America/St_Johns'),
                   (7, '-infinity', 'Europe/Berlin')) z (student, holds_from, time_zone);
    INSERT INTO public.activity_completions (organization_id, user_id, activity_id, succeeded, completed_at)
    SELECT scene.id('a', 0), scene.id('a', student), scene.id('a', 210), true, at
      FROM unnest('{3,4,7,9}'::integer[]) student,
           (SELECT '2026-01-01Z'::timestamptz + make_interval(hours => n * n % 2400) FROM generate_series(1, 300) n
            UNION ALL
            SELECT unnest('{-infinity,0001-01-01Z,2026-02-15 15:00Z,2026-03-20 10:00Z,9999-12-31 23:00Z,10000-01-01Z,infinity}'::timestamptz[])) c (at))");
  const auto active_weeks = [&] {
    std::string all;
    for (const auto& [user, role] : {std::pair("1", "admin"), std::pair("3", "student"), std::pair("9", "student")}) {
      database.value(std::string("SELECT set_config('request.jwt.claims', jsonb_build_object('sub', scene.id('a', ") + user +
                     "), 'organization_id', scene.id('a', 0), 'user_role', '" + role + "')::text, false)");
      all += database.value("SELECT string_agg(w::text, ' ' ORDER BY w.user_id, w.week) FROM weir.active_weeks() w") + "\n";
    }
    return all;
  };
  const std::string counted = active_weeks();
  CHECK(std::ranges::count(counted, '(') > 40);
  REQUIRE(migrations::down(database.connection, kBeforeOtherCounting).has_value());
  CHECK(active_weeks() == counted);
  REQUIRE(migrations::up(database.connection).has_value());
  CHECK(active_weeks() == counted);
}

TEST_CASE("a name stands for its zone in the IANA database, whatever AT TIME ZONE would make of the name") {
  Database database;
  CHECK(database.value(kDifferences) == "");
  // Without its second name, CET would be an hour off in summer.
  CHECK(database.value("SELECT '2026-07-01T12:00Z'::timestamptz AT TIME ZONE 'CET'") == "2026-07-01 13:00:00");
  CHECK(database.value("SELECT '2026-07-01T12:00Z'::timestamptz AT TIME ZONE counted_as FROM weir.time_zones('{CET}')") ==
        "2026-07-01 14:00:00");
  CHECK(database.value("SELECT count(*) > 400 FROM weir.time_zones((SELECT array_agg(name) FROM pg_timezone_names))") == "t");
}

TEST_CASE("offsets, abbreviations, other spellings and names of the machine are no time zones") {
  Database database;
  CHECK(database.value(R"(
    SELECT coalesce(string_agg(name, ' '), '')
      FROM weir.time_zones('{FOO+3,MSK,CEST,europe/berlin,Mars/Olympus,posix/Europe/Berlin,localtime,+01:00,UTC+2,NULL}'))") == "");
}

TEST_CASE("a score is a share, and a completion goes with its activity or its user") {
  Database database;
  std::ostringstream scene;
  scene << std::ifstream(testing::source_directory() / "tests/component/rls/scene.sql").rdbuf();
  database.value(scene.str());
  for (const char* score : {"-0.01", "1.01"}) {
    const auto refused = database.connection.script(std::string("UPDATE public.activity_completions SET score = ") + score);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find("activity_completions_score_check") != std::string::npos);
  }
  CHECK(database.value("SELECT count(*) FROM public.activity_completions") == "8");
  database.value("DELETE FROM public.users WHERE id = scene.id('a', 7)");
  CHECK(database.value("SELECT count(*) FROM public.activity_completions") == "7");
  database.value("DELETE FROM public.learning_activities WHERE organization_id = scene.id('a', 0)");
  CHECK(database.value("SELECT count(*) FROM public.activity_completions") == "4");
}
