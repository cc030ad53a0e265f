#include "tests/unit/delivery/world.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace weir::testing {

using namespace delivery;

World::World(Terms terms, Limits its_limits, Executors its_executors) : limits(std::move(its_limits)), executors(its_executors) {
  provider.its_terms = terms;
  if (limits.channels.empty()) limits.channels.push_back({"main", 256, {"fake"}});
  watch(caller);
  deliverer = make_deliverer(caller, executors);
}

void World::watch(FakeCaller& its_caller) {
  callers.push_back(&its_caller);
  its_caller.watcher = [this](const http::Call& call) { look_at(call); };
}

std::unique_ptr<Deliverer> World::make_deliverer(FakeCaller& its_caller, Executors its_executors) {
  auto made = Deliverer::make({"test", queue, its_caller, {{"fake", &provider}}, clock, log, metrics, health, its_executors}, limits);
  REQUIRE(made.has_value());
  return *std::move(made);
}

void World::restart() {
  deliverer.reset();
  caller.live.clear();
  deliverer = make_deliverer(caller, executors);
}

void World::turn(int times) {
  for (int i = 0; i < times; ++i) REQUIRE(deliverer->turn().has_value());
}

bool World::turn_until(const std::function<bool()>& done, Microseconds most) {
  constexpr int kMostTurns = 200'000;  // a deliverer that turns without letting time pass would never come to the end
  const SteadyInstant until = now() + most;
  for (int turns = 0; !done(); ++turns) {
    if (now() >= until || turns == kMostTurns || !broken.empty()) return false;
    turn();
  }
  return broken.empty();
}

void World::look_at(const http::Call& call) {
  const auto hold = [&](bool holds, std::string_view what, const CalledJob& job) {
    if (!holds && broken.empty()) broken = fmt::format("{}: {} claim {} attempt {}", what, job.id.text(), job.claim, job.attempt);
  };
  for (const CalledJob& job : jobs_of(call)) {
    const Row& row = queue.rows.at(job.id);
    const auto attempt = row.attempts.find(job.attempt);
    hold(attempt != row.attempts.end() && attempt->second.claim == job.claim && attempt->second.verdict.empty(),
         "the attempt is not committed before its call", job);
    if (attempt == row.attempts.end()) return;
    hold(row.claim == job.claim && row.end == Row::End::kNone, "the call is under a claim that does not stand", job);
    hold(now() + call.timeout <= row.lease_until, "less than the call's timeout is left of the lease", job);
    hold(now() <= attempt->second.granted + limits.begin_within, "the call begins too long after its tokens were granted", job);
    hold(now() <= row.expires, "the call begins after its job has expired", job);
    for (const FakeCaller* each : callers) {
      for (const auto& [id, live] : each->live) {
        if (live.ends <= now()) continue;  // it has ended, and its deliverer has not looked yet
        for (const CalledJob& other : jobs_of(live.call)) hold(other.id != job.id, "two calls of one row are in flight", job);
      }
    }
  }
}

}  // namespace weir::testing
