// What 0048 and 0049 add to the tables of learning: they leave the rows as they are, and time zones are taken as the IANA database has
// them.
#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

using namespace weir;

namespace {

constexpr int kBefore = 47;

struct Database {
  Database() : connection(open()) { REQUIRE(migrations::up(connection).has_value()); }
  static postgres::Connection open() {
    postgres::Settings settings;
    settings.dsn = testing::fresh_database();
    return postgres::Connection::open(migrations::patient(settings)).value();
  }
  std::string value(const std::string& sql) {
    const auto rows = connection.script(sql);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    return rows->empty() ? "" : std::string((*rows)[0].text(0));
  }
  postgres::Connection connection;
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
