// What 0066 makes of marks that wait to be derived, in both directions.
#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("marks of single windows stay, and a mark of a range goes back to one of each window") {
  postgres::Settings settings;
  settings.dsn = testing::fresh_database();
  auto connection = postgres::Connection::open(migrations::patient(settings)).value();
  const auto run = [&](const std::string& sql) {
    const auto rows = connection.script(sql);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    return rows->empty() ? "" : std::string((*rows)[0].text(0));
  };
  const std::string marks =
      "SELECT string_agg(to_char(window_start AT TIME ZONE 'UTC', 'HH24:MI'), ' ' ORDER BY window_start) FROM weir.window_changes";
  REQUIRE(migrations::up(connection, 56).has_value());
  run("INSERT INTO weir.window_changes VALUES (gen_random_uuid(), '2026-11-18 12:00Z')");
  REQUIRE(migrations::up(connection, 66).has_value());
  CHECK(run(marks) == "12:00");
  run(R"(
    INSERT INTO weir.window_changes (organization_id, window_start, window_until)
    VALUES (gen_random_uuid(), '2026-11-18 13:00Z', '2026-11-18 13:15Z');
    INSERT INTO weir.window_changes (organization_id, window_start, queued, running) VALUES (gen_random_uuid(), '2026-11-18 14:00Z', 1, 0))");
  REQUIRE(migrations::down(connection, 56).has_value());
  CHECK(run(marks) == "12:00 13:00 13:05 13:10 14:00");
  REQUIRE(migrations::up(connection, 66).has_value());
  CHECK(run(marks) == "12:00 13:00 13:05 13:10 14:00");
}
