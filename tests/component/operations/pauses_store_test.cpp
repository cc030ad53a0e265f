#include "operations/commands/pauses_store.hpp"

#include "common/testing/migrated_database.hpp"
#include "operations/commands/store.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::operations;

namespace {

/// Group g has positions in partitions 0 and 1 of t, and in partition 0 of u.
struct Database {
  Database() : connection(open()) {
    REQUIRE(
        connection
            .script(
                "INSERT INTO weir.consumer_offsets (group_id, topic, partition, next_offset) VALUES ('g', 't', 0, 1), ('g', 't', 1, 1), "
                "('g', 'u', 0, 1), ('h', 't', 0, 1)")
            .has_value());
  }
  static postgres::Connection open() {
    postgres::Settings settings;
    settings.dsn = testing::migrated_database();
    return postgres::Connection::open(settings).value();
  }
  std::string text(const std::string& sql) { return std::string(connection.script(sql).value()[0].text(0)); }
  std::string actions() {
    return text(
        "SELECT coalesce(string_agg(concat_ws(' ', acted_by, command, filter, counts, why), '; ' ORDER BY id), '') FROM "
        "weir.operator_actions");
  }
  std::int64_t paused() { return groups(connection)->at(0).paused; }
  postgres::Connection connection;
};

const PausedPlace kGroup{"g", std::nullopt, std::nullopt};
const PausedPlace kTopic{"g", "t", std::nullopt};
const PausedPlace kPartition{"g", "t", 1};

}  // namespace

TEST_CASE("a group, a topic of it or a partition is paused and resumed, with who and why") {
  Database database;
  CHECK(pause(database.connection, kPartition, "ada", "INC-1").value() == 1);
  CHECK(database.paused() == 1);
  const auto rows = pauses(database.connection).value();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].by == "ada");
  CHECK(rows[0].why == "INC-1");
  CHECK(rows[0].covers("g", "t", 1));
  CHECK_FALSE(rows[0].covers("g", "t", 0));
  CHECK_FALSE(rows[0].covers("h", "t", 1));
  CHECK(pause(database.connection, kTopic, "ada", "INC-1").value() == 2);
  CHECK(database.paused() == 2);
  CHECK(pause(database.connection, kGroup, "ada", "INC-1").value() == 3);
  CHECK(database.paused() == 3);
  CHECK(resume(database.connection, kGroup, "bob", "mended").value() == 3);
  CHECK(database.paused() == 0);
  CHECK(database.actions().ends_with(R"(; bob groups resume {"group": "g"} {"pauses": 3} mended)"));
  CHECK(database.actions().starts_with(R"(ada groups pause {"group": "g", "topic": "t", "partition": 1} {"partitions": 1} INC-1; )"));
}

TEST_CASE("a part of what is paused is not resumed alone: the wider pause is named") {
  Database database;
  REQUIRE(pause(database.connection, kGroup, "ada", "INC-1"));
  const auto topic = resume(database.connection, kTopic, "ada", "again");
  REQUIRE_FALSE(topic);
  CHECK(topic.error().exit_code() == ExitCode::kData);
  CHECK(topic.error().line() == "g in t is held by the pause of g (weir groups resume g)");
  REQUIRE(pause(database.connection, kTopic, "ada", "INC-1"));
  REQUIRE(pause(database.connection, kPartition, "ada", "INC-1"));
  CHECK(resume(database.connection, kPartition, "ada", "again").error().line() ==
        "g in t partition 1 is held by the pause of g (weir groups resume g)");
  CHECK(database.paused() == 3);
  CHECK(database.text("SELECT count(*) FROM weir.group_pauses") == "3");
  REQUIRE(resume(database.connection, kGroup, "ada", "again"));
}

TEST_CASE("the pause of a topic holds its partitions") {
  Database database;
  REQUIRE(pause(database.connection, kTopic, "ada", "INC-1"));
  CHECK(resume(database.connection, kPartition, "ada", "again").error().line() ==
        "g in t partition 1 is held by the pause of g in t (weir groups resume g --topic t)");
  CHECK(resume(database.connection, kTopic, "ada", "again").value() == 1);
}

TEST_CASE("what the group does not have, what is paused already and what is not paused are refused, and nothing is noted") {
  Database database;
  CHECK(pause(database.connection, {"g", "t", 2}, "ada", "x").error().line() ==
        "g in t partition 2: there is no position there (weir offsets show lists the groups and their topics)");
  CHECK(resume(database.connection, kGroup, "ada", "x").error().line() == "g is not paused (weir status lists what is paused)");
  CHECK(database.actions().empty());
  REQUIRE(pause(database.connection, kGroup, "ada", "x"));
  CHECK(pause(database.connection, kGroup, "bob", "y").error().line() == "g is paused already (weir status tells by whom and why)");
  CHECK(database.text("SELECT count(*) FROM weir.operator_actions") == "1");
}
