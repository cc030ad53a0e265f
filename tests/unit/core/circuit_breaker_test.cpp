// A circuit breaker over time that is given to it.
#include "common/core/circuit_breaker.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <vector>

using namespace std::chrono_literals;
using weir::BreakerLimits;
using weir::CircuitBreaker;
using weir::Milliseconds;
using weir::SteadyInstant;
using State = weir::CircuitBreaker::State;

namespace {

const SteadyInstant kStart{std::chrono::hours{1'000}};
constexpr BreakerLimits kLimits{.failures = 3, .rest = {1s, 60s}};

bool fail_at(CircuitBreaker& breaker, SteadyInstant now) { return breaker.failed(breaker.begin(now), now); }

CircuitBreaker opened() {
  CircuitBreaker breaker(kLimits);
  for (int turn = 0; turn < 3; ++turn) (void)fail_at(breaker, kStart);
  return breaker;
}

}  // namespace

TEST_CASE("the breaker opens at the third failure in a row, and that failure is blamed on the service") {
  CircuitBreaker breaker(kLimits);
  CHECK_FALSE(fail_at(breaker, kStart));
  CHECK_FALSE(fail_at(breaker, kStart));
  CHECK(breaker.admits(kStart));
  CHECK(fail_at(breaker, kStart));
  CHECK(breaker.state(kStart) == State::kOpen);
  CHECK_FALSE(breaker.admits(kStart));
  CHECK(breaker.opened_until() == kStart + 1s);
}

TEST_CASE("a success between two failures begins the count anew") {
  CircuitBreaker breaker(kLimits);
  (void)fail_at(breaker, kStart);
  (void)fail_at(breaker, kStart);
  CHECK_FALSE(breaker.is_untroubled());
  breaker.succeeded(breaker.begin(kStart), kStart);
  CHECK(breaker.is_untroubled());
  CHECK_FALSE(fail_at(breaker, kStart));
  CHECK_FALSE(fail_at(breaker, kStart));
  CHECK(breaker.state(kStart) == State::kClosed);
}

TEST_CASE("after the rest a single call goes out as a probe, and other calls wait for its ending") {
  CircuitBreaker breaker = opened();
  CHECK_FALSE(breaker.admits(kStart + 1s - 1ns));
  const SteadyInstant now = kStart + 1s;
  CHECK(breaker.state(now) == State::kHalfOpen);
  REQUIRE(breaker.admits(now));
  const auto era = breaker.begin(now);
  CHECK_FALSE(breaker.admits(now + 1h));
  breaker.succeeded(era, now + 2s);
  CHECK(breaker.state(now + 2s) == State::kClosed);
  CHECK(breaker.is_untroubled());
}

TEST_CASE("each probe that fails doubles the rest up to the longest, and a success begins it anew") {
  CircuitBreaker breaker = opened();
  SteadyInstant now = kStart;
  for (const auto rest : {2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    now = *breaker.opened_until();
    CHECK(fail_at(breaker, now));
    CHECK(*breaker.opened_until() - now == rest);
  }
  now = *breaker.opened_until();
  breaker.succeeded(breaker.begin(now), now);
  for (int turn = 0; turn < 3; ++turn) (void)fail_at(breaker, now);
  CHECK(*breaker.opened_until() - now == 1s);
}

TEST_CASE(
    "calls that began before it opened tell nothing about the present: their success does not close it, nor their failure prolong it") {
  CircuitBreaker breaker(kLimits);
  const auto early = breaker.begin(kStart);
  const auto late = breaker.begin(kStart);
  for (int turn = 0; turn < 3; ++turn) (void)fail_at(breaker, kStart);
  breaker.succeeded(early, kStart);
  CHECK(breaker.state(kStart) == State::kOpen);
  CHECK(breaker.failed(late, kStart + 500ms));
  CHECK(breaker.opened_until() == kStart + 1s);
  const SteadyInstant now = kStart + 1s;
  const auto probe = breaker.begin(now);
  CHECK(breaker.failed(late, now));
  breaker.succeeded(probe, now);
  CHECK(breaker.state(now) == State::kClosed);
}

TEST_CASE("a service that asks to wait is not called before the time that the service said, and then by a single probe") {
  CircuitBreaker breaker(kLimits);
  breaker.paused(breaker.begin(kStart), kStart, 90s);
  CHECK_FALSE(breaker.admits(kStart + 90s - 1ns));
  CHECK(breaker.state(kStart + 90s) == State::kHalfOpen);
}

TEST_CASE("a service that asks to wait without saying how long rests 1 s, then twice as long each time, up to a minute") {
  CircuitBreaker breaker(kLimits);
  SteadyInstant now = kStart;
  for (const auto rest : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    breaker.paused(breaker.begin(now), now, std::nullopt);
    CHECK(*breaker.opened_until() - now == rest);
    now = *breaker.opened_until();
  }
}

TEST_CASE("several calls in flight that are all asked to wait count as a single request, the longest of them") {
  CircuitBreaker breaker(kLimits);
  const auto first = breaker.begin(kStart);
  const auto second = breaker.begin(kStart);
  const auto third = breaker.begin(kStart);
  breaker.paused(first, kStart, std::nullopt);
  breaker.paused(second, kStart, std::nullopt);
  CHECK(breaker.opened_until() == kStart + 1s);
  breaker.paused(third, kStart, 5s);
  CHECK(breaker.opened_until() == kStart + 5s);
}

TEST_CASE("an earlier call's request to wait holds although the probe succeeds meanwhile") {
  CircuitBreaker breaker(kLimits);
  const auto early = breaker.begin(kStart);
  for (int turn = 0; turn < 3; ++turn) (void)fail_at(breaker, kStart);
  const SteadyInstant now = kStart + 1s;
  const auto probe = breaker.begin(now);
  breaker.paused(early, now, 10s);
  breaker.succeeded(probe, now);
  CHECK_FALSE(breaker.admits(now + 10s - 1ns));
  CHECK(breaker.admits(now + 10s));
}

TEST_CASE("an earlier call's request to wait holds although the probe fails meanwhile") {
  CircuitBreaker breaker(kLimits);
  const auto early = breaker.begin(kStart);
  for (int turn = 0; turn < 3; ++turn) (void)fail_at(breaker, kStart);
  const SteadyInstant now = kStart + 1s;
  const auto probe = breaker.begin(now);
  breaker.paused(early, now, 10s);
  CHECK(breaker.failed(probe, now));
  CHECK(breaker.opened_until() == now + 10s);
}

TEST_CASE("a probe that was withdrawn before going out lets another probe go") {
  CircuitBreaker breaker = opened();
  const SteadyInstant now = kStart + 1s;
  breaker.withdrawn(breaker.begin(now));
  CHECK(breaker.admits(now));
  CHECK(breaker.state(now) == State::kHalfOpen);
}

TEST_CASE("in every schedule no call begins while the breaker is open, a single call while half open, and every rest ends") {
  const bool held = rc::check([](const std::vector<std::uint8_t>& steps) {
    CircuitBreaker breaker(kLimits);
    SteadyInstant now = kStart;
    std::vector<CircuitBreaker::Era> out;
    std::size_t probes = 0;
    for (const std::uint8_t step : steps) {
      now += Milliseconds{(step >> 3U) * 20};
      const State before = breaker.state(now);
      if (breaker.admits(now)) {
        RC_ASSERT(before != State::kOpen);
        out.push_back(breaker.begin(now));
        probes = before == State::kHalfOpen ? 1 : 0;
        if (before == State::kHalfOpen) RC_ASSERT(!breaker.admits(now));
      } else if (before == State::kHalfOpen) {
        RC_ASSERT(probes == 1U);
      }
      if (out.empty()) continue;
      const auto era = out[step % out.size()];
      out.erase(out.begin() + step % static_cast<std::ptrdiff_t>(out.size()));
      if (step % 4 == 0) breaker.succeeded(era, now);
      if (step % 4 == 1) breaker.paused(era, now, step % 8 == 1 ? std::optional<weir::Microseconds>(3s) : std::nullopt);
      if (step % 4 >= 2) (void)breaker.failed(era, now);
    }
    for (const auto era : out) (void)breaker.failed(era, now);
    RC_ASSERT(breaker.admits(now + 60s));
  });
  CHECK(held);
}
