#include "tests/component/runtime/stage.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

/// Runs an instance, then a second beside it, then the second alone, while records flow. Each lane is an owner of its own.
void come_and_go(std::size_t lanes) {
  Stage stage;
  const auto owners = [&] { return static_cast<std::size_t>(stage.number("SELECT count(DISTINCT owner) FROM weir.consumer_offsets")); };
  stage.produce(0, 5'000);
  auto first = stage.start(lanes);
  REQUIRE(await(kPatience, [&] { return owners() == lanes && stage.number("SELECT count(*) FROM result") > 500; }));
  auto second = stage.start(lanes);
  stage.produce(5'000, 5'000);
  REQUIRE(await(kPatience, [&] { return owners() == 2 * lanes; }));
  // Each lane makes that of its topic once, however often its consumer is asked what it reads.
  CHECK(static_cast<std::size_t>(stage.decoders_made) == 2 * lanes);
  CHECK(first->stop());
  stage.produce(10'000, 2'000);
  CHECK(stage.caught_up());
  stage.check_exact(12'000);
  CHECK(second->stop());
  CHECK(stage.number("SELECT count(owner) FROM weir.consumer_offsets") == 0);
  CHECK(stage.number("SELECT max(deaths) FROM weir.consumer_offsets") == 0);
}

}  // namespace

TEST_CASE("while instances come and go each record is taken once, and an orderly end leaves no owner") { come_and_go(1); }

TEST_CASE("lanes share out the partitions of an instance, each with its own session; another instance takes some of them over") {
  come_and_go(2);
}

TEST_CASE("a lane whose session is ended goes on over another; the other lane keeps its own") {
  Stage stage;
  stage.produce(0, 2'000);
  const auto instance = stage.start(2);
  // The lane that joins first may read all records before the other one joins.
  REQUIRE(await(kPatience, [&] { return stage.number("SELECT count(DISTINCT owner) FROM weir.consumer_offsets") == 2; }));
  REQUIRE(stage.caught_up());
  const std::string kept = stage.text("SELECT max(owner) FROM weir.consumer_offsets");
  REQUIRE(stage.number(R"(
SELECT count(*)
  FROM (SELECT DISTINCT split_part(owner, '@', 1)::int AS pid FROM weir.consumer_offsets WHERE owner <> ')" +
                       kept + "') o WHERE pg_terminate_backend(pid)") == 1);
  stage.produce(2'000, 4'000);
  CHECK(stage.caught_up());
  stage.check_exact(6'000);
  CHECK(stage.number("SELECT count(DISTINCT owner) FROM weir.consumer_offsets") == 2);
  CHECK(stage.text("SELECT max(owner) FROM weir.consumer_offsets WHERE owner = '" + kept + "'") == kept);
  CHECK(stage.number("SELECT max(deaths) FROM weir.consumer_offsets") == 0);
}

TEST_CASE("a fault that ends one lane ends the instance, and the other lane lets its partitions go in good order") {
  Stage stage;
  stage.produce(0, 1'000);
  const auto instance = stage.start(2);
  REQUIRE(stage.caught_up());
  // Without the table the next unit of work meets a fault that stops the process.
  REQUIRE(stage.sql->script("ALTER TABLE result RENAME TO gone"));
  stage.produce({"one more"});
  CHECK(await(kPatience, [&] { return instance->ended(); }));
  CHECK(instance->stop().error().kind == FaultKind::kPgSchema);
  CHECK(stage.number("SELECT count(owner) FROM weir.consumer_offsets") == 0);
}

TEST_CASE("read_committed: the records of an aborted transaction are never seen, and the lag still reaches 0") {
  Stage stage(1);
  stage.produce({"0", "1"}, true);
  stage.produce({"aborted"}, true, true);
  stage.produce({"2"}, true);
  stage.produce({"aborted at the end"}, true, true);
  const auto instance = stage.start();
  CHECK(stage.caught_up());
  stage.check_exact(3);
}

TEST_CASE("a row that Postgres refuses becomes a dead letter that names the constraint; its neighbours are written") {
  Stage stage(1);
  std::vector<std::string> values;
  for (int i = 0; i < 200; ++i) values.push_back(i == 77 ? "forbidden" : std::to_string(i));
  values.emplace_back("broken {");
  stage.produce(values);
  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  CHECK(stage.number("SELECT count(DISTINCT value) FROM result") == 199);
  CHECK(stage.text(R"(
SELECT kind || ' ' || reason || ' ' || constraint_name || ' ' || record_offset || ' ' || convert_from(value, 'UTF8')
  FROM weir.dead_letters
 WHERE kind = 'database')") == "database pg_constraint not_forbidden 77 forbidden");
  CHECK(stage.text(R"(
SELECT topic || ' ' || partition || ' ' || record_offset || ' ' || fault_path || ' ' || reason
  FROM weir.dead_letters
 WHERE kind = 'decode')") == stage.topic + " 0 200 /after malformed_json");
  CHECK(stage.number("SELECT sum(n) FROM weir.outcome_counts") == 201);
}

TEST_CASE("changes that are sent again are dropped by their source position, by the next owner too") {
  Stage stage(1);
  stage.produce({"c 10 a", "c 11 b", "c 11 b2"});
  auto first = stage.start();
  REQUIRE(stage.caught_up());
  CHECK(first->stop());
  stage.produce({"c 10 a", "c 11 b", "c 11 b2", "c 12 c"});
  const auto second = stage.start();
  REQUIRE(stage.caught_up());
  CHECK(stage.number("SELECT count(*) FROM result") == 4);
  CHECK(stage.number("SELECT n FROM weir.outcome_counts WHERE outcome = 're_sent'") == 3);
}

TEST_CASE(
    "a topic whose form has changed stops the group at each start, until an operator accepts the deaths; then they are dead letters") {
  Stage stage(1);
  stage.produce(std::vector<std::string>(600, "broken"));
  stage.produce({"0"});
  for (int start = 0; start < 2; ++start) {
    const auto instance = stage.start();
    REQUIRE(await(kPatience, [&] { return instance->ended(); }));
    const auto stopped = instance->stop();
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().exit_code() == ExitCode::kData);
  }
  CHECK(stage.number("SELECT count(*) FROM weir.dead_letters") == 0);
  REQUIRE(stage.sql->script(
      R"(
INSERT INTO weir.operator_actions (acted_by, command, filter, why)
VALUES ('kim', 'offsets accept-deaths', jsonb_build_object('group', ')" +
      stage.group + "', 'topic', '" + stage.topic + "', 'reason', 'malformed_json', 'path', '/after', 'until', 600), 'a test')"));
  const auto instance = stage.start();
  CHECK(stage.caught_up());
  CHECK(stage.number("SELECT count(*) FROM weir.dead_letters") == 600);
  CHECK(stage.number("SELECT count(*) FROM result") == 1);
}
