// weir offsets reset of a group over a real Kafka and a real Postgres: what is moved, what is refused, and that a running group follows.
#include "common/kafka/group_offsets.hpp"
#include "operations/commands/pauses_store.hpp"
#include "operations/commands/reset_store.hpp"
#include "tests/component/operations/program.hpp"
#include "tests/component/runtime/stage.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

/// All partitions to their beginning, as the command asks for it.
Result<std::vector<operations::ResetStep>> reset_to_begin(Stage& stage) {
  const Uuid id = stage.admin->describe_topics({stage.topic}).value().at(0).id;
  const auto plan = [&](const std::vector<operations::ResetPlace>& places) -> Result<std::vector<operations::ResetStep>> {
    std::vector<operations::ResetStep> steps;
    for (const auto& place : places) {
      const auto log = stage.admin->range(stage.topic, place.partition).value();
      operations::ResetTarget target;
      target.topic_id = id;
      target.log_begin = target.offset = log.begin;
      target.log_end = log.end;
      steps.push_back(operations::planned_step(stage.group, place, target, std::nullopt));
    }
    return steps;
  };
  operations::ResetFilter filter;
  filter.group = stage.group;
  return operations::reset(*stage.sql, filter, plan, {"--to begin", "ada", "INC-1"});
}

void pause(Stage& stage) { REQUIRE(operations::pause(*stage.sql, {stage.group, std::nullopt, std::nullopt}, "ada", "INC-1")); }
void resume(Stage& stage) { REQUIRE(operations::resume(*stage.sql, {stage.group, std::nullopt, std::nullopt}, "ada", "INC-1")); }

std::string counted(Stage& stage) {
  return stage.text(
      "SELECT string_agg(outcome || ' ' || n, ', ' ORDER BY outcome) FROM (SELECT outcome, sum(n) AS n FROM "
      "weir.outcome_counts GROUP BY outcome) c");
}

/// Offsets that lag tools see.
std::int64_t seen_by_lag_tools(Stage& stage) {
  std::int64_t sum = 0;
  const auto offsets = kafka::committed_offsets(stage.broker, stage.group, stage.topic, stage.partitions);
  REQUIRE(offsets);
  for (const kafka::GroupOffset& each : *offsets) sum += each.offset;
  return sum;
}

}  // namespace

TEST_CASE("a stopped group that is moved back takes its records again, changes too, and weir verify calls it a move") {
  Stage stage(2);
  stage.mark_every = Microseconds{1};
  stage.produce({"c 10 a", "c 11 b", "c 11 b2"});
  stage.produce(0, 100);
  {
    const auto instance = stage.start();
    REQUIRE(stage.caught_up());
  }
  const auto steps = reset_to_begin(stage);
  REQUIRE_MESSAGE(steps, steps.error().line());
  CHECK(stage.number("SELECT sum((counts ->> 'records')::bigint) FROM weir.operator_actions WHERE command = 'offsets reset' AND acted_by = "
                     "'ada'") == 103);
  CHECK(stage.number("SELECT count(*) FROM weir.operator_actions") == 2);
  CHECK(stage.number("SELECT sum(next_offset) FROM weir.consumer_offsets") == 0);
  const auto again = reset_to_begin(stage);
  REQUIRE(again);
  CHECK(std::ranges::none_of(*again, &operations::ResetStep::moves));
  CHECK(stage.number("SELECT count(*) FROM weir.operator_actions") == 2);  // nothing was moved, and nothing is noted
  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  CHECK(counted(stage) == "done 206");
  CHECK(stage.number("SELECT count(*) FROM result WHERE value LIKE 'c %'") == 6);
  const Said said = run_weir({"verify", "--group", stage.group, "--json"},
                             {{"WEIR_POSTGRES_DSN", stage.dsn}, {"WEIR_KAFKA_BROKERS", stage.broker.brokers}});
  CHECK_MESSAGE(said.exit_code == 0, said.out);
  CHECK(said.out.find("\"finding\":\"moved\"") != std::string::npos);
}

TEST_CASE("a running group is not moved; once it is paused it is, and goes on from there when it is resumed") {
  Stage stage(2);
  stage.produce(0, 100);
  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  const auto refused = reset_to_begin(stage);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().exit_code() == ExitCode::kData);
  CHECK(refused.error().line().find("reads it") != std::string::npos);
  CHECK(stage.number("SELECT sum(next_offset) FROM weir.consumer_offsets") == 100);
  pause(stage);
  REQUIRE(reset_to_begin(stage));
  // No record comes that could tell the owner: it asks, and Kafka's offsets follow while the pause goes on.
  REQUIRE(await(kPatience, [&] { return seen_by_lag_tools(stage) == 0; }));
  CHECK(stage.number("SELECT count(*) FROM result") == 100);
  resume(stage);
  REQUIRE(stage.caught_up());
  CHECK(stage.number("SELECT count(*) FROM result") == 200);
  CHECK(stage.number("SELECT count(DISTINCT value) FROM result") == 100);
  CHECK(counted(stage) == "done 200");
  REQUIRE(await(kPatience, [&] { return seen_by_lag_tools(stage) == 100; }));
}

TEST_CASE("a group is moved and resumed at once, and its owner reads from there all the same") {
  Stage stage(1);
  stage.produce(0, 50);
  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  for (int turn = 2; turn < 5; ++turn) {
    pause(stage);
    REQUIRE(reset_to_begin(stage));
    resume(stage);
    REQUIRE(await(kPatience, [&] { return stage.number("SELECT count(*) FROM result") == 50 * turn; }));
  }
}

TEST_CASE("Kafka's offsets of a group without members are committed in its place, and those of a group with members are left to them") {
  Stage stage(1);
  stage.produce(0, 10);
  {
    const auto instance = stage.start();
    REQUIRE(stage.caught_up());
    REQUIRE(await(kPatience, [&] { return seen_by_lag_tools(stage) == 10; }));
    const auto held = kafka::commit_group_offsets(stage.broker, stage.group, {{stage.topic, 0, 3}});
    REQUIRE_MESSAGE(held, held.error().line());
    CHECK_FALSE(*held);
  }
  const auto done = kafka::commit_group_offsets(stage.broker, stage.group, {{stage.topic, 0, 3}});
  REQUIRE_MESSAGE(done, done.error().line());
  CHECK(*done);
  CHECK(seen_by_lag_tools(stage) == 3);
}

TEST_CASE("nothing is moved while letters of a partition are parked") {
  Stage stage(2);
  REQUIRE(
      stage.sql->script("CREATE TABLE parent (name text PRIMARY KEY); ALTER TABLE result ADD COLUMN parent text GENERATED ALWAYS AS (CASE "
                        "WHEN value LIKE 'of %' THEN 'x' END) STORED CONSTRAINT result_parent REFERENCES parent (name)"));
  stage.produce(0, 20);
  stage.produce({"of x"});
  {
    const auto instance = stage.start();
    REQUIRE(stage.caught_up());
  }
  const std::string positions = "SELECT string_agg(next_offset::text, ' ' ORDER BY partition) FROM weir.consumer_offsets";
  const std::string before = stage.text(positions);
  const auto refused = reset_to_begin(stage);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().line().find("1 letters are parked") != std::string::npos);
  CHECK(stage.text(positions) == before);
  CHECK(stage.number("SELECT count(*) FROM weir.operator_actions") == 0);
}

TEST_CASE("a group one of whose topics is gone is moved in the others, and the topic that is gone is named") {
  Stage stage(2);
  stage.produce(0, 20);
  const std::string lost = stage.topic + ".lost";
  for (const std::string& topic : {stage.topic, lost}) {
    REQUIRE(stage.sql->script("INSERT INTO weir.consumer_offsets (group_id, topic, partition, next_offset) VALUES ('weir.scoring', '" +
                              topic + "', 0, 5), ('weir.scoring', '" + topic + "', 1, 0)"));
  }
  // A partition that the topic has not: it was made again with fewer.
  REQUIRE(stage.sql->script("INSERT INTO weir.consumer_offsets (group_id, topic, partition, next_offset) VALUES ('weir.scoring', '" +
                            stage.topic + "', 7, 5)"));
  const auto reset = [&stage](std::vector<std::string> more) {
    std::vector<std::string> words{"offsets", "reset", "weir.scoring", "--to", "begin"};
    words.insert(words.end(), more.begin(), more.end());
    return run_weir(words, {{"WEIR_POSTGRES_DSN", stage.dsn}, {"WEIR_KAFKA_BROKERS", stage.broker.brokers}});
  };
  const std::string gone = "Kafka no longer has partition 7 of " + stage.topic + ", " + lost;
  const std::string position = "SELECT sum(next_offset) FROM weir.consumer_offsets WHERE topic = '";
  const Said rehearsed = reset({"--dry-run"});
  CHECK_MESSAGE(rehearsed.exit_code == 69, rehearsed.err);
  CHECK(rehearsed.out.find("Kafka no longer has " + lost) != std::string::npos);
  CHECK(stage.number(position + stage.topic + "'") == 10);
  const Said done = reset({"--why", "INC-1", "--by", "ada", "--json"});
  CHECK_MESSAGE(done.exit_code == 69, done.err);
  CHECK_MESSAGE(done.err.find(gone) != std::string::npos, done.err);
  CHECK_MESSAGE(done.out.find("\"topic\":\"" + lost +
                              "\",\"partition\":0,\"next_offset\":5,\"to\":null,\"records\":null,\"first_at\":null,"
                              "\"hindrance\":\"Kafka no longer has " +
                              lost + "\"") != std::string::npos,
                done.out);
  CHECK(stage.number(position + stage.topic + "' AND partition < 7") == 0);
  CHECK(stage.number(position + lost + "'") == 5);
  CHECK(stage.text("SELECT filter ->> 'gone' FROM weir.operator_actions WHERE filter ->> 'topic' = '" + stage.topic + "'") ==
        "[\"partition 7 of " + stage.topic + "\", \"" + lost + "\"]");
  CHECK(stage.number("SELECT count(*) FROM weir.operator_actions") == 1);
  const Said alone = reset({"--topic", lost, "--why", "INC-1"});
  CHECK(alone.exit_code == 69);
  CHECK_MESSAGE(alone.err.find("topic " + lost + " does not exist") != std::string::npos, alone.err);
}
