// Positions that do not fit the log. Each raises an alarm with the gap's exact size and waits for the operator; the group never jumps in
// silence, forwards or back.
#include "operations/commands/store.hpp"
#include "tests/component/runtime/stage.hpp"

#include <fmt/format.h>

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

TEST_CASE("a position above the log's end raises an alarm and waits for the operator; nothing is skipped in silence") {
  Stage stage(1);
  stage.produce(0, 10);
  auto first = stage.start();
  REQUIRE(stage.caught_up());
  CHECK(first->stop());
  REQUIRE(stage.sql->script("UPDATE weir.consumer_offsets SET next_offset = 15"));
  const auto second = stage.start();
  REQUIRE(await(kPatience, [&] { return !second->health.is_ready(); }));
  const std::string condition = "gap:" + stage.topic + "/0";
  REQUIRE(await(kPatience, [&] { return second->health.reasons().contains(condition); }));
  CHECK(second->health.reasons().at(condition) ==
        stage.topic +
            " partition 0: above_log_end: position 15 but the log holds 0 to 10; see `weir offsets show`, "
            "go on with `weir offsets accept-gap`");
  stage.produce(10, 20);
  // The owner looks at the gap again while it waits. Records that came since must not count into the gap, even where the log has grown past
  // the position.
  const auto claims = stage.number("SELECT epoch FROM weir.consumer_offsets");
  REQUIRE(await(kPatience, [&] { return stage.number("SELECT epoch FROM weir.consumer_offsets") >= claims + 2; }));
  CHECK(stage.number("SELECT count(*) FROM result") == 10);
  CHECK(stage.text("SELECT kind FROM weir.offset_gaps WHERE accepted_at IS NULL") == "above_log_end");
  REQUIRE(operations::accept_gap(*stage.sql, open_gap(stage), {"end"}, "ada", "the broker lost its disk"));
  CHECK(stage.caught_up());
  stage.check_exact(30);
  CHECK(await(kPatience, [&] { return second->health.is_ready(); }));
}

TEST_CASE("a topic that was deleted and made again is known by its id") {
  Stage stage(1);
  stage.produce(0, 5);
  auto first = stage.start();
  REQUIRE(stage.caught_up());
  CHECK(first->stop());
  stage.make_topic_again();
  stage.produce(5, 6);
  const auto second = stage.start();
  REQUIRE(await(kPatience, [&] { return stage.number("SELECT count(*) FROM weir.offset_gaps") == 1; }));
  CHECK(stage.text("SELECT kind FROM weir.offset_gaps") == "topic_recreated");
  CHECK(stage.number("SELECT count(*) FROM result") == 5);
  REQUIRE(operations::accept_gap(*stage.sql, open_gap(stage), {}, "ada", "made again on purpose"));
  CHECK(stage.caught_up());
  stage.check_exact(11);
}

TEST_CASE("records deleted ahead of a running group hold their partition with the exact gap; the other partitions go on") {
  Stage stage(2);
  stage.produce(0, 200);
  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  const auto end = stage.number("SELECT next_offset FROM weir.consumer_offsets WHERE partition = 0");
  {
    // Postgres is away, so that the group falls behind; the group has far fewer records in memory than are deleted.
    REQUIRE(testing::postgres().stop(local::Postgres::Shutdown::kImmediate));
    stage.produce(200, 20'000);
    REQUIRE(stage.admin->delete_records(stage.topic, 0, end + 9'000));
    REQUIRE(testing::postgres().resume());
  }
  REQUIRE(await(kPatience, [&] { return stage.number("SELECT count(*) FROM weir.offset_gaps") == 1; }));
  const auto position = stage.number("SELECT next_offset FROM weir.consumer_offsets WHERE partition = 0");
  CHECK(stage.text("SELECT concat_ws(' ', kind, partition, next_offset, log_begin) FROM weir.offset_gaps") ==
        fmt::format("below_log_start 0 {} {}", position, end + 9'000));
  const auto end_of_other = stage.admin->range(stage.topic, 1).value().end;
  CHECK(
      await(kPatience, [&] { return stage.number("SELECT next_offset FROM weir.consumer_offsets WHERE partition = 1") == end_of_other; }));
  CHECK_FALSE(instance->ended());
  REQUIRE(operations::accept_gap(*stage.sql, open_gap(stage), {}, "ada", "deleted on purpose"));
  CHECK(stage.caught_up());
  stage.check_exact(static_cast<int>(20'200 - (end + 9'000 - position)));
}

TEST_CASE("a topic that is made again under a running group and grows past the position is not read as if it were the old one") {
  Stage stage(1);
  stage.produce(0, 50);
  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  stage.make_topic_again();
  stage.produce(50, 500);
  REQUIRE(await(kPatience, [&] { return stage.number("SELECT count(*) FROM weir.offset_gaps") == 1; }));
  CHECK(stage.text("SELECT concat_ws(' ', kind, next_offset, log_begin) FROM weir.offset_gaps") == "topic_recreated 50 0");
  CHECK(stage.number("SELECT next_offset FROM weir.consumer_offsets") == 50);
  CHECK(stage.number("SELECT count(*) FROM result") == 50);
  REQUIRE(operations::accept_gap(*stage.sql, open_gap(stage), {}, "ada", "made again on purpose"));
  CHECK(stage.caught_up());
  stage.check_exact(550);
}

TEST_CASE("a topic that is made again under an idle group and stays shorter is noticed, even under a younger leader epoch") {
  Stage stage(1);
  stage.produce(0, 50);
  REQUIRE(testing::kafka().restart(local::Kafka::Shutdown::kKill));  // raises the leader epoch that librdkafka keeps
  stage.produce(50, 50);
  const auto instance = stage.start();
  REQUIRE(stage.caught_up());
  stage.make_topic_again();
  REQUIRE(await(kPatience, [&] { return stage.number("SELECT count(*) FROM weir.offset_gaps") == 1; }));
  CHECK(stage.text("SELECT concat_ws(' ', kind, next_offset, log_begin, log_end) FROM weir.offset_gaps") == "topic_recreated 100 0 0");
  stage.produce(100, 50);
  REQUIRE(operations::accept_gap(*stage.sql, open_gap(stage), {}, "ada", "made again on purpose"));
  CHECK(stage.caught_up());
  stage.check_exact(150);
}

TEST_CASE("a truncated log holds the partition with the place of the cut, where reading goes on once it is accepted") {
  Stage stage(1);
  stage.produce(0, 10);
  REQUIRE(testing::kafka().restart(local::Kafka::Shutdown::kKill));  // a new leader epoch
  auto first = stage.start();
  REQUIRE(stage.caught_up());
  CHECK(first->stop());
  stage.produce(10, 10);
  // The group took 15 records under the first epoch; five of them are not in the log any more.
  REQUIRE(stage.sql->script("UPDATE weir.consumer_offsets SET next_offset = 15, leader_epoch = 0"));
  const auto second = stage.start();
  REQUIRE(await(kPatience, [&] { return stage.number("SELECT count(*) FROM weir.offset_gaps") == 1; }));
  CHECK(stage.text("SELECT concat_ws(' ', kind, next_offset, log_begin, log_end) FROM weir.offset_gaps") == "log_truncated 15 0 10");
  CHECK_FALSE(second->ended());
  REQUIRE(operations::accept_gap(*stage.sql, open_gap(stage), {}, "ada", "an unclean leader was elected"));
  CHECK(stage.caught_up());
  stage.check_exact(20);
}
