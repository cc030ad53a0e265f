// An operator pauses a group or a part of it: what is taken, what waits, and what goes on.
#include "tests/unit/runtime/world.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;
using namespace weir::runtime;

namespace {

using Values = std::vector<std::string>;

/// As the worker learns it: the operator decides, and a moment passes.
void decide(World& world, std::vector<Pause> pauses) {
  world.ledger.paused = {};
  for (Pause& pause : pauses) world.ledger.paused.add(std::move(pause));
  world.clock.advance(Seconds{1});
  REQUIRE(world.settle());
}

bool shows_pause(World& world, const char* partition) {
  return world.metrics.text().find("weir_paused_partitions{partition=\"" + std::string(partition) + "\",topic=\"t\"} 1") !=
         std::string::npos;
}

}  // namespace

TEST_CASE("a paused partition stays ours and keeps its position, and the others go on") {
  World world;
  world.assign({kP0, kP1});
  decide(world, {{"t", 0}});
  world.fetch(kP0, 0, {"a"});
  world.fetch(kP1, 0, {"b"});
  world.deliver_end(kP0, 1);
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Values{"b"});
  CHECK(world.stored(kP0) == 0);
  CHECK(world.ledger.rows.at(kP0).owned);
  CHECK(shows_pause(world, "0"));
  CHECK_FALSE(shows_pause(world, "1"));
}

TEST_CASE("a partition that is resumed goes on at its position") {
  World world;
  world.assign({kP0});
  decide(world, {{"", -1}});
  static_cast<void>(world.mailbox.take_orders());
  decide(world, {});
  const auto orders = world.mailbox.take_orders();
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].offset == 0);
  CHECK_FALSE(orders[0].hold);
  CHECK_FALSE(shows_pause(world, "0"));
}

TEST_CASE("events that are in hand when their partition is paused are settled at once, and its position stands from then on") {
  World world;
  world.assign({kP0, kP1});  // the other one is not read to its end, which would settle everything too
  REQUIRE(world.settle());   // asks what is paused, and again in a second
  world.clock.advance(Milliseconds{900});
  world.fetch(kP0, 0, {"a", "b"});
  REQUIRE(world.settle());
  CHECK(world.ledger.committed.empty());  // the unit waits for its interval, a second from here on
  world.ledger.paused.add({"t", 0});
  world.clock.advance(Milliseconds{100});
  REQUIRE(world.settle());
  CHECK(world.ledger.committed == Values{"a", "b"});
  world.fetch(kP0, 2, {"c"});
  REQUIRE(world.flush());
  CHECK(world.stored(kP0) == 2);
}

TEST_CASE("a partition that is taken over while it is paused is not read") {
  World world;
  world.ledger.paused.add({"", -1});
  world.assign({kP0});
  const auto orders = world.mailbox.take_orders();
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].hold);
  CHECK(shows_pause(world, "0"));
  world.revoke({kP0});
  CHECK_FALSE(shows_pause(world, "0"));
}

TEST_CASE("parked letters of a paused partition wait until it is resumed") {
  World world;
  world.assign({kP0});
  world.consumer.missing = true;
  world.deliver_keyed(kP0, 0, {"a:wait 1"});
  REQUIRE(world.flush());
  decide(world, {{"t", 0}});
  world.consumer.missing = false;
  world.clock.advance(Seconds{40});
  REQUIRE(world.flush());
  CHECK(world.letters.offsets("parked").size() == 1);
  decide(world, {});
  CHECK(world.letters.offsets("resolved").size() == 1);
}

TEST_CASE("a paused partition holds the group's watermark back: it is not idle, however long it is quiet") {
  World world;
  world.assign({kP0});
  world.deliver_end(kP0, 0);
  REQUIRE(world.flush());
  decide(world, {{"t", 0}});
  world.clock.advance(Seconds{120});
  REQUIRE(world.flush());
  CHECK_FALSE(world.ledger.rows.at(kP0).claim.position.idle_since);
  decide(world, {});
  world.deliver_end(kP0, 0);
  REQUIRE(world.flush());
  world.clock.advance(Seconds{120});
  REQUIRE(world.flush());
  CHECK(world.ledger.rows.at(kP0).claim.position.idle_since);
}

TEST_CASE("a group that is paused as a whole is not woken; a group of which a part is paused is") {
  World world;
  world.assign({kP0, kP1});
  world.consumer.wakeup_after_wake = Seconds{1};
  decide(world, {{"", -1}});
  world.consumer.wakeup = Seconds{1};
  world.clock.advance(Seconds{30});
  REQUIRE(world.flush());
  CHECK(world.consumer.woken == 0);
  decide(world, {{"t", 0}});
  REQUIRE(world.flush());
  CHECK(world.consumer.woken > 0);
}

TEST_CASE("where the ledger does not say what is paused, work goes on as before") {
  World world;
  world.assign({kP0});
  world.clock.advance(Seconds{1});
  world.ledger.faults.push_back({Step::kConnect, FaultKind::kPgConnection});
  world.fetch(kP0, 0, {"a"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Values{"a"});
}

TEST_CASE("a paused partition whose position an operator moves is claimed anew, and read from there once it is resumed") {
  World world;
  world.assign({kP0, kP1});
  world.fetch(kP0, 0, {"a", "b", "c"});
  REQUIRE(world.flush());
  decide(world, {{"t", 0}});
  REQUIRE(world.stored(kP0) == 3);
  Claim& stored = world.ledger.rows.at(kP0).claim;  // as `weir offsets reset` does
  stored.position.next_offset = 1;
  stored.epoch += 1;
  const std::int64_t epoch = stored.epoch;
  static_cast<void>(world.mailbox.take_orders());
  world.clock.advance(Seconds{1});
  REQUIRE(world.settle());
  CHECK(stored.epoch == epoch + 1);
  for (const auto& order : world.mailbox.take_orders()) {
    CHECK(order.partition == kP0);
    CHECK(order.hold);
  }
  decide(world, {});
  const auto orders = world.mailbox.take_orders();
  REQUIRE_FALSE(orders.empty());
  CHECK(orders.back().offset == 1);
  CHECK_FALSE(orders.back().hold);
}

TEST_CASE("a position that was moved a moment before its pause ended is found, too") {
  World world;
  world.assign({kP0});
  world.fetch(kP0, 0, {"a", "b", "c"});
  REQUIRE(world.flush());
  decide(world, {{"t", 0}});
  Claim& stored = world.ledger.rows.at(kP0).claim;
  stored.position.next_offset = 0;
  stored.epoch += 1;
  static_cast<void>(world.mailbox.take_orders());
  decide(world, {});
  const auto orders = world.mailbox.take_orders();
  REQUIRE_FALSE(orders.empty());
  CHECK(orders.back().offset == 0);
  CHECK_FALSE(orders.back().hold);
}
