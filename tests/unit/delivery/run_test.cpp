// A deliverer as a loop of a process.
#include "common/delivery/run.hpp"

#include "tests/unit/delivery/world.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::delivery;
using weir::testing::Row;
using weir::testing::status_after;
using weir::testing::World;

namespace {

/// Told to stop as soon as a call is in flight.
Running until_a_call(World& world, Microseconds drain_time, int& beats) {
  return {world.clock, [&world] { return !world.caller.live.empty(); }, [&beats] { ++beats; }, drain_time};
}

}  // namespace

TEST_CASE("a deliverer that is told to stop finishes the calls in flight and claims nothing more") {
  World world;
  int beats = 0;
  world.queue.add(1);
  world.caller.answers = [&](const http::Call&) { return status_after(200, 3s); };
  CHECK(run(*world.deliverer, until_a_call(world, 10s, beats)).has_value());
  CHECK(world.queue.row(1).end == Row::End::kAccepted);
  CHECK(beats > 1);
}

TEST_CASE("a call that does not end within the drain time is left without an answer") {
  World world;
  int beats = 0;
  world.queue.add(1);
  world.caller.corked = true;
  const SteadyInstant start = world.now();
  CHECK(run(*world.deliverer, until_a_call(world, 2s, beats)).has_value());
  CHECK(world.now() - start == 2s);
  CHECK(world.queue.row(1).attempt(1).verdict.empty());
}

TEST_CASE("a fault of the queue ends the loop") {
  World world;
  int beats = 0;
  world.queue.faults = {{weir::testing::QueueFault::At::kClaim, FaultKind::kPgRefused}};
  const Result<void> outcome = run(*world.deliverer, until_a_call(world, 2s, beats));
  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().kind == FaultKind::kPgRefused);
}
