// A deliverer whose queue's transactions go on beside its calls: what happens between the begin of a transaction, its commit, and the
// coming of its answer.
#include "tests/unit/delivery/held_executor.hpp"

#include "tests/unit/delivery/world.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::delivery;
using weir::testing::HeldExecutors;
using weir::testing::QueueFault;
using weir::testing::Row;
using weir::testing::row_id;
using weir::testing::status_after;
using weir::testing::World;
using At = weir::testing::QueueFault::At;

namespace {

/// Turns take no time.
struct Beside : HeldExecutors {
  explicit Beside(Terms terms = {}, Limits limits = {}) : world(terms, std::move(limits), both()) {}
  void turn() { REQUIRE(world.deliverer->turn(0ms).has_value()); }
  /// The answer to the claim under way comes, and its jobs begin.
  void take_claim() {
    REQUIRE(claims.is_busy());
    claims.hand_back();
    turn();
  }
  /// Time passes, and calls end in it.
  void pass(Microseconds time) {
    world.clock.advance(time);
    turn();
  }
  /// As many rows as this, claimed and called.
  void call(int rows) {
    for (int i = 1; i <= rows; ++i) world.queue.add(i);
    turn();
    take_claim();
  }

  World world;
};

Limits gathering() {
  Limits limits;
  limits.gather = 10ms;
  return limits;
}

}  // namespace

TEST_CASE("calls begin and end while a report and a claim are under way") {
  Beside beside;
  beside.call(1);
  beside.pass(20ms);
  REQUIRE(beside.reports.is_busy());
  beside.world.queue.add(2);
  beside.world.deliverer->ring();
  beside.turn();
  beside.take_claim();
  CHECK(beside.world.caller.begun.size() == 2);
  CHECK(beside.reports.is_busy());
  beside.pass(20ms);
  CHECK(beside.world.caller.live.empty());
  CHECK_FALSE(beside.world.deliverer->is_idle());
  beside.reports.hand_back();
  beside.turn();
  beside.reports.hand_back();
  beside.turn();
  CHECK(beside.world.queue.all_ended());
  CHECK(beside.world.queue.reports == 2);
  CHECK(beside.world.broken.empty());
}

TEST_CASE("endings that come while a report is under way are reported together after it") {
  Beside beside({}, gathering());
  beside.world.caller.answers = [&](const http::Call& call) {
    const Uuid id = weir::testing::jobs_of(call).front().id;
    return status_after(200, id == row_id(1) ? 20ms : id == row_id(2) ? 40ms : id == row_id(3) ? 60ms : 1s);
  };
  beside.call(4);
  beside.pass(20ms);
  beside.pass(10ms);
  REQUIRE(beside.reports.is_busy());
  beside.pass(10ms);
  beside.pass(20ms);
  CHECK(beside.world.deliverer->in_hand() == 4);
  beside.reports.hand_back();
  beside.turn();
  beside.reports.hand_back();
  beside.turn();
  CHECK(beside.world.queue.reports == 2);
  CHECK(beside.world.deliverer->in_hand() == 1);
}

TEST_CASE("a row that came while a claim was under way, and was not seen by the claim, is asked for at once") {
  Beside beside({}, gathering());
  beside.call(1);
  beside.pass(10ms);
  beside.world.deliverer->ring();
  beside.turn();
  REQUIRE(beside.claims.is_busy());
  beside.claims.carry_out();
  beside.world.queue.add(2);
  beside.world.deliverer->ring();
  beside.turn();
  beside.take_claim();
  beside.take_claim();
  CHECK(beside.world.caller.begun.size() == 2);
}

TEST_CASE("a job that a report made due at once, unseen by the claim that was under way, is asked for at once") {
  Terms terms;
  terms.jobs_in_a_call = 2;
  Beside beside(terms);
  beside.world.caller.next = {status_after(400), status_after(200)};
  beside.call(2);
  beside.world.deliverer->ring();
  beside.pass(20ms);
  REQUIRE(beside.reports.is_busy());
  REQUIRE(beside.claims.is_busy());
  beside.claims.carry_out();
  beside.reports.hand_back();
  beside.turn();
  beside.take_claim();
  beside.take_claim();
  CHECK(beside.world.caller.begun.size() == 3);
  CHECK(beside.world.broken.empty());
}

TEST_CASE("jobs of a claim that was under way when the deliverer was told to drain are given back") {
  Beside beside;
  beside.world.queue.add(1);
  beside.turn();
  beside.world.deliverer->drain();
  beside.turn();
  CHECK_FALSE(beside.world.deliverer->is_idle());
  beside.take_claim();
  beside.reports.hand_back();
  beside.turn();
  CHECK(beside.world.deliverer->is_idle());
  CHECK(beside.world.caller.begun.empty());
  CHECK(beside.world.queue.row(1).attempts.empty());
  CHECK(beside.world.queue.row(1).end == Row::End::kNone);
}

TEST_CASE("a claim whose answer comes later than its tokens hold calls nothing") {
  Beside beside;
  beside.world.queue.add(1);
  beside.turn();
  beside.claims.carry_out();
  beside.pass(2'001ms);
  beside.take_claim();
  CHECK(beside.world.caller.begun.empty());
  beside.reports.hand_back();
  beside.turn();
  CHECK(beside.world.queue.row(1).attempts.empty());
}

TEST_CASE("a queue that takes no reports is asked for no jobs, and the endings that failed go before those that came since") {
  Beside beside;
  beside.call(2);
  beside.world.queue.faults = {{At::kReport}};
  beside.pass(20ms);
  beside.claims.hand_back();
  beside.reports.hand_back();
  beside.turn();
  REQUIRE(beside.world.queue.faults.empty());
  const std::size_t asked = beside.world.queue.asked.size();
  beside.world.queue.add(3);
  beside.world.deliverer->ring();
  beside.pass(1s);
  CHECK(beside.reports.is_busy());
  CHECK_FALSE(beside.claims.is_busy());
  CHECK(beside.world.queue.asked.size() == asked);
  beside.reports.hand_back();
  beside.turn();
  CHECK(beside.world.queue.row(2).end == Row::End::kAccepted);
  beside.take_claim();
  CHECK(beside.world.caller.begun.size() == 3);
}

TEST_CASE("a kill between a claim's commit and its answer leaves the rows to their lease, and nothing was called") {
  Beside beside;
  beside.world.queue.add(1);
  const SteadyInstant began = beside.world.now();
  beside.turn();
  beside.claims.carry_out();
  beside.world.restart();
  CHECK(beside.world.caller.begun.empty());
  beside.turn();
  beside.claims.hand_back();
  beside.turn();
  CHECK(beside.world.caller.begun.empty());
  beside.pass(60s);
  beside.take_claim();
  CHECK(beside.world.caller.begun.size() == 1);
  CHECK(beside.world.queue.row(1).attempt(2).granted == began + 60s);
  CHECK(beside.world.broken.empty());
}

TEST_CASE("a kill between a report's commit and its answer repeats nothing") {
  Beside beside;
  beside.call(1);
  beside.pass(20ms);
  beside.reports.carry_out();
  beside.world.restart();
  CHECK(beside.world.queue.row(1).end == Row::End::kAccepted);
  beside.pass(61s);
  beside.claims.hand_back();
  beside.turn();
  CHECK(beside.world.caller.begun.size() == 1);
}
