#include "tests/unit/runtime/world.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;
using runtime::Settlement;
using Strings = std::vector<std::string>;

TEST_CASE("a unit of work spans fetches and is written once, with its position, when the flush interval is over") {
  World world;
  world.assign({kP0});
  world.fetch(kP0, 0, {"a", "b"});
  world.fetch(kP0, 2, {"c"});
  REQUIRE(world.settle());
  CHECK(world.ledger.committed.empty());
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"a", "b", "c"});
  CHECK(world.stored(kP0) == 3);
  CHECK(world.consumer.batch_sizes == std::vector<std::size_t>{3});
  CHECK(world.source.published.at(kP0) == 3);
  CHECK(world.consumer.settlements.back() == Settlement::kCommitted);
}

TEST_CASE("a position is told to the broker at the claim, so that lag tools see what waits before the first record is taken") {
  World world;
  world.assign({kP0});
  REQUIRE(world.settle());
  CHECK(world.source.published.at(kP0) == 0);
}

TEST_CASE("the rest of a backlog is written once every partition is read to its end; then the interval counts again") {
  World world;
  world.assign({kP0, kP1});
  const auto most = static_cast<std::int64_t>(kFlush.max_records);
  world.fetch(kP0, 0, Strings(static_cast<std::size_t>(most), "a"));
  world.fetch(kP0, most, {"b"});
  world.deliver_end(kP0, most + 1);
  REQUIRE(world.settle());
  CHECK(world.stored(kP0) == most);  // the other partition may hold more
  world.deliver_end(kP1, 0);
  REQUIRE(world.settle());
  CHECK(world.stored(kP0) == most + 1);
  world.fetch(kP0, most + 1, {"c"});
  world.deliver_end(kP0, most + 2);
  REQUIRE(world.settle());
  CHECK(world.stored(kP0) == most + 1);
  REQUIRE(world.flush());
  CHECK(world.stored(kP0) == most + 2);
}

TEST_CASE("the oldest record in hand is told until it is committed") {
  World world;
  world.assign({kP0});
  CHECK_FALSE(world.worker.progress().at(kP0).oldest);
  const Instant first = world.clock.now();
  world.fetch(kP0, 0, {"a"});
  world.clock.advance(Milliseconds{100});
  world.fetch(kP0, 1, {"b"});
  REQUIRE(world.settle());
  CHECK(world.worker.progress().at(kP0).oldest == first);
  CHECK(world.worker.progress().at(kP0).next_offset == 0);
  REQUIRE(world.flush());
  CHECK_FALSE(world.worker.progress().at(kP0).oldest);
  CHECK(world.worker.progress().at(kP0).next_offset == 2);
}

TEST_CASE("every record is counted in exactly one way") {
  World world;
  world.assign({kP0});
  world.fetch(kP0, 0, {"a", "skip", "broken", "dead 1", "c 5 x", "c 5 x", "c 4 y"});
  REQUIRE(world.flush());
  CHECK(world.ledger.counts ==
        std::map<std::string, std::int64_t>{
            {"done", 2}, {"skipped snapshot", 1}, {"dead malformed_json", 1}, {"dead out_of_domain", 1}, {"re_sent", 2}});
  REQUIRE(world.ledger.buried.size() == 2);
  CHECK(world.ledger.buried[0].kind == "decode");
  CHECK(world.ledger.buried[1].kind == "rule");
  CHECK(world.ledger.buried[1].path == "/after/x");
  CHECK(world.stored(kP0) == 7);
}

TEST_CASE("a record below the expected offset is dropped") {
  World world;
  world.assign({kP0});
  world.fetch(kP0, 0, {"a", "b"});
  world.fetch(kP0, 0, {"a", "b", "c"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"a", "b", "c"});
}

TEST_CASE("holes at the end of the log move the position, so that the lag reaches 0") {
  World world;
  world.assign({kP0});
  world.fetch(kP0, 0, {"a"});
  world.deliver_end(kP0, 4);
  REQUIRE(world.flush());
  CHECK(world.stored(kP0) == 4);
  world.deliver_end(kP0, 6);
  REQUIRE(world.flush());
  CHECK(world.stored(kP0) == 6);
}

TEST_CASE("a change that is sent again after a restart is dropped, because its position was stored with the results") {
  World world;
  world.assign({kP0});
  world.fetch(kP0, 0, {"c 10 x", "c 11 y"});
  REQUIRE(world.flush());
  world.revoke({kP0});
  world.assign({kP0});
  world.fetch(kP0, 2, {"c 10 x", "c 11 y", "c 12 z"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"c 10 x", "c 11 y", "c 12 z"});
  CHECK(world.ledger.counts.at("re_sent") == 2);
}

TEST_CASE("a change that its decoder refuses or skips is counted and kept once, even if it is sent again") {
  World world;
  world.assign({kP0});
  const Strings changes{"c 10 broken", "c 11 skip", "c 12 x", "c 12 broken too", "c 13 skip"};
  world.fetch(kP0, 0, changes);
  REQUIRE(world.flush());
  world.fetch(kP0, 5, changes);
  REQUIRE(world.flush());
  CHECK(world.ledger.counts ==
        std::map<std::string, std::int64_t>{{"done", 1}, {"skipped no_row", 2}, {"dead wrong_type", 2}, {"re_sent", 5}});
  CHECK(world.ledger.buried.size() == 2);
}

TEST_CASE("a rebuilt source stops the group, and the fault says where and what to do") {
  World world;
  world.assign({kP0});
  world.fetch(kP0, 0, {"c 10 x", "c 11 x"});
  world.clock.advance(Seconds{90});
  world.fetch(kP0, 2, {"c 9 y", "c 12 z"});
  const Result<void> stopped = world.settle();
  REQUIRE_FALSE(stopped);
  CHECK(world.ledger.committed == Strings{"c 10 x", "c 11 x"});  // so that reading goes on at exactly the place that the fault names
  CHECK(world.stored(kP0) == 2);
  CHECK(stopped.error().kind == FaultKind::kGap);
  CHECK(stopped.error().line().find("t partition 0 offset 2: source database 'db' is behind the position") != std::string::npos);
  REQUIRE(world.ledger.gaps.size() == 1);
  CHECK(world.ledger.gaps[0].kind == "source_rebuilt");
  CHECK(world.ledger.gaps[0].next_offset == 2);
}

TEST_CASE("where more than half of a thousand records die for one reason, none is committed and the reason is named") {
  World world;
  world.assign({kP0});
  world.fetch(kP0, 0, Strings(501, "broken"));
  Result<void> stopped = world.flush();
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().exit_code() == ExitCode::kData);
  CHECK(stopped.error().line().find(
            "more than half of the last 1000 records of t would become dead letters for one reason: malformed_json") != std::string::npos);
  CHECK(stopped.error().line().find("weir offsets accept-deaths --group 'weir.test' --topic 't' --reason 'malformed_json' --path '' "
                                    "--until OFFSET") != std::string::npos);
  CHECK(world.ledger.buried.empty());
}

TEST_CASE("however many records die of their meaning, or of one organization among several, the group goes on") {
  for (const char* value : {"null", "dead", "broken@1"}) {
    CAPTURE(value);
    World world;
    world.assign({kP0});
    Strings values(1'500, value);
    values[0] = values[600] = values[1'400] = "live@2";
    world.fetch(kP0, 0, values);
    REQUIRE(world.flush());
    CHECK(world.ledger.buried.size() == 1'497);
    CHECK(world.ledger.committed == Strings(3, "live@2"));
  }
}

TEST_CASE("however many records the database refuses, the group goes on") {
  World world;
  world.assign({kP0});
  world.fetch(kP0, 0, Strings(600, "bad"));
  for (int i = 0; i < 10; ++i) REQUIRE(world.flush());
  CHECK(world.ledger.buried.size() == 600);
}

TEST_CASE("accepted deaths become dead letters; deaths behind the accepted offset stop the group again") {
  World world;
  world.assign({kP0});
  world.revoke({kP0});
  world.ledger.rows.at(kP0).claim.accepted_deaths = {{"malformed_json", "", 600}, {"wrong_type", "/after/x", 5'000}};
  world.assign({kP0});
  world.fetch(kP0, 0, Strings(600, "broken"));
  REQUIRE(world.flush());
  CHECK(world.ledger.buried.size() == 600);
  CHECK(world.stored(kP0) == 600);
  world.fetch(kP0, 600, Strings(501, "broken"));
  const Result<void> stopped = world.flush();
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().kind == FaultKind::kData);
  CHECK(world.stored(kP0) == 600);
}

TEST_CASE("the series that alarms need are there, at 0, before the first event, because one that is born later has not risen") {
  const World world;
  const std::string text = world.metrics.text();
  for (const char* series : {R"(weir_events_total{outcome="dead",topic="t"} 0)", R"(weir_events_total{outcome="re_sent",topic="t"} 0)",
                             R"(weir_retries_total{fault="pg_connection"} 0)", R"(weir_commits_in_doubt_total{found="fenced"} 0)"}) {
    CHECK_MESSAGE(text.find(series) != std::string::npos, series);
  }
}

TEST_CASE("deaths in a commit whose answer was lost count too, so that the next unit is judged with them") {
  World world;
  world.assign({kP0});
  world.ledger.faults.push_back({Step::kCommit, FaultKind::kCommitInDoubt, true});
  world.fetch(kP0, 0, Strings(400, "broken"));
  REQUIRE(world.flush());
  CHECK(world.stored(kP0) == 400);
  CHECK(world.metrics.text().find("weir_event_reasons_total{outcome=\"dead\",reason=\"malformed_json\",topic=\"t\"} 400") !=
        std::string::npos);
  world.fetch(kP0, 400, Strings(101, "broken"));
  CHECK_FALSE(world.flush());
}

TEST_CASE("a wake-up commits under the check of positions") {
  World world;
  world.assign({kP0});
  world.consumer.wakeup = Microseconds{0};
  REQUIRE(world.settle());
  CHECK(world.consumer.woken == 1);
  CHECK(world.ledger.committed == Strings{"woken"});
  world.consumer.wakeup = Microseconds{0};
  world.ledger.rows.at(kP0).claim.epoch += 1;  // another owner
  REQUIRE(world.settle());
  CHECK(world.ledger.committed == Strings{"woken"});
}

TEST_CASE("setting the machine's clock neither delays a wake-up nor brings it early") {
  World world;
  world.assign({kP0});
  world.consumer.wakeup = Microseconds{0};
  REQUIRE(world.settle());
  REQUIRE(world.consumer.woken == 1);
  world.consumer.wakeup = Seconds{1};
  world.clock.step(-std::chrono::hours{24});
  REQUIRE(world.settle());
  CHECK(world.consumer.woken == 1);
  world.clock.advance(Seconds{1});
  REQUIRE(world.settle());
  CHECK(world.consumer.woken == 2);
  world.consumer.wakeup = Seconds{1};
  world.clock.step(std::chrono::hours{24});
  REQUIRE(world.settle());
  CHECK(world.consumer.woken == 2);
}

TEST_CASE("a steady stream does not starve the wake-up") {
  World world;
  world.assign({kP0});
  world.fetch(kP0, 0, {"a"});
  REQUIRE(world.flush());
  world.consumer.wakeup = Microseconds{0};
  world.fetch(kP0, 1, {"b"});  // these records come before the worker looks at the time
  REQUIRE(world.worker.turn());
  CHECK(world.consumer.woken == 1);
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"a", "woken", "b"});
}

TEST_CASE("a quiet partition becomes idle only at the end of its log, and follows the group's watermark") {
  World world;
  world.assign({kP0});
  world.fetch(kP0, 0, {"a"});
  REQUIRE(world.flush());
  world.clock.advance(Seconds{120});
  REQUIRE(world.settle());
  CHECK_FALSE(world.ledger.rows.at(kP0).claim.position.idle_since);
  world.deliver_end(kP0, 1);
  REQUIRE(world.settle());
  world.clock.advance(Seconds{61});
  world.ledger.watermark = world.clock.now();
  REQUIRE(world.settle());
  CHECK(world.ledger.rows.at(kP0).claim.position.idle_since);
  CHECK(world.ledger.rows.at(kP0).claim.position.watermark == world.ledger.watermark);
  world.fetch(kP0, 1, {"b"});
  REQUIRE(world.flush());
  CHECK_FALSE(world.ledger.rows.at(kP0).claim.position.idle_since);
}

TEST_CASE("letters that ended long ago are removed now and then, between two units of work") {
  World world;
  world.assign({kP0});
  CHECK(world.ledger.forgettings == 1);
  world.fetch(kP0, 0, {"a"});
  REQUIRE(world.flush());
  CHECK(world.ledger.forgettings == 1);
  world.clock.advance(Seconds{60});
  REQUIRE(world.settle());
  CHECK(world.ledger.forgettings == 2);
}

TEST_CASE("letting a partition go finishes the work in hand and releases the claim") {
  World world;
  world.assign({kP0, kP1});
  world.fetch(kP0, 0, {"a"});
  world.fetch(kP1, 0, {"b"});
  REQUIRE(world.settle());
  world.revoke({kP0});
  CHECK(world.ledger.committed == Strings{"a", "b"});
  CHECK_FALSE(world.ledger.rows.at(kP0).owned);
  CHECK(world.ledger.rows.at(kP1).owned);
  world.fetch(kP0, 1, {"not ours"});
  world.fetch(kP1, 1, {"ours"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"a", "b", "ours"});
}
