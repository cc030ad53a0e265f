// Letters: which records wait behind them, when they are tried again, and how they end.
#include "tests/unit/runtime/world.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;
using namespace weir::runtime;

namespace {

using Offsets = std::vector<std::int64_t>;
using Values = std::vector<std::string>;

/// Checks that every record that was taken ended in one way, and that letters are counted by their status.
void check_books(World& world) {
  std::map<std::string, std::int64_t> ends;
  std::int64_t all = 0;
  for (const auto& [name, n] : world.ledger.counts) {
    CHECK_MESSAGE(n >= 0, name);
    ends[name.substr(0, name.find(' '))] += n;
    all += n;
  }
  CHECK(all == world.stored(kP0));
  CHECK(ends["parked"] == static_cast<std::int64_t>(world.letters.offsets("parked").size()));
}

void wait_a_while(World& world) {
  world.clock.advance(Seconds{40});
  REQUIRE(world.flush());
}

}  // namespace

TEST_CASE("a record that has to wait is parked, newer records of its key wait behind it, and other keys go on") {
  World world;
  world.assign({kP0});
  world.consumer.missing = true;
  world.deliver_keyed(kP0, 0, {"a:wait 1", "b:x", "a:y", "a:z", "b:w"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Values{"x", "w"});
  CHECK(world.letters.offsets("parked") == Offsets{0, 2, 3});
  CHECK(world.letters.rows.at(0).waits_for == "the key");
  CHECK(world.letters.rows.at(2).waits_for == "the letter at offset 0");
  CHECK(world.stored(kP0) == 5);
  check_books(world);
}

TEST_CASE("once the missing row is there the letters are taken, in order, before newer records of their key") {
  World world;
  world.assign({kP0});
  world.consumer.missing = true;
  world.deliver_keyed(kP0, 0, {"a:wait 1", "a:y"});
  REQUIRE(world.flush());
  world.consumer.missing = false;
  world.deliver_keyed(kP0, 2, {"a:z"});
  wait_a_while(world);
  CHECK(world.ledger.committed == Values{"wait 1", "y", "z"});
  CHECK(world.letters.offsets("resolved") == Offsets{0, 1});
  CHECK(world.ledger.counts.at("done") == 3);
  check_books(world);
}

TEST_CASE("records of a parked key that were gathered and folded ahead wait too") {
  World world;
  world.assign({kP0});
  world.consumer.missing = true;
  world.deliver_keyed(kP0, 0, {"a:wait 1"});
  world.ledger.working = [&] { world.deliver_keyed(kP0, 1, {"a:y", "b:x"}); };
  REQUIRE(world.flush());
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Values{"x"});
  CHECK(world.letters.offsets("parked") == Offsets{0, 1});
  check_books(world);
}

TEST_CASE("a record of a parked key in a later piece of the same unit waits as well") {
  World world;
  world.inherit({kP0}, 1);  // after a death of its owner a unit is taken in small pieces
  world.consumer.missing = true;
  Values records{"a:wait 1"};
  records.resize(1 + static_cast<std::size_t>(kCarefulPiece), "b:x");
  records.emplace_back("a:y");
  world.deliver_keyed(kP0, 0, records);
  REQUIRE(world.flush());
  CHECK(world.letters.offsets("parked") == Offsets{0, kCarefulPiece + 1});
  CHECK(world.ledger.committed.size() == static_cast<std::size_t>(kCarefulPiece));
  check_books(world);
}

TEST_CASE("a record that Postgres refuses because a row is missing is parked, and the rest of its unit is committed") {
  World world;
  world.assign({kP0});
  world.consumer.missing = true;
  world.deliver_keyed(kP0, 0, {"a:x", "b:refers 1", "a:y", "b:z", "c:w"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Values{"x", "y", "w"});
  CHECK(world.letters.offsets("parked") == Offsets{1, 3});
  CHECK(world.letters.rows.at(1).waits_for == "the row that score_student refers to");
  CHECK(world.letters.rows.at(1).reason == "missing_row");
  world.consumer.missing = false;
  wait_a_while(world);
  CHECK(world.ledger.committed == Values{"x", "y", "w", "refers 1", "z"});
  check_books(world);
}

TEST_CASE("a letter that has to wait still stays in its place, and is tried again later") {
  World world;
  world.assign({kP0});
  world.consumer.missing = true;
  world.deliver_keyed(kP0, 0, {"a:refers 1", "a:y"});
  REQUIRE(world.flush());
  wait_a_while(world);
  wait_a_while(world);
  CHECK(world.letters.offsets("parked") == Offsets{0, 1});
  CHECK(world.letters.rows.at(0).attempts > 2);
  CHECK(world.letters.rows.at(1).attempts == 1);
  check_books(world);
}

TEST_CASE("once its grace is over a letter is dead, and the letter behind it is tried before it may die too") {
  World world;
  world.assign({kP0});
  world.consumer.missing = true;
  world.deliver_keyed(kP0, 0, {"a:wait 1", "a:y", "a:wait 2"});
  REQUIRE(world.flush());
  for (auto& [offset, row] : world.letters.rows) row.overdue = true;
  wait_a_while(world);
  wait_a_while(world);
  CHECK(world.letters.offsets("dead") == Offsets{0, 2});
  CHECK(world.letters.offsets("resolved") == Offsets{1});
  CHECK(world.letters.rows.at(0).reason == "grace_over");
  CHECK(world.ledger.committed == Values{"y"});
  check_books(world);
}

TEST_CASE("a letter without a key waits alone") {
  World world;
  world.assign({kP0});
  world.consumer.missing = true;
  world.fetch(kP0, 0, {"wait 1", "x"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Values{"x"});
  CHECK(world.letters.offsets("parked") == Offsets{0});
}

TEST_CASE("the next owner knows which keys wait") {
  World world;
  world.assign({kP0});
  world.consumer.missing = true;
  world.deliver_keyed(kP0, 0, {"a:wait 1"});
  REQUIRE(world.flush());
  world.revoke({kP0});
  world.assign({kP0});
  world.deliver_keyed(kP0, 1, {"a:y", "b:x"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Values{"x"});
  CHECK(world.letters.offsets("parked") == Offsets{0, 1});
}

TEST_CASE("a letter that an operator sent through again is taken, counted once, and needs no turn in a line") {
  World world;
  world.assign({kP0});
  world.deliver_keyed(kP0, 0, {"a:dead 1", "a:x"});
  REQUIRE(world.flush());
  CHECK(world.letters.offsets("dead") == Offsets{0});
  world.letters.rows.at(0).status = "redriving";
  world.letters.rows.at(0).value = "mended";
  wait_a_while(world);
  CHECK(world.ledger.committed == Values{"x", "mended"});
  CHECK(world.consumer.redriven == Values{"mended"});
  CHECK(world.letters.offsets("resolved") == Offsets{0});
  CHECK(world.ledger.counts.at("dead out_of_domain") == 0);
  check_books(world);
}

TEST_CASE("a letter that dies again stays dead, with one more try counted") {
  World world;
  world.assign({kP0});
  world.deliver_keyed(kP0, 0, {"a:dead 1", "b:bad 2"});
  REQUIRE(world.flush());
  for (auto& [offset, row] : world.letters.rows) row.status = "redriving";
  wait_a_while(world);
  CHECK(world.letters.offsets("dead") == Offsets{0, 1});
  CHECK(world.letters.rows.at(0).attempts == 2);
  CHECK(world.letters.rows.at(1).reason == "pg_constraint");
  check_books(world);
}

TEST_CASE("a letter that an operator ended meanwhile is forgotten, and its key waits no more") {
  World world;
  world.assign({kP0});
  world.consumer.missing = true;
  world.deliver_keyed(kP0, 0, {"a:wait 1"});
  REQUIRE(world.flush());
  world.letters.rows.at(0).status = "discarded";
  wait_a_while(world);
  world.deliver_keyed(kP0, 1, {"a:y"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Values{"y"});
}

TEST_CASE("a letter with which owners died is tried alone, and at the third death it is dead without being decoded") {
  World world;
  world.assign({kP0});
  world.deliver_keyed(kP0, 0, {"a:dead 1", "b:dead 2", "c:dead 3"});
  REQUIRE(world.flush());
  world.revoke({kP0});
  for (auto& [offset, row] : world.letters.rows) row.status = "redriving";
  world.letters.rows.at(0).deaths = 1;
  world.letters.rows.at(1).deaths = 3;
  world.letters.rows.at(1).value = "kills";
  world.decoder->decoded.clear();
  world.assign({kP0});
  wait_a_while(world);
  CHECK(std::find(world.letters.marked.begin(), world.letters.marked.end(), Offsets{0}) != world.letters.marked.end());
  CHECK(world.letters.rows.at(1).status == "dead");
  CHECK(world.letters.rows.at(1).reason == "killed_the_process");
  CHECK(std::find(world.decoder->decoded.begin(), world.decoder->decoded.end(), 1) == world.decoder->decoded.end());
}

TEST_CASE("where an owner dies with letters in hand, each of them counts one more death") {
  World world;
  world.assign({kP0});
  world.deliver_keyed(kP0, 0, {"a:dead 1", "b:x"});
  REQUIRE(world.flush());
  world.revoke({kP0});
  world.letters.rows.at(0).in_hand = true;
  world.ledger.rows.at(kP0).claim.deaths = 1;
  world.assign({kP0});
  CHECK(world.letters.rows.at(0).deaths == 1);
  CHECK_FALSE(world.letters.rows.at(0).in_hand);
}

TEST_CASE("while events are taken with caution no letter is tried") {
  World world;
  world.assign({kP0});
  world.deliver_keyed(kP0, 0, {"a:dead 1"});
  REQUIRE(world.flush());
  world.letters.rows.at(0).status = "redriving";
  world.letters.marked.clear();
  world.inherit({kP0}, 1);
  world.clock.advance(Seconds{40});
  REQUIRE(world.settle());
  CHECK(world.letters.marked.empty());
  // The events in hand have ended, because the log's end is reached.
  world.deliver_end(kP0, 1);
  wait_a_while(world);
  wait_a_while(world);
  CHECK(world.letters.offsets("dead") == Offsets{0});
  CHECK_FALSE(world.letters.marked.empty());
}

TEST_CASE("letters in a commit whose answer was lost are read anew: none is taken twice, and parked ones are waited for") {
  for (const bool came_through : {true, false}) {
    CAPTURE(came_through);
    World world;
    world.assign({kP0});
    world.deliver_keyed(kP0, 0, {"a:dead 1", "b:dead 2"});
    REQUIRE(world.flush());
    for (auto& [offset, row] : world.letters.rows) row.status = "redriving";
    world.letters.rows.at(0).value = "mended";
    world.letters.rows.at(1).value = "wait 2";
    world.consumer.missing = true;
    world.ledger.faults.push_back({Step::kCommit, FaultKind::kCommitInDoubt, came_through});
    wait_a_while(world);
    CHECK(world.ledger.committed == Values{"mended"});
    CHECK(world.letters.offsets("parked") == Offsets{1});
    world.deliver_keyed(kP0, 2, {"b:x"});
    REQUIRE(world.flush());
    CHECK(world.letters.offsets("parked") == Offsets{1, 2});
    check_books(world);
  }
}

TEST_CASE("where too many letters are parked reading pauses and says so, and goes on when there is room again") {
  World small(Milliseconds{0}, kFlush, TopicRole::kInput, false, {.per_key = 10, .per_partition = 2});
  small.assign({kP0});
  small.consumer.missing = true;
  small.deliver_keyed(kP0, 0, {"a:wait 1", "a:y"});
  REQUIRE(small.flush());
  REQUIRE(small.letters.offsets("parked").size() == 2);
  CHECK(small.health.reasons().contains("letters:t/0"));
  const auto orders = small.mailbox.take_orders();
  REQUIRE(orders.size() == 1);
  CHECK(orders.front().hold);
  CHECK(orders.front().offset == 2);
  small.consumer.missing = false;
  wait_a_while(small);
  const auto resumed = small.mailbox.take_orders();
  REQUIRE(resumed.size() == 1);
  CHECK_FALSE(resumed.front().hold);
  CHECK(resumed.front().offset == 2);
  CHECK_FALSE(small.health.reasons().contains("letters:t/0"));
}
