#include "operations/commands/store.hpp"

#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::operations;

namespace {

postgres::Connection connect(const std::string& dsn) {
  postgres::Settings settings;
  settings.dsn = dsn;
  settings.application_name = "weir rollups";
  return postgres::Connection::open(settings).value();
}

/// A migrated database in which group g has taken 100 records of partition 0 of topic t.
struct Database {
  Database() : connection(connect(testing::migrated_database())) {
    run(R"(
INSERT INTO weir.consumer_offsets (group_id, topic, partition, topic_uuid, next_offset, epoch, source_position)
VALUES ('g', 't', 0, gen_random_uuid(), 100, 7, '[1]'))");
  }
  void run(const std::string& sql) { REQUIRE(connection.script(sql).has_value()); }
  std::string text(const std::string& sql) { return std::string(connection.script(sql).value()[0].text(0)); }
  void gap(const std::string& kind, int begin, int end) {
    run("INSERT INTO weir.offset_gaps (group_id, topic, partition, kind, next_offset, log_begin, log_end) VALUES ('g', 't', 0, '" + kind +
        "', 100, " + std::to_string(begin) + ", " + std::to_string(end) + ")");
  }
  postgres::Connection connection;
};

Result<AcceptedGap> accept(Database& database, const std::string& at = "") {
  GapRow place;
  place.group = "g";
  place.topic = "t";
  return accept_gap(database.connection, place, {at}, "ada", "retention was too short");
}

}  // namespace

TEST_CASE("an accepted gap moves the position to what the log still holds, fences the owner, and keeps who and why") {
  Database database;
  database.gap("below_log_start", 130, 200);
  CHECK(gaps(database.connection, std::nullopt, false)->at(0).lost() == 30);
  const auto accepted = accept(database);
  REQUIRE(accepted.has_value());
  CHECK(accepted->gap.accepted_by == "ada");
  CHECK(accepted->gap.reason == "retention was too short");
  CHECK(accepted->gap.accepted_at.has_value());
  CHECK(database.text(R"(
SELECT next_offset || ' ' || epoch || ' ' || coalesce(topic_uuid::text, 'unbound') || ' ' || source_position
  FROM weir.consumer_offsets)") == "130 8 unbound [1]");
  CHECK(gaps(database.connection, std::nullopt, false)->empty());
  CHECK(gaps(database.connection, "g", true)->at(0).accepted_by == "ada");
  CHECK(database.text("SELECT concat_ws(' ', acted_by, command, filter, counts, why) FROM weir.operator_actions") ==
        "ada offsets accept-gap {\"kind\": \"below_log_start\", \"group\": \"g\", \"topic\": \"t\", \"partition\": 0} {\"lost\": 30} "
        "retention was too short");
}

TEST_CASE("in a topic made again reading goes on at its beginning") {
  Database database;
  database.gap("topic_recreated", 0, 5000);
  CHECK(accept(database)->next_offset == 0);
  CHECK(database.text("SELECT next_offset FROM weir.consumer_offsets") == "0");
}

TEST_CASE("in a log that was cut below the position the operator has to say where to go on") {
  Database database;
  database.gap("above_log_end", 10, 80);
  const auto unsaid = accept(database);
  REQUIRE_FALSE(unsaid.has_value());
  CHECK(unsaid.error().exit_code() == ExitCode::kUsage);
  CHECK(unsaid.error().line() ==
        "--at: say where to go on, since the log was cut below the position (100) and may hold new records (--at begin takes all from 10 "
        "again (changes that were taken are known and dropped, actions for 24 hours); --at end leaves out all below 80)");
  CHECK(accept(database, "90").error().line() == "--at 90: is not begin, end or an offset from 10 to 80");
  CHECK(accept(database, "last").error().line() == "--at last: is not begin, end or an offset from 10 to 80");
  CHECK(database.text("SELECT next_offset FROM weir.consumer_offsets") == "100");
  CHECK(accept(database, "begin")->next_offset == 10);
  CHECK(database.text("SELECT next_offset FROM weir.consumer_offsets") == "10");
}

TEST_CASE("an answer is taken by its word") {
  const GapRow gap{"g", "t", 0, "above_log_end", 100, 10, 80, {}, {}, {}, {}};
  CHECK(resume_at(gap, {"begin"}) == 10);
  CHECK(resume_at(gap, {"end"}) == 80);
  CHECK(resume_at(gap, {"42"}) == 42);
}

TEST_CASE("after a rebuilt source reading goes on where it stood, and the old source's positions are forgotten") {
  Database database;
  database.gap("source_rebuilt", 104, 104);
  CHECK(accept(database)->gap.lost() == 0);
  CHECK(database.text("SELECT next_offset || ' ' || epoch || ' ' || source_position FROM weir.consumer_offsets") == "100 8 []");
}

TEST_CASE("where no gap waits, or the position has moved since, nothing is changed and the fault says so") {
  Database database;
  const auto none = accept(database);
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().line() == "no gap of g in t partition 0 waits for you (weir offsets show lists the gaps)");
  CHECK(none.error().exit_code() == ExitCode::kData);
  database.gap("below_log_start", 130, 200);
  database.run("UPDATE weir.consumer_offsets SET next_offset = 140");
  const auto moved = accept(database);
  REQUIRE_FALSE(moved.has_value());
  CHECK(moved.error().message == "the position of g in t partition 0 has moved since the gap was found at 100");
  CHECK(database.text("SELECT next_offset || ' ' || epoch FROM weir.consumer_offsets") == "140 7");
  CHECK(gaps(database.connection, "g", false)->size() == 1);
  CHECK(database.text("SELECT count(*) FROM weir.operator_actions") == "0");
}

TEST_CASE("an owner is named while its backend lives, and is gone afterwards") {
  Database database;
  CHECK_FALSE(positions(database.connection, "g")->at(0).owner.has_value());
  database.run(
      R"(
UPDATE weir.consumer_offsets
   SET owner = (SELECT pid || '@' || backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()))");
  CHECK(positions(database.connection, "g")->at(0).owner->starts_with("weir rollups "));
  CHECK(groups(database.connection)->at(0).owned == 1);
  database.run("UPDATE weir.consumer_offsets SET owner = '1@2026-01-01 00:00:00+00'");
  CHECK(positions(database.connection, "g")->at(0).owner == "gone");
  CHECK(groups(database.connection)->at(0).owned == 0);
  CHECK(positions(database.connection, "other")->empty());
}

TEST_CASE("a group's outcomes add up over its partitions, each counted once") {
  Database database;
  database.run("INSERT INTO weir.consumer_offsets (group_id, topic, partition, next_offset, watermark) VALUES ('g', 't', 1, 5, now())");
  database.run(
      R"(
INSERT INTO weir.outcome_counts (group_id, topic, partition, outcome, reason, n)
VALUES ('g', 't', 0, 'done', '', 90), ('g', 't', 0, 'skipped', 'snapshot', 6),
       ('g', 't', 0, 'dead', 'out_of_domain', 2), ('g', 't', 0, 're_sent', '', 2), ('g', 't', 1, 'done', '', 5))");
  database.run(
      R"(
INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, occurred_at, kind, reason)
SELECT 'g', 't', gen_random_uuid(), 0, n, now(), 'rule', 'out_of_domain'
  FROM generate_series(1, 2) n)");
  const auto rows = groups(database.connection).value();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].partitions == 2);
  CHECK(rows[0].done == 95);
  CHECK(rows[0].skipped == 6);
  CHECK(rows[0].dead == 2);
  CHECK(rows[0].re_sent == 2);
  CHECK(rows[0].open_dead_letters == 2);
  CHECK_FALSE(rows[0].watermark.has_value());  // one partition has none yet
  const auto why = reasons(database.connection).value();
  REQUIRE(why.size() == 2);
  CHECK(why[0].outcome + " " + why[0].reason == "dead out_of_domain");
  CHECK(why[1].outcome + " " + why[1].reason == "skipped snapshot");
  CHECK(why[1].records == 6);
}

TEST_CASE("a wake-up that Postgres refuses, or a key of one, is listed with what the database named") {
  Database database;
  CHECK(refused_wakeups(database.connection).value().empty());
  database.run(R"(
INSERT INTO weir.refused_wakeups (group_id, reason, table_name, column_name, constraint_name, tries, next_try)
VALUES ('g', 'pg_constraint', 'agent_metrics', '', 'total_tasks_check', 3, now())
)");
  database.run(R"(
INSERT INTO weir.refused_wakeups (group_id, wakeup, key, reason, table_name, column_name, constraint_name, tries, next_try)
VALUES ('g', 'closing', 'an organization', 'pg_raised', '', '', '', 1, now())
)");
  const auto rows = refused_wakeups(database.connection).value();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].place == "agent_metrics total_tasks_check");
  CHECK(rows[0].tries == 3);
  CHECK(rows[0].key.empty());
  CHECK(rows[1].wakeup == "closing");
  CHECK(rows[1].key == "an organization");
}

TEST_CASE("a replication slot tells what it retains") {
  Database database;
  database.run("SELECT pg_create_logical_replication_slot('weir_test_slot', 'pgoutput')");
  const auto rows = slots(database.connection).value();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].name == "weir_test_slot");
  CHECK_FALSE(rows[0].active);
  CHECK(rows[0].retained_bytes.value() >= 0);
  database.run("SELECT pg_drop_replication_slot('weir_test_slot')");
}
