// The next unit of work is gathered while Postgres works on this one. Whatever the result of this unit is, no event of the next is lost,
// doubled or committed with it.
#include "tests/unit/runtime/world.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;
using Strings = std::vector<std::string>;

namespace {

/// A world in which a unit of work is being written when `values` come in after it.
struct Busy : World {
  explicit Busy(const Strings& values, const Strings& first = {"a", "b"}) {
    assign({kP0, kP1});
    fetch(kP0, 0, first);
    static_cast<void>(settle());
    const auto next = static_cast<std::int64_t>(first.size());
    ledger.working = [this, values, next] {
      fetch(kP0, next, values);
      fetch(kP1, 0, {"other"});
    };
    clock.advance(Seconds{2});
  }
  /// Turns until the attempt at the first unit has ended.
  Result<void> attempt_first() {
    while (ledger.working) WEIR_TRY(worker.turn());
    return {};
  }
};

/// A stream so fast that a full unit of work has been gathered whenever one has been written.
struct FullUnits : World {
  FullUnits() : World(Milliseconds{0}, {.max_records = 2}) {
    assign({kP0, kP1});
    arrive();
  }
  Result<void> turn(int times) {
    for (int i = 0; i < times; ++i) {
      mailbox.nudge();
      WEIR_TRY(worker.turn());
    }
    return {};
  }

 private:
  void arrive() {
    if (mailbox.load().records == 0) fetch(kP0, std::exchange(next_, next_ + 2), {"a", "b"});
    ledger.working = [this] { arrive(); };
  }
  std::int64_t next_ = 0;
};

}  // namespace

TEST_CASE("records that are gathered while a unit is written belong to the next unit, with its position") {
  Busy world({"c", "skip", "d"});
  REQUIRE(world.attempt_first());
  CHECK_FALSE(world.mailbox.take_fetched());  // the worker has gathered it
  CHECK(world.ledger.committed == Strings{"a", "b"});
  CHECK(world.stored(kP0) == 2);
  CHECK(world.stored(kP1) == 0);
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"a", "b", "c", "d", "other"});
  CHECK(world.stored(kP0) == 5);
  CHECK(world.stored(kP1) == 1);
  CHECK(world.consumer.batch_sizes == std::vector<std::size_t>{2, 3});
}

TEST_CASE("a unit that is written again takes no record of the next unit along") {
  Busy world({"c"});
  world.ledger.faults.push_back({Step::kCommit, FaultKind::kPgSerialization});
  REQUIRE(world.attempt_first());
  REQUIRE(world.worker.turn());
  CHECK(world.ledger.committed == Strings{"a", "b"});
  CHECK(world.stored(kP0) == 2);
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"a", "b", "c", "other"});
  CHECK(world.consumer.batch_sizes == std::vector<std::size_t>{2, 2, 2});
}

TEST_CASE("after a unit was committed although its answer was lost, the gathered unit follows") {
  Busy world({"c"});
  world.ledger.faults.push_back({Step::kCommit, FaultKind::kCommitInDoubt, true});
  REQUIRE(world.attempt_first());
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"a", "b", "c", "other"});
  CHECK(world.stored(kP0) == 3);
}

TEST_CASE("only the partition that another owner has taken over loses its gathered records") {
  Busy world({"c"});
  auto arrive = world.ledger.working;
  world.ledger.working = [&] {
    arrive();
    world.ledger.rows.at(kP0).claim.epoch += 1;
  };
  REQUIRE(world.attempt_first());
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"other"});
  CHECK(world.stored(kP0) == 0);
  CHECK(world.stored(kP1) == 1);
  world.fetch(kP0, 0, {"a", "b", "c"});  // read again from where Postgres says
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"other", "a", "b", "c"});
}

TEST_CASE("dividing a unit leaves the gathered unit whole") {
  Busy world({"c"}, {"a", "bad", "b"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"a", "b", "c", "other"});
  CHECK(world.ledger.buried.size() == 1);
  CHECK(world.stored(kP0) == 4);
}

TEST_CASE("letting partitions go finishes the gathered unit too") {
  Busy world({"c"});
  REQUIRE(world.attempt_first());
  world.revoke({kP0, kP1});
  CHECK(world.ledger.committed == Strings{"a", "b", "c", "other"});
  CHECK_FALSE(world.ledger.rows.at(kP0).owned);
  CHECK(world.stored(kP0) == 3);
}

TEST_CASE("a rebuilt source that is met while a unit is written stops the group once that unit is committed") {
  Busy world({"c 9 y", "c 12 z"}, {"c 10 x", "c 11 x"});
  auto arrive = world.ledger.working;
  world.ledger.working = [&] {
    world.clock.advance(Seconds{90});
    arrive();
    CHECK(world.ledger.gaps.empty());
  };
  const Result<void> stopped = world.flush();
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().kind == FaultKind::kGap);
  CHECK(world.ledger.committed == Strings{"c 10 x", "c 11 x"});
  CHECK(world.stored(kP0) == 2);
  REQUIRE(world.ledger.gaps.size() == 1);
  CHECK(world.ledger.gaps[0].next_offset == 2);
}

TEST_CASE("the consumer is woken between two units although the second is gathered already, and commits nothing of it") {
  Busy world({"c"});
  REQUIRE(world.attempt_first());
  world.consumer.wakeup = Microseconds{0};
  REQUIRE(world.worker.turn());
  CHECK(world.ledger.committed == Strings{"a", "b", "woken"});
  CHECK(world.stored(kP0) == 2);
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"a", "b", "woken", "c", "other"});
  CHECK(world.stored(kP0) == 3);
}

TEST_CASE("wake-ups and units take turns, even if wake-ups are always due and units are always full") {
  FullUnits world;
  world.consumer.wakeup = world.consumer.wakeup_after_wake = Microseconds{0};
  REQUIRE(world.turn(300));
  CHECK(world.consumer.batch_sizes.size() > 50);
  const auto units = static_cast<int>(world.consumer.batch_sizes.size());
  CHECK(world.consumer.woken > units / 2);
  CHECK(world.consumer.woken < units * 2);
  CHECK(world.stored(kP0) == std::int64_t{2} * units);
}

TEST_CASE("a quiet partition becomes idle although the units of another partition are always full") {
  FullUnits world;
  world.deliver_end(kP1, 0);
  REQUIRE(world.turn(20));
  world.clock.advance(Seconds{61});
  REQUIRE(world.turn(20));
  CHECK(world.ledger.rows.at(kP1).claim.position.idle_since);
  CHECK_FALSE(world.ledger.rows.at(kP0).claim.position.idle_since);
}

TEST_CASE("the oldest record in hand is that of the unit being written, then that of the one gathered") {
  Busy world({"c"});
  const Instant first = world.clock.now() - Seconds{2};
  auto arrive = world.ledger.working;
  std::optional<Instant> meanwhile;
  world.ledger.working = [&] {
    meanwhile = world.worker.progress().at(kP0).oldest;
    arrive();
  };
  REQUIRE(world.attempt_first());
  CHECK(meanwhile == first);
  CHECK(world.worker.progress().at(kP0).oldest == world.clock.now());
  REQUIRE(world.flush());
  CHECK_FALSE(world.worker.progress().at(kP0).oldest);
}

TEST_CASE("nothing is gathered ahead while events are taken with caution, or while the worker is ending") {
  SUBCASE("after a death") {
    World world;
    world.inherit({kP0}, 1);
    world.fetch(kP0, 0, {"a"});
    REQUIRE(world.settle());
    world.ledger.working = [&] { world.fetch(kP0, 1, {"b"}); };
    world.clock.advance(Seconds{2});
    while (world.ledger.working) REQUIRE(world.worker.turn());
    CHECK(world.mailbox.load().records == 1);
  }
  SUBCASE("while draining") {
    Busy world({"c"});
    world.worker.drain();
    REQUIRE(world.attempt_first());
    CHECK(world.mailbox.load().records == 2);
  }
}
