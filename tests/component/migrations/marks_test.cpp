// What 0066 makes of marks that wait to be derived, in both directions.
#include "tests/component/migrations/database.hpp"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("marks of single windows stay, and a mark of a range goes back to one of each window") {
  testing::Database database;
  const std::string marks =
      "SELECT string_agg(to_char(window_start AT TIME ZONE 'UTC', 'HH24:MI'), ' ' ORDER BY window_start) FROM weir.window_changes";
  database.up(56);
  database.run("INSERT INTO weir.window_changes VALUES (gen_random_uuid(), '2026-11-18 12:00Z')");
  database.up(66);
  CHECK(database.value(marks) == "12:00");
  database.run(R"(
    INSERT INTO weir.window_changes (organization_id, window_start, window_until)
    VALUES (gen_random_uuid(), '2026-11-18 13:00Z', '2026-11-18 13:15Z');
    INSERT INTO weir.window_changes (organization_id, window_start, queued, running) VALUES (gen_random_uuid(), '2026-11-18 14:00Z', 1, 0))");
  database.down(56);
  CHECK(database.value(marks) == "12:00 13:00 13:05 13:10 14:00");
  database.up(66);
  CHECK(database.value(marks) == "12:00 13:00 13:05 13:10 14:00");
}
