#include "common/operations/store.hpp"
#include "tests/component/runtime/stage.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

/// Where the one partition's gap is, as `weir offsets accept-gap` names it.
operations::GapRow open_gap(const Stage& stage) {
  operations::GapRow place;
  place.group = stage.group;
  place.topic = stage.topic;
  return place;
}

}  // namespace

TEST_CASE("instances come and go while records flow: each is taken once, and an orderly end leaves no owner") {
  Stage stage;
  stage.produce(0, 5'000);
  auto first = stage.start();
  REQUIRE(local::await(kPatience, [&] { return stage.number("SELECT count(*) FROM result") > 500; }));
  auto second = stage.start();
  stage.produce(5'000, 5'000);
  REQUIRE(local::await(kPatience, [&] { return stage.number("SELECT count(DISTINCT owner) FROM weir.consumer_offsets") == 2; }));
  CHECK(first->stop());
  stage.produce(10'000, 2'000);
  CHECK(stage.caught_up());
  stage.check_exact(12'000);
  CHECK(second->stop());
  CHECK(stage.number("SELECT count(owner) FROM weir.consumer_offsets") == 0);
  CHECK(stage.number("SELECT max(deaths) FROM weir.consumer_offsets") == 0);
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
  CHECK(stage.text("SELECT kind || ' ' || reason || ' ' || constraint_name || ' ' || record_offset || ' ' || convert_from(value, 'UTF8') "
                   "FROM weir.dead_letters WHERE kind = 'database'") == "database pg_constraint not_forbidden 77 forbidden");
  CHECK(stage.text("SELECT topic || ' ' || partition || ' ' || record_offset || ' ' || fault_path || ' ' || reason FROM weir.dead_letters "
                   "WHERE kind = 'decode'") == stage.topic + " 0 200 /after malformed_json");
  CHECK(stage.number("SELECT sum(n) FROM weir.outcome_counts") == 201);
}

TEST_CASE("changes that are sent again are dropped by their source position, also by the next owner") {
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

TEST_CASE("a position above the log's end is an alarm that waits for the operator, never a silent jump") {
  Stage stage(1);
  stage.produce(0, 10);
  auto first = stage.start();
  REQUIRE(stage.caught_up());
  CHECK(first->stop());
  REQUIRE(stage.sql->script("UPDATE weir.consumer_offsets SET next_offset = 15"));
  const auto second = stage.start();
  REQUIRE(local::await(kPatience, [&] { return !second->health.is_ready(); }));
  const std::string condition = "gap:" + stage.topic + "/0";
  REQUIRE(local::await(kPatience, [&] { return second->health.reasons().contains(condition); }));
  CHECK(second->health.reasons().at(condition) ==
        stage.topic +
            " partition 0: above_log_end: position 15 but the log holds 0 to 10; see `weir offsets show`, "
            "go on with `weir offsets accept-gap`");
  stage.produce(10, 2);
  // The owner looks again while the gap waits; what came since must not fall into it.
  const auto claims = stage.number("SELECT epoch FROM weir.consumer_offsets");
  REQUIRE(local::await(kPatience, [&] { return stage.number("SELECT epoch FROM weir.consumer_offsets") >= claims + 2; }));
  CHECK(stage.number("SELECT count(*) FROM result") == 10);
  CHECK(stage.text("SELECT kind FROM weir.offset_gaps WHERE accepted_at IS NULL") == "above_log_end");
  REQUIRE(operations::accept_gap(*stage.sql, open_gap(stage), {"end"}, "ada", "the broker lost its disk"));
  CHECK(stage.caught_up());
  stage.check_exact(12);
  CHECK(second->health.is_ready());
}

TEST_CASE("a topic that was deleted and made again is told by its id") {
  Stage stage(1);
  stage.produce(0, 5);
  auto first = stage.start();
  REQUIRE(stage.caught_up());
  CHECK(first->stop());
  REQUIRE(stage.admin->delete_topic(stage.topic));
  REQUIRE(local::await(kPatience, [&] { return stage.admin->create_topics({kafka::TopicSpec{stage.topic, 1, 1, {}}}).has_value(); }));
  stage.produce(5, 6);
  const auto second = stage.start();
  REQUIRE(local::await(kPatience, [&] { return stage.number("SELECT count(*) FROM weir.offset_gaps") == 1; }));
  CHECK(stage.text("SELECT kind FROM weir.offset_gaps") == "topic_recreated");
  CHECK(stage.number("SELECT count(*) FROM result") == 5);
  REQUIRE(operations::accept_gap(*stage.sql, open_gap(stage), {}, "ada", "made again on purpose"));
  CHECK(stage.caught_up());
  stage.check_exact(11);
}
