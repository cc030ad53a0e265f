// A deliverer whose process is killed, whose leases run out and whose queue fails, at every point of a turn.
#include "common/delivery/deliverer.hpp"

#include "tests/unit/delivery/world.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::delivery;
using weir::testing::FakeCaller;
using weir::testing::QueueFault;
using weir::testing::Row;
using weir::testing::row_id;
using weir::testing::status_after;
using weir::testing::unanswered;
using weir::testing::World;
using At = weir::testing::QueueFault::At;
using Receiver = weir::http::NoAnswer::Receiver;

namespace {

Limits short_lease() {
  Limits limits;
  limits.lease = 15s;
  return limits;
}

}  // namespace

TEST_CASE("after a kill between claim and answer the row comes back when its lease is over, and is marked as unanswered") {
  World world({}, short_lease());
  world.queue.add(1);
  world.caller.answers = [](const http::Call&) { return status_after(200, 5s); };
  const SteadyInstant start = world.now();
  world.turn();
  REQUIRE(world.caller.live.size() == 1);
  world.restart();
  CHECK(world.turn_until_all_ended());
  CHECK(world.caller.begun.size() == 2);
  CHECK(world.queue.row(1).attempt(2).granted >= start + 15s);
  CHECK(world.queue.row(1).attempt(1).verdict.empty());
  CHECK(world.metrics.text().find("weir_delivery_repeats_total{provider=\"fake\"} 1") != std::string::npos);
}

TEST_CASE("after a kill between claim and answer a row whose rule is to hold is not called again") {
  World world({}, short_lease());
  world.queue.add(1).holds_in_doubt = true;
  world.turn();
  world.restart();
  CHECK(world.turn_until_all_ended());
  CHECK(world.queue.row(1).end == Row::End::kHeld);
  CHECK(world.caller.begun.size() == 1);
}

TEST_CASE("after a kill between answer and report the row comes back, and the receiver has its message twice at most") {
  World world({}, short_lease());
  world.queue.add(1);
  world.queue.faults = {{At::kReport}};
  world.turn();
  CHECK(world.turn_until([&] { return world.queue.faults.empty(); }));
  CHECK(world.queue.row(1).end == Row::End::kNone);
  world.restart();
  CHECK(world.turn_until_all_ended());
  CHECK(world.caller.begun.size() == 2);
}

TEST_CASE("after a kill behind a report that came through nothing is called again") {
  World world({}, short_lease());
  world.queue.add(1);
  world.queue.faults = {{At::kReport, FaultKind::kCommitInDoubt, true}};
  CHECK(world.turn_until([&] { return world.queue.faults.empty(); }));
  world.restart();
  CHECK(world.turn_until_all_ended());
  CHECK(world.caller.begun.size() == 1);
}

TEST_CASE("a report whose commit is in doubt is given again, and writes nothing the second time") {
  World world;
  world.queue.add(1);
  world.caller.next = {status_after(500)};
  world.queue.faults = {{At::kReport, FaultKind::kCommitInDoubt, true}};
  CHECK(world.turn_until_all_ended());
  CHECK(world.queue.row(1).tries == 2);
  CHECK(world.queue.stale == 1);
  CHECK(world.broken.empty());
  CHECK(world.metrics.text().find("weir_delivery_stale_reports_total{queue=\"test\"} 1") != std::string::npos);
  CHECK(world.metrics.text().find("weir_delivery_attempts_total{provider=\"fake\",verdict=\"postponed\"} 1") != std::string::npos);
}

TEST_CASE("refunds whose commit is in doubt are given once") {
  World world;
  for (int i = 1; i <= 3; ++i) world.queue.add(i).tries = 1;
  world.caller.next = {status_after(500, 20ms), status_after(500, 40ms), status_after(500, 60ms)};
  world.turn(3);
  CHECK(world.queue.row(1).tries == 2);
  world.queue.faults = {{At::kReport, FaultKind::kCommitInDoubt, true}};
  CHECK(world.turn_until_all_ended());
  for (int i = 1; i <= 3; ++i) CHECK(world.queue.row(i).tries == 2);
  CHECK(world.queue.row(1).attempt(1).is_refunded);
  CHECK_FALSE(world.queue.row(3).attempt(1).is_refunded);
}

TEST_CASE("a claim whose commit is in doubt calls nothing; its rows come back when their lease is over") {
  World world({}, short_lease());
  world.queue.add(1);
  world.queue.faults = {{At::kClaim, FaultKind::kCommitInDoubt, true}};
  const SteadyInstant start = world.now();
  CHECK(world.turn_until_all_ended());
  CHECK(world.caller.begun.size() == 1);
  CHECK(world.queue.row(1).attempt(2).granted >= start + 15s);
}

TEST_CASE("a queue that is away is waited for: calls in flight go on, their endings are kept, and readiness says why") {
  World world;
  for (int i = 1; i <= 3; ++i) world.queue.add(i);
  world.turn();
  world.queue.weather = [](At at) { return std::optional(QueueFault{at}); };
  const SteadyInstant start = world.now();
  CHECK(world.turn_until([&] { return world.now() > start + 20s; }));
  CHECK(world.deliverer->in_hand() == 3);
  CHECK(world.health.reasons().contains("queue"));
  CHECK(world.queue.reports < 20);  // with pauses that grow
  world.queue.weather = {};
  CHECK(world.turn_until_all_ended());
  CHECK(world.caller.begun.size() == 3);
  CHECK(world.health.is_ready());
}

TEST_CASE("a queue that waiting does not mend ends the deliverer with its fault") {
  for (const At at : {At::kClaim, At::kReport}) {
    World world;
    world.queue.add(1);
    world.queue.weather = [at](At now) { return now == at ? std::optional(QueueFault{now, FaultKind::kPgSchema}) : std::nullopt; };
    Result<void> outcome{};
    for (int i = 0; i < 5 && outcome; ++i) outcome = world.deliverer->turn();
    REQUIRE_FALSE(outcome.has_value());
    CHECK(outcome.error().kind == FaultKind::kPgSchema);
  }
}

TEST_CASE("a claim that Postgres refuses for its data is tried a few times, and then ends the deliverer") {
  World world;
  world.queue.weather = [](At at) { return std::optional(QueueFault{at, FaultKind::kPgValue}); };
  Result<void> outcome{};
  int turns = 0;
  while (outcome && turns < 1'000) {
    outcome = world.deliverer->turn();
    ++turns;
  }
  REQUIRE_FALSE(outcome.has_value());
  CHECK(world.queue.asked.size() == kFewTries);
}

TEST_CASE("a report that Postgres refuses is singled out, replaced by a refusal, and holds up no other report") {
  World world;
  for (int i = 1; i <= 5; ++i) world.queue.add(i);
  world.queue.unwritable = {row_id(3)};
  CHECK(world.turn_until_all_ended());
  CHECK(world.caller.begun.size() == 5);
  for (const int i : {1, 2, 4, 5}) CHECK(world.queue.row(i).end == Row::End::kAccepted);
  CHECK(world.queue.row(3).end == Row::End::kRefused);
  CHECK(world.queue.row(3).reason == "its ending (accepted) could not be written: pg_value");
}

TEST_CASE("a claim that took longer than its tokens hold calls nothing: its jobs are given back") {
  World world;
  world.queue.add(1);
  world.queue.latency = 1'500ms;
  world.turn();
  CHECK(world.caller.begun.empty());
  world.queue.latency = 0us;
  CHECK(world.turn_until_all_ended());
  CHECK(world.queue.row(1).attempts.size() == 1);
  CHECK(world.queue.row(1).tries == 1);
}

TEST_CASE("a worker that stood still for longer than its lease writes nothing under its old claim") {
  World world({}, short_lease());
  FakeCaller second_caller(world.clock);
  world.watch(second_caller);
  const auto second = world.make_deliverer(second_caller);
  world.queue.add(1);
  world.turn();
  REQUIRE(world.caller.begun.size() == 1);
  world.caller.live.begin()->second.ending = http::Answer{500, {}, ""};
  // The answer came within the lease, and nobody took it: the first worker stands still.
  auto still = std::move(world.caller.live);
  world.caller.live.clear();
  world.clock.advance(15s);
  for (int i = 0; i < 6 && world.queue.row(1).end == Row::End::kNone; ++i) REQUIRE(second->turn().has_value());
  CHECK(world.queue.row(1).end == Row::End::kAccepted);
  world.caller.live = std::move(still);
  CHECK(world.turn_until([&] { return world.deliverer->is_idle(); }));
  CHECK(world.queue.row(1).end == Row::End::kAccepted);
  CHECK(world.queue.stale == 1);
  CHECK(world.broken.empty());
}

TEST_CASE("while a worker holds a row, no other worker calls for that row") {
  World world({}, short_lease());
  FakeCaller second_caller(world.clock);
  world.watch(second_caller);
  const auto second = world.make_deliverer(second_caller);
  for (int i = 1; i <= 30; ++i) world.queue.add(i);
  world.caller.corked = true;
  for (int i = 0; i < 200 && !world.queue.all_ended(); ++i) {
    world.turn();
    REQUIRE(second->turn().has_value());
    if (i == 20) world.caller.corked = false;
  }
  CHECK(world.queue.all_ended());
  CHECK(world.broken.empty());
}
