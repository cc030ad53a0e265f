// Loops that stand in for a consumer and what works beside it, each told by the test when to end and how.
#include "common/process/side_by_side.hpp"

#include "common/process/pulse.hpp"
#include "tests/unit/process/sample.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>

using namespace weir;
using namespace weir::process;
using sample::Start;

namespace {

constexpr Milliseconds kSoon{60'000};

/// A loop that turns until it is told to stop.
Result<void> until_stopped(Context& context) {
  context.health.started();
  REQUIRE(context.stop.wait(kSoon));
  return {};
}

Loop named(std::string name, std::function<Result<void>(Context&)> run) { return {std::move(name), std::move(run)}; }

}  // namespace

TEST_CASE("one stop ends all loops, each when it has drained") {
  Start start;
  std::atomic<int> drained{0};
  std::latch running(2);
  const auto loop = [&](Context& context) -> Result<void> {
    running.count_down();
    const auto ended = until_stopped(context);
    ++drained;
    return ended;
  };
  const std::array loops{named("consumer", loop), named("delivery", loop)};
  std::thread operator_stops([&] {
    running.wait();
    start.stop.stop();
  });
  CHECK(run_side_by_side(start.context, loops).has_value());
  operator_stops.join();
  CHECK(drained == 2);
  CHECK(start.health.is_ready());
}

TEST_CASE("the first fault stops the other loops and is the answer, whatever they end with") {
  Start start;
  const std::array loops{
      named("consumer",
            [](Context& context) -> Result<void> {
              REQUIRE(context.stop.wait(kSoon));
              return fail(FaultKind::kIo, "what was in hand could not be finished");
            }),
      named("delivery", [](Context&) -> Result<void> { return fail(FaultKind::kPgRefused, "no right to the queue", "grant it"); }),
      named("recomputation", [](Context& context) -> Result<void> {
        REQUIRE(context.stop.wait(kSoon));
        return fail(FaultKind::kCancelled, "stopped while waiting for Postgres");
      })};
  const auto ended = run_side_by_side(start.context, loops);
  REQUIRE_FALSE(ended.has_value());
  CHECK(ended.error().kind == FaultKind::kPgRefused);
  CHECK(ended.error().line() == "delivery: no right to the queue (grant it)");
  CHECK_FALSE(start.stop.stopped());
  CHECK(start.health.reasons().at("stop") == "delivery has ended: delivery: no right to the queue (grant it)");
  CHECK(start.log.lines.size() == 2);  // the fault of the drain is told as well, that of the stop is none
}

TEST_CASE("a loop that ends before it is told to is a bug, and so is one that throws") {
  Start start;
  const auto outcome_of = [&](std::function<Result<void>(Context&)> run) {
    const std::array loops{named("consumer", until_stopped), named("delivery", std::move(run))};
    const auto ended = run_side_by_side(start.context, loops);
    REQUIRE_FALSE(ended.has_value());
    CHECK(ended.error().exit_code() == ExitCode::kBug);
    return ended.error().message;
  };
  CHECK(outcome_of([](Context&) -> Result<void> { return {}; }) == "delivery: ended without being told to");
  CHECK(outcome_of([](Context&) -> Result<void> { throw std::runtime_error("no such key"); }) ==
        "delivery: unexpected exception: no such key");
}

TEST_CASE("the process is ready once every loop is, and two loops name the same condition") {
  Start start;
  start.health.starting();
  std::latch both_unready(2);
  std::latch looked(1);
  const auto loop = [&](Context& context) -> Result<void> {
    context.health.not_ready("postgres", "connection refused");
    both_unready.count_down();
    looked.wait();
    context.health.ready("postgres");
    return until_stopped(context);
  };
  const std::array loops{named("consumer", loop), named("delivery", loop)};
  std::map<std::string, std::string> unready;
  std::thread observer([&] {
    both_unready.wait();
    unready = start.health.reasons();
    looked.count_down();
    start.stop.stop();
  });
  CHECK(run_side_by_side(start.context, loops).has_value());
  observer.join();
  const std::string yet = "it has not begun its work yet";
  CHECK(unready == std::map<std::string, std::string>{{"consumer.postgres", "connection refused"},
                                                      {"consumer.start", yet},
                                                      {"delivery.postgres", "connection refused"},
                                                      {"delivery.start", yet}});
  CHECK(start.health.is_ready());
}

TEST_CASE("the process beats while all loops do: one that turns does not hide one that is stuck") {
  Start start;
  int beats = 0;
  start.context.beat = [&] { ++beats; };
  std::latch both_beat(1);
  std::latch seen_stuck(1);
  const std::array loops{named("stuck",
                               [&](Context& context) -> Result<void> {
                                 context.beat();
                                 both_beat.count_down();
                                 seen_stuck.wait();
                                 context.beat();
                                 return until_stopped(context);
                               }),
                         named("turns", [&](Context& context) -> Result<void> {
                           both_beat.wait();
                           context.beat();
                           start.clock.passed += Pulse::kLimit + Milliseconds{1};
                           context.beat();
                           seen_stuck.count_down();
                           return until_stopped(context);
                         })};
  std::thread observer([&] {
    seen_stuck.wait();
    start.stop.stop();
  });
  CHECK(run_side_by_side(start.context, loops).has_value());
  observer.join();
  CHECK(beats == 3);
}
