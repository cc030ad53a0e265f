// What 0072 makes of an outbox that has rows: they stay, in both directions, and from then on some types are weir's own.
#include "tests/component/migrations/database.hpp"

#include <doctest/doctest.h>

using namespace weir;

namespace {

constexpr int kBefore = 56;
constexpr int kItself = 72;

/// A database with a role that may write into the outbox, as an application may.
struct Database : testing::Database {
  Database() {
    up(kBefore);
    run("CREATE ROLE " + application + "; GRANT USAGE ON SCHEMA weir TO " + application + "; GRANT INSERT ON weir.outbox TO " +
        application);
  }
  ~Database() { static_cast<void>(connection.script("DROP OWNED BY " + application + "; DROP ROLE " + application)); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  /// "ok", or the SQLSTATE of the refusal.
  std::string insert(const std::string& role, const std::string& type) {
    const auto done =
        connection.script("SET ROLE " + role + "; INSERT INTO weir.outbox (aggregate_type, aggregate_id, type, payload) VALUES ('" + type +
                          "', '7', 'made', '{}')");
    run("RESET ROLE");
    return done ? "ok" : done.error().sqlstate;
  }
  std::int64_t rows() { return connection.script("SELECT count(*) FROM weir.outbox").value()[0].get<std::int64_t>(0); }

  std::string application = "outbox_application_of_a_test";
};

}  // namespace

TEST_CASE("rows of the outbox outlive 0072 and its way back, between which an application may not write weir's own types") {
  Database database;
  CHECK(database.insert(database.application, "dlq") == "ok");
  CHECK(database.insert(database.application, "order") == "ok");
  REQUIRE(migrations::up(database.connection, kItself).has_value());
  CHECK(database.rows() == 2);
  for (const std::string type : {"dlq", "agent_metrics"}) {
    CHECK(database.insert(database.application, type) == "42501");
    for (const std::string role : {"weir_rollups", "weir_consumer"}) CHECK(database.insert(role, type) == "ok");
  }
  CHECK(database.insert(database.application, "order") == "ok");
  CHECK(database.connection.script("UPDATE weir.outbox SET payload = '[]'").has_value());
  REQUIRE(migrations::down(database.connection, kBefore).has_value());
  CHECK(database.rows() == 7);
  CHECK(database.insert(database.application, "dlq") == "ok");
  REQUIRE(migrations::up(database.connection, kItself).has_value());
  CHECK(database.rows() == 8);
}

TEST_CASE("a dead letter's event says what the letter is and why it died, as texts in its headers") {
  Database database;
  REQUIRE(migrations::up(database.connection, kItself).has_value());
  const auto event = database.connection.script(R"(
SELECT concat_ws(' ', aggregate_type, aggregate_id, type, payload, headers)
  FROM weir.dead_letter_event(42, 'g', 't', 3, 17, 'missing_row', '', 2))");
  CHECK(
      event.value()[0].text(0) ==
      R"(dlq 42 dead_letter {"id": 42, "group": "g", "topic": "t", "offset": 17, "reason": "missing_row", "attempts": 2, "partition": 3} )"
      R"({"__dlq.errors.group": "g", "__dlq.errors.topic": "t", "__dlq.errors.offset": "17", "__dlq.errors.message": "missing_row", )"
      R"("__dlq.errors.partition": "3", "__dlq.errors.delivery.count": "2"})");
}
