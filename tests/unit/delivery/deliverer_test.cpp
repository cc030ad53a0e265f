// A deliverer's turns: what it claims, calls and reports.
#include "common/delivery/deliverer.hpp"

#include "tests/unit/delivery/world.hpp"

#include <doctest/doctest.h>
#include <algorithm>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::delivery;
using weir::testing::FakeCaller;
using weir::testing::paused_after;
using weir::testing::Row;
using weir::testing::row_id;
using weir::testing::status_after;
using weir::testing::unanswered;
using weir::testing::World;
using Receiver = weir::http::NoAnswer::Receiver;

namespace {

Terms batches_of(std::size_t jobs) {
  Terms terms;
  terms.jobs_in_a_call = jobs;
  terms.linger = 1s;
  return terms;
}

}  // namespace

TEST_CASE("a row that is due is claimed, called once and reported, and its attempt is committed before the call") {
  World world;
  world.queue.add(1);
  CHECK(world.turn_until_all_ended());
  CHECK(world.broken.empty());
  CHECK(world.caller.begun.size() == 1);
  CHECK(world.queue.row(1).end == Row::End::kAccepted);
  CHECK(world.queue.row(1).attempt(1).verdict == "accepted");
  CHECK(world.deliverer->is_idle());
}

TEST_CASE("a ring wakes the deliverer at once; without a ring the queue is asked after the longest rest") {
  World world;
  world.turn(2);
  const SteadyInstant idle = world.now();
  world.queue.add(1);
  SUBCASE("rung") {
    world.deliverer->ring();
    world.turn();
    CHECK(world.now() == idle);
    CHECK(world.caller.begun.size() == 1);
  }
  SUBCASE("not rung") {
    CHECK(world.turn_until([&] { return !world.caller.begun.empty(); }));
    CHECK(world.now() - idle <= 1s);
  }
}

TEST_CASE("a ring for a channel asks that channel alone") {
  Limits limits;
  limits.channels = {{"main", 8, {"fake"}}, {"other", 8, {"fake"}}};
  World world({}, limits);
  world.turn(3);
  const std::size_t asked = world.queue.asked.size();
  world.queue.add(1).channel = "other";
  world.deliverer->ring("nowhere");
  world.deliverer->ring("other");
  CHECK(world.turn_until([&] { return !world.caller.begun.empty(); }));
  for (int i = 0; i < 2; ++i) REQUIRE(world.deliverer->turn(0ms).has_value());
  REQUIRE(world.queue.asked.size() == asked + 1);
  CHECK(world.queue.asked.back().channel == "other");
}

TEST_CASE("when calls end, a channel is asked again where its last claim left something for lack of room, and not otherwise") {
  Limits limits;
  limits.gather = 10ms;
  Terms terms;
  terms.calls_of_an_account = 2;
  World world(terms, limits);
  world.queue.add(1);
  SUBCASE("nothing was left") {
    world.turn(2);
    const std::size_t asked = world.queue.asked.size();
    CHECK(world.turn_until([&] { return world.queue.all_ended(); }));
    for (int i = 0; i < 2; ++i) REQUIRE(world.deliverer->turn(100ms).has_value());
    CHECK(world.queue.asked.size() == asked);
  }
  SUBCASE("something was left") {
    const SteadyInstant began = world.now();
    for (int i = 2; i <= 3; ++i) world.queue.add(i);
    CHECK(world.turn_until([&] { return world.caller.begun.size() == 3; }));
    CHECK(world.now() - began <= 50ms);
  }
}

TEST_CASE("endings wait a little for others while calls are in flight, and are reported at once where nothing more will come") {
  Limits limits;
  limits.gather = 10ms;
  World world({}, limits);
  for (int i = 1; i <= 3; ++i) world.queue.add(i);
  world.caller.answers = [](const http::Call& call) {
    const Uuid id = weir::testing::jobs_of(call).front().id;
    return status_after(200, id == row_id(1) ? 20ms : id == row_id(2) ? 25ms : 500ms);
  };
  const SteadyInstant began = world.now();
  SUBCASE("gathered") {
    CHECK(world.turn_until([&] { return world.queue.row(1).end != Row::End::kNone; }));
    CHECK(world.now() - began == 30ms);
    CHECK(world.queue.row(2).end == Row::End::kAccepted);
    CHECK(world.queue.reports == 1);
    CHECK(world.turn_until_all_ended());
    CHECK(world.now() - began == 500ms);
    CHECK(world.queue.reports == 2);
  }
  SUBCASE("enough of them") {
    world.limits.most_gathered = 1;
    world.restart();
    CHECK(world.turn_until([&] { return world.queue.row(1).end != Row::End::kNone; }));
    CHECK(world.now() - began == 20ms);
  }
  SUBCASE("a ring is heeded at once, and is no reason to report") {
    CHECK(world.turn_until([&] { return world.now() - began >= 20ms; }));
    const std::size_t asked = world.queue.asked.size();
    world.deliverer->ring();
    world.turn();
    CHECK(world.now() - began == 20ms);
    CHECK(world.queue.asked.size() == asked + 1);
    CHECK(world.queue.row(1).end == Row::End::kNone);
  }
  CHECK(world.broken.empty());
}

TEST_CASE("while calls are in flight a channel is asked again after a little time") {
  Limits limits;
  limits.gather = 10ms;
  World world({}, limits);
  world.queue.add(1);
  world.queue.add(2).due = world.now() + 3ms;
  const SteadyInstant began = world.now();
  world.caller.answers = [](const http::Call&) { return status_after(200, 500ms); };
  CHECK(world.turn_until([&] { return world.caller.begun.size() == 2; }));
  CHECK(world.now() - began == 10ms);
}

TEST_CASE("a claim takes no more than a channel has room for, and no more than it may at a time") {
  Limits limits;
  limits.channels = {{"main", 8, {"fake"}, 3}};
  Terms terms;
  terms.calls_of_an_account = 100;
  World world(terms, limits);
  for (int i = 1; i <= 20; ++i) world.queue.add(i);
  world.turn(3);
  REQUIRE(world.queue.asked.size() == 3);
  CHECK(world.queue.asked[0].most == 3);
  CHECK(world.queue.asked[2].most == 2);
  world.caller.answers = [](const http::Call&) { return status_after(200, 1ms); };
  CHECK(world.turn_until_all_ended());
  CHECK(world.broken.empty());
}

TEST_CASE("a row that is due later is claimed when due, and the queue is not asked meanwhile") {
  World world;
  world.queue.add(1).due = world.now() + 300ms;
  CHECK(world.turn_until([&] { return !world.caller.begun.empty(); }));
  CHECK(world.queue.asked.size() == 2);
  CHECK(world.queue.row(1).attempt(1).granted == world.queue.row(1).due);
}

TEST_CASE("jobs of the same account share a call, and jobs of different accounts never do") {
  World world(batches_of(10));
  for (int i = 1; i <= 25; ++i) world.queue.add(i);
  for (int i = 26; i <= 30; ++i) world.queue.add(i).account = "fake:2";
  CHECK(world.turn_until_all_ended());
  CHECK(world.broken.empty());
  std::vector<std::size_t> sizes;
  for (const auto& call : world.caller.begun) sizes.push_back(weir::testing::jobs_of(call).size());
  std::sort(sizes.begin(), sizes.end());
  CHECK(sizes == std::vector<std::size_t>{5, 5, 10, 10});
}

TEST_CASE("a batch that is refused says nothing of its members: each goes alone, with its try unspent") {
  World world(batches_of(10));
  for (int i = 1; i <= 3; ++i) world.queue.add(i);
  world.caller.answers = [](const http::Call& call) {
    const auto jobs = weir::testing::jobs_of(call);
    const bool has_bad = std::any_of(jobs.begin(), jobs.end(), [](const auto& job) { return job.id == row_id(2); });
    return status_after(has_bad ? 400 : 200);
  };
  CHECK(world.turn_until_all_ended());
  CHECK(world.queue.row(1).end == Row::End::kAccepted);
  CHECK(world.queue.row(2).end == Row::End::kRefused);
  CHECK(world.queue.row(3).end == Row::End::kAccepted);
  CHECK(world.caller.begun.size() == 4);
  CHECK(world.queue.row(1).tries == 1);
}

TEST_CASE("a failed job is tried again 1, 2 and 4 seconds after the end of each call, and then used up") {
  World world;
  world.queue.add(1);
  world.caller.answers = [&](const http::Call& call) {
    return status_after(weir::testing::jobs_of(call).front().id == row_id(1) ? 500 : 200);
  };
  std::vector<SteadyInstant> calls;
  int others = 100;
  // Other jobs that are accepted show that the account works.
  while (!world.queue.all_ended() || calls.size() < 4) {
    const std::size_t before = world.caller.begun.size();
    world.turn();
    for (std::size_t i = before; i < world.caller.begun.size(); ++i) {
      if (weir::testing::jobs_of(world.caller.begun[i]).front().id == row_id(1)) {
        calls.push_back(world.now());
        world.queue.add(++others).due = world.now() + 100ms;
      }
    }
    REQUIRE(world.now() < SteadyInstant::max());
    REQUIRE(calls.size() <= 4);
    if (calls.size() == 4 && world.queue.row(1).end != Row::End::kNone) break;
  }
  REQUIRE(calls.size() == 4);
  CHECK(calls[1] - calls[0] == 1s + 20ms);
  CHECK(calls[2] - calls[1] == 2s + 20ms);
  CHECK(calls[3] - calls[2] == 4s + 20ms);
  CHECK(world.queue.row(1).end == Row::End::kUsedUp);
  CHECK(world.broken.empty());
}

TEST_CASE("the delay of a retry counts from the end of the failed call, although its report comes late") {
  World world;
  world.queue.add(1);
  world.caller.next = {status_after(500)};
  world.turn(2);
  world.queue.faults.assign(3, {weir::testing::QueueFault::At::kReport});
  CHECK(world.turn_until([&] { return world.queue.row(1).tries == 1; }));
  const SteadyInstant ended = world.queue.row(1).attempt(1).granted + 20ms;
  CHECK(world.queue.row(1).due <= ended + 1s + 1ms);
}

TEST_CASE("an account that asks to wait is not called before the time that the account said, while other accounts are") {
  World world;
  for (int i = 1; i <= 20; ++i) world.queue.add(i);
  world.queue.add(21).account = "fake:2";
  world.caller.next = {paused_after(429, "30")};
  const SteadyInstant start = world.now();
  CHECK(world.turn_until([&] { return world.queue.row(21).end == Row::End::kAccepted; }));
  CHECK(world.now() - start < 1s);
  const std::size_t before = world.caller.begun.size();
  CHECK(world.turn_until([&] { return world.caller.begun.size() > before; }));
  CHECK(world.now() - start >= 30s);
  CHECK(world.turn_until_all_ended());
  for (int i = 1; i <= 20; ++i) CHECK(world.queue.row(i).tries == 1);
}

TEST_CASE("rows that wait for an account at rest are not claimed and given back again and again") {
  World world;
  for (int i = 1; i <= 100; ++i) world.queue.add(i);
  world.caller.answers = [](const http::Call&) { return paused_after(401, "60"); };
  const SteadyInstant start = world.now();
  CHECK(world.turn_until([&] { return world.now() > start + 59s; }, 70s));
  std::size_t attempts = 0;
  for (const auto& [id, row] : world.queue.rows) attempts += row.attempts.size();
  CHECK(attempts == 8);  // the calls that were in flight when the first was told to wait
  CHECK(world.queue.reports <= 2);
}

TEST_CASE("an hour's outage uses up no job, and each job is delivered once the outage is over") {
  for (const auto& ending : {status_after(500), unanswered(Receiver::kUntouched), unanswered(Receiver::kInDoubt, 1h)}) {
    World world;
    for (int i = 1; i <= 40; ++i) world.queue.add(i);
    world.caller.answers = [&](const http::Call&) { return ending; };
    const SteadyInstant start = world.now();
    CHECK(world.turn_until([&] { return world.now() > start + 1h; }, 2h));
    for (const auto& [id, row] : world.queue.rows) CHECK(row.end == Row::End::kNone);
    world.caller.answers = [](const http::Call&) { return status_after(200); };
    CHECK(world.turn_until_all_ended(5min));
    for (const auto& [id, row] : world.queue.rows) {
      CHECK(row.end == Row::End::kAccepted);
      CHECK(row.tries <= 3);
    }
    CHECK(world.caller.begun.size() < 300);
  }
}

TEST_CASE("an account that hangs leaves other accounts their room") {
  Limits limits;
  limits.channels = {{"main", 20, {"fake"}}};
  World world({}, limits);
  for (int i = 1; i <= 50; ++i) world.queue.add(i);
  world.caller.answers = [](const http::Call& call) {
    return call.url == "https://fake:1" ? unanswered(Receiver::kInDoubt, 1h) : status_after(200);
  };
  world.turn(3);
  CHECK(world.caller.live.size() == 8);
  for (int i = 51; i <= 60; ++i) world.queue.add(i).account = "fake:2";
  const SteadyInstant start = world.now();
  world.deliverer->ring();
  CHECK(world.turn_until([&] { return world.queue.row(60).end == Row::End::kAccepted; }));
  CHECK(world.now() - start < 100ms);
}

TEST_CASE("a channel that is full leaves other channels their room") {
  Limits limits;
  limits.channels = {{"main", 4, {"fake"}}, {"other", 4, {"fake"}}};
  World world({}, limits);
  for (int i = 1; i <= 10; ++i) world.queue.add(i);
  for (int i = 11; i <= 14; ++i) {
    world.queue.add(i).channel = "other";
    world.queue.row(i).account = "fake:2";
  }
  world.caller.answers = [](const http::Call& call) { return status_after(200, call.url == "https://fake:1" ? 9s : 1s); };
  CHECK(world.turn_until([&] { return world.queue.row(14).end == Row::End::kAccepted; }));
  CHECK(world.queue.row(1).end == Row::End::kNone);
  CHECK(world.caller.live.size() == 4);
}

TEST_CASE("a job for which no call can be made is refused, and those that shared its batch go on") {
  World world(batches_of(10));
  for (int i = 1; i <= 3; ++i) world.queue.add(i);
  world.provider.uncallable = {row_id(2)};
  CHECK(world.turn_until_all_ended());
  CHECK(world.queue.row(2).end == Row::End::kRefused);
  CHECK(world.queue.row(2).reason == "no address");
  CHECK(world.queue.row(1).end == Row::End::kAccepted);
  CHECK(world.caller.begun.size() == 2);
}

TEST_CASE("no call begins for a job that has expired since it was claimed") {
  World world(batches_of(2));
  world.caller.answers = [](const http::Call&) { return status_after(200, 3s); };
  world.queue.add(1);
  world.turn();
  world.queue.add(2).expires = world.now() + 500ms;
  world.deliverer->ring();
  CHECK(world.turn_until_all_ended());
  CHECK(world.broken.empty());
  CHECK(world.caller.begun.size() == 1);
  CHECK(world.queue.row(2).end == Row::End::kExpired);
  CHECK(world.queue.row(2).attempts.empty());
}

TEST_CASE("a drained deliverer claims nothing more, gives back jobs that have not begun, and reports calls in flight") {
  Limits limits;
  limits.channels = {{"main", 256, {"fake"}}};
  World world(batches_of(2), limits);
  world.queue.add(1);
  world.turn(1);
  world.queue.add(2);
  world.deliverer->ring();
  world.turn(1);  // the second lingers beside the first one's call
  CHECK(world.deliverer->in_hand() == 2);
  world.deliverer->drain();
  world.queue.add(3);
  CHECK(world.turn_until([&] { return world.deliverer->is_idle(); }));
  CHECK(world.queue.row(1).end == Row::End::kAccepted);
  CHECK(world.queue.row(2).attempts.empty());
  CHECK(world.queue.row(2).end == Row::End::kNone);
  CHECK(world.queue.row(3).attempts.empty());
}

TEST_CASE("a channel without its provider, or a call that may outlast the lease, is a fault of configuration") {
  World world;
  const auto fault_of = [&](Limits limits) {
    auto made = Deliverer::make(
        {"test", world.queue, world.caller, {{"fake", &world.provider}}, world.clock, world.log, world.metrics, world.health}, limits);
    return made.has_value() ? "" : made.error().message;
  };
  Limits limits;
  limits.channels = {{"main", 1, {"none"}}};
  CHECK(fault_of(limits) == "the channel main names the provider none, which is not there");
  limits.channels = {{"main", 0, {"fake"}}};
  CHECK(fault_of(limits) == "the channel main has no provider, or room for no job");
  limits.channels = {{"main", 1, {"fake"}}};
  limits.lease = 10s;
  CHECK(fault_of(limits) == "a call by fake may take 10s, and a claim is leased for 10s");
}
