#include "common/runtime/ledger.hpp"

#include "tests/unit/runtime/world.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;
using Strings = std::vector<std::string>;

TEST_CASE("a topic that the group has never read begins at the log's start, and its rows are there for every partition") {
  World world;
  world.source.range = {5, 9};
  world.assign({kP0});
  CHECK(world.stored(kP0) == 5);
  CHECK(world.stored(kP1) == 5);
  CHECK(world.ledger.rows.at(kP0).claim.epoch == 1);
  CHECK(world.ledger.rows.at(kP1).claim.epoch == 0);
}

TEST_CASE("the operator chooses where the group begins in a topic; notices are always read from their beginning") {
  World stream(Milliseconds{0}, kFlush, runtime::TopicRole::kInput, true);
  stream.source.range = {5, 9};
  stream.assign({kP0});
  CHECK(stream.stored(kP0) == 9);
  World notices(Milliseconds{0}, kFlush, runtime::TopicRole::kNotices, true);
  notices.source.range = {5, 9};
  notices.assign({kP0});
  CHECK(notices.stored(kP0) == 5);
}

TEST_CASE("a gap holds the partition with its size until the operator accepts it; other partitions go on") {
  struct Row {
    std::int64_t next;
    runtime::LogRange log;
    const char* kind;
  };
  for (const Row& row : {Row{3, {5, 9}, "below_log_start"}, Row{12, {5, 9}, "above_log_end"}}) {
    World world;
    world.assign({kP0, kP1});
    world.revoke({kP0});
    world.ledger.rows.at(kP0).claim.position.next_offset = row.next;
    world.source.range = row.log;
    world.assign({kP0});
    REQUIRE(world.ledger.gaps.size() >= 1);
    CHECK(world.ledger.gaps[0].kind == row.kind);
    REQUIRE(world.health.reasons().contains("gap:t/0"));
    CHECK(world.health.reasons().at("gap:t/0").find("weir offsets accept-gap") != std::string::npos);
    world.fetch(kP0, 5, {"held"});
    world.fetch(kP1, 0, {"on"});
    REQUIRE(world.flush());
    CHECK(world.ledger.committed == Strings{"on"});
    world.ledger.rows.at(kP0).claim.position.next_offset = 5;  // as `weir offsets accept-gap` does
    world.clock.advance(Seconds{10});
    REQUIRE(world.settle());
    CHECK(world.health.is_ready());
    world.fetch(kP0, 5, {"after"});
    REQUIRE(world.flush());
    CHECK(world.ledger.committed == Strings{"on", "after"});
  }
}

TEST_CASE("a topic that was deleted and made again is a gap, not a fresh start") {
  World world;
  world.assign({kP0});
  world.revoke({kP0});
  world.source.id = *Uuid::parse("00000000-0000-4000-8000-000000000002");
  world.assign({kP0});
  REQUIRE(world.ledger.gaps.size() >= 1);
  CHECK(world.ledger.gaps[0].kind == "topic_recreated");
}

TEST_CASE("a claim that meets another one waits and tries again") {
  World world;
  world.ledger.faults.push_back({Step::kClaim, FaultKind::kPgLockTimeout});
  world.assign({kP0});
  CHECK(world.health.reasons().contains("claims"));
  CHECK(world.ledger.rows.empty());
  world.clock.advance(Seconds{6});
  REQUIRE(world.settle());
  CHECK(world.ledger.rows.at(kP0).owned);
  CHECK(world.health.is_ready());
}

TEST_CASE("after two deaths events are taken one at a time, each marked in Postgres before it is even decoded") {
  World world;
  world.inherit({kP0}, 2);
  world.fetch(kP0, 0, {"a", "b", "c 9 x", "c 9 x"});
  REQUIRE(world.settle());
  CHECK(world.decoder->decoded.empty());
  REQUIRE(world.flush());
  CHECK(world.ledger.attempts == std::vector<std::int64_t>{0, 1, 2, 3});
  CHECK(world.consumer.batch_sizes == std::vector<std::size_t>{1, 1, 1});
  CHECK(world.ledger.committed == Strings{"a", "b", "c 9 x"});
  CHECK(world.ledger.counts.at("re_sent") == 1);
}

TEST_CASE("the count of deaths stays until all events that may have been in hand have ended") {
  World world;
  world.inherit({kP0}, 2);
  world.fetch(kP0, 0, {"a", "bad", "b"});
  world.deliver_end(kP0, 3);
  REQUIRE(world.settle());
  world.clock.advance(Seconds{2});
  while (world.stored(kP0) < 2) REQUIRE(world.worker.turn());
  CHECK(world.ledger.rows.at(kP0).claim.deaths == 2);
  REQUIRE(world.flush());
  CHECK(world.stored(kP0) == 3);
  world.fetch(kP0, 3, {"c"});
  REQUIRE(world.flush());
  CHECK(world.ledger.rows.at(kP0).claim.deaths == 0);
}

TEST_CASE("after one death a unit goes in small pieces, so that after a second death few events are taken one at a time") {
  World world;
  world.assign({kP1});
  world.inherit({kP0}, 1);
  world.fetch(kP0, 0, Strings(450, "a"));
  world.fetch(kP1, 0, Strings(500, "b"));
  REQUIRE(world.flush());
  CHECK(world.consumer.batch_sizes == std::vector<std::size_t>{200, 200, 50, 500});
  CHECK(world.ledger.attempts.empty());
  CHECK(world.stored(kP0) == 450);
  CHECK(world.stored(kP1) == 500);
}

TEST_CASE("as many events as a small piece has are taken one at a time, then the next in small pieces") {
  World world;
  world.inherit({kP0}, 2);
  for (int i = 0; i < 300; i += 50) {
    world.fetch(kP0, i, Strings(50, "a"));
    for (int k = 0; k < 3; ++k) REQUIRE(world.flush());
  }
  CHECK(world.ledger.attempts.size() == 200);
  CHECK(world.stored(kP0) == 300);
  CHECK(world.ledger.committed.size() == 300);
  CHECK(world.ledger.rows.at(kP0).claim.deaths == 1);
}

TEST_CASE("records beyond the events that are taken one at a time are read again, and taken in pieces") {
  World world;
  world.inherit({kP0}, 2);
  world.fetch(kP0, 0, Strings(1'000, "a"));
  REQUIRE(world.flush());
  CHECK(world.stored(kP0) == 200);
  CHECK(world.ledger.attempts.size() == 200);
  world.fetch(kP0, 200, Strings(800, "a"));
  REQUIRE(world.flush());
  CHECK(world.stored(kP0) == 1'000);
  CHECK(world.ledger.attempts.size() == 200);
}

TEST_CASE("at its third death an event is a dead letter that is never decoded again") {
  World world;
  world.inherit({kP0}, 3, 0);
  world.fetch(kP0, 0, {"killer", "b"});
  REQUIRE(world.flush());
  CHECK(world.decoder->decoded == std::vector<std::int64_t>{1});
  REQUIRE(world.ledger.buried.size() == 1);
  CHECK(world.ledger.buried[0].kind == "crash");
  CHECK(world.ledger.buried[0].reason == "killed_the_process");
  CHECK(world.ledger.committed == Strings{"b"});
}

TEST_CASE("once the suspects are passed, decoding goes ahead again") {
  World world;
  world.inherit({kP0}, 2);
  world.fetch(kP0, 0, {"a"});
  world.deliver_end(kP0, 1);
  REQUIRE(world.flush());
  world.fetch(kP0, 1, {"b", "c"});
  REQUIRE(world.settle());
  CHECK(world.decoder->decoded == std::vector<std::int64_t>{0, 1, 2});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"a", "b", "c"});
  CHECK(world.ledger.attempts == std::vector<std::int64_t>{0});
}

TEST_CASE("owners that died at the log's end, with nothing in hand, leave no caution behind") {
  World world;
  world.inherit({kP0}, 2);
  world.fetch(kP0, 0, {});  // the order to read one at a time is carried out
  world.deliver_end(kP0, 0);
  world.clock.advance(Seconds{5});
  REQUIRE(world.settle());
  CHECK(world.ledger.rows.at(kP0).claim.deaths == 0);
  world.fetch(kP0, 0, {"a", "b"});
  REQUIRE(world.flush());
  CHECK(world.ledger.attempts.empty());
  CHECK(world.consumer.batch_sizes == std::vector<std::size_t>{2});
}

TEST_CASE("while an event waits with which owners died, no wake-up forgets their deaths") {
  World world;
  world.inherit({kP0}, 2);
  world.consumer.wakeup = Microseconds{0};
  REQUIRE(world.settle());
  CHECK(world.consumer.woken == 1);
  CHECK(world.ledger.rows.at(kP0).claim.deaths == 2);
}

TEST_CASE("records from before the position was set back are stale") {
  World world;
  world.assign({kP0});
  world.fetch(kP0, 0, {"a"});
  REQUIRE(world.flush());
  runtime::Fetched stale;  // fetched under the first claim, arriving under the second
  stale.orders_done = 1;
  runtime::Record& record = stale.records.emplace_back();
  record.topic = "t";
  record.offset = 7;
  stale.memory = std::make_shared<int>();
  const std::weak_ptr<const void> bytes = stale.memory;
  world.revoke({kP0});
  world.assign({kP0});
  world.mailbox.put(std::move(stale));
  REQUIRE(world.flush());
  CHECK(world.stored(kP0) == 1);
  CHECK(bytes.expired());
}

TEST_CASE("a partition that the group took away is released too, because this process lives and no death must be counted") {
  World world;
  world.assign({kP0});
  REQUIRE(world.ledger.rows.at(kP0).owned);
  world.lose({kP0});
  CHECK_FALSE(world.ledger.rows.at(kP0).owned);
}
