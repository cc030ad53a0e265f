// Records must come from the log that the positions belong to. Where they do not, the partition is held and none of its records is
// committed.
#include "tests/unit/runtime/world.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;
using Strings = std::vector<std::string>;

TEST_CASE("where reading stops at a gap, earlier records are committed, the partition is held, and other partitions go on") {
  World world;
  world.assign({kP0, kP1});
  world.fetch(kP0, 0, {"a", "b"});
  world.source.range = {5, 9};
  world.deliver_break(kP0, 2, {});
  REQUIRE(world.settle());
  CHECK(world.ledger.committed == Strings{"a", "b"});
  REQUIRE(world.ledger.gaps.size() == 1);
  CHECK(world.ledger.gaps[0].kind == "below_log_start");
  CHECK(world.ledger.gaps[0].next_offset == 2);
  CHECK(world.ledger.gaps[0].log.begin == 5);
  CHECK(world.health.reasons().contains("gap:t/0"));
  world.source.range = {0, 9};
  world.fetch(kP1, 0, {"on"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"a", "b", "on"});
}

TEST_CASE("a gap that is accepted while another claim finds it is not recorded again, and reading goes on") {
  World world;
  world.assign({kP0});
  world.revoke({kP0});
  world.source.range = {5, 9};
  world.source.asked_for_range = [&world] {
    runtime::Claim& claim = world.ledger.rows.at(kP0).claim;
    claim.position.next_offset = 5;  // what accepting does
    ++claim.epoch;
  };
  world.assign({kP0});
  CHECK(world.ledger.gaps.empty());
  CHECK_FALSE(world.health.reasons().contains("gap:t/0"));
  world.fetch(kP0, 5, {"on"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"on"});
}

TEST_CASE("a log that was cut below the position holds the partition also once it has grown past it, until it is accepted") {
  World world;
  world.assign({kP0});
  world.revoke({kP0});
  world.ledger.rows.at(kP0).claim.position.next_offset = 12;
  world.source.range = {5, 9};
  world.assign({kP0});
  REQUIRE(world.ledger.gaps.size() == 1);
  world.source.range = {5, 20};
  world.clock.advance(Seconds{10});
  REQUIRE(world.settle());
  REQUIRE(world.ledger.gaps.size() == 2);
  CHECK(world.ledger.gaps[1].kind == "above_log_end");
  CHECK(world.ledger.gaps[1].log.end == 9);
  CHECK(world.health.reasons().contains("gap:t/0"));
  world.ledger.rows.at(kP0).claim.position.next_offset = 9;  // what accepting does
  world.clock.advance(Seconds{10});
  REQUIRE(world.settle());
  CHECK(world.health.is_ready());
}

TEST_CASE("a log that was truncated and grew again holds the partition with the place of the cut") {
  World world;
  world.assign({kP0});
  world.fetch(kP0, 0, Strings(10, "a"));
  REQUIRE(world.flush());
  world.deliver_break(kP0, {}, 7);
  REQUIRE(world.settle());
  REQUIRE(world.ledger.gaps.size() == 1);
  CHECK(world.ledger.gaps[0].kind == "log_truncated");
  CHECK(world.ledger.gaps[0].next_offset == 10);
  CHECK(world.ledger.gaps[0].log.end == 7);
  world.clock.advance(Seconds{10});
  REQUIRE(world.settle());
  CHECK(world.ledger.gaps.back().log.end == 7);
}

TEST_CASE("a break at the position itself is a cut even if the log reaches past it now; a break elsewhere is ignored") {
  for (const std::int64_t at : {3, 10}) {
    World world;
    world.assign({kP0});
    world.fetch(kP0, 0, Strings(10, "a"));
    REQUIRE(world.flush());
    world.deliver_break(kP0, at, {});
    REQUIRE(world.settle());
    CHECK(world.ledger.gaps.size() == (at == 10 ? 1 : 0));
    world.fetch(kP0, 10, {"b"});
    REQUIRE(world.flush());
    CHECK(world.stored(kP0) == (at == 10 ? 10 : 11));
  }
}

TEST_CASE("records of a topic that was made again are not committed, however well their offsets fit") {
  World world;
  world.assign({kP0});
  world.fetch(kP0, 0, {"old"});
  REQUIRE(world.flush());
  world.source.id = *Uuid::parse("00000000-0000-4000-8000-000000000002");
  world.fetch(kP0, 1, {"new"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"old"});
  CHECK(world.stored(kP0) == 1);
  REQUIRE(world.ledger.gaps.size() >= 1);
  CHECK(world.ledger.gaps[0].kind == "topic_recreated");
  CHECK(world.health.reasons().contains("gap:t/0"));
}

TEST_CASE("an idle partition is held as soon as its topic is seen to be another one") {
  World world;
  world.assign({kP0});
  REQUIRE(world.settle());
  world.source.id = *Uuid::parse("00000000-0000-4000-8000-000000000002");
  world.worker.note_topics({{"t", world.source.id}});
  REQUIRE(world.settle());
  REQUIRE(world.ledger.gaps.size() >= 1);
  CHECK(world.ledger.gaps[0].kind == "topic_recreated");
}

TEST_CASE("nothing is committed, or written in vain, until Kafka says which topic the records came from") {
  World world;
  world.assign({kP0});
  world.source.silent = true;
  world.fetch(kP0, 0, {"a"});
  REQUIRE(world.flush());
  for (int i = 0; i < 5; ++i) {
    world.clock.advance(Seconds{2});
    REQUIRE(world.settle());
  }
  CHECK(world.ledger.committed.empty());
  CHECK(world.consumer.batch_sizes.size() == 1);
  CHECK(world.health.reasons().contains("kafka topics"));
  world.source.silent = false;
  world.clock.advance(Seconds{2});
  REQUIRE(world.settle());
  CHECK(world.ledger.committed == Strings{"a"});
  CHECK(world.health.is_ready());
}

TEST_CASE("where the topic is gone none of its records is committed, and the fault that stops the group says so") {
  World world;
  world.assign({kP0});
  world.source.there = false;
  world.fetch(kP0, 0, {"a"});
  const auto stopped = world.flush();
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().kind == FaultKind::kKafkaUnknownTopic);
  CHECK(world.ledger.committed.empty());
}
