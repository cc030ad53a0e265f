// The token bucket over time that is given to it.
#include "common/core/rate_limit.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <vector>

using namespace std::chrono_literals;
using weir::Instant;
using weir::Rate;
using weir::SteadyInstant;
using weir::take;

namespace {

constexpr Rate kHundredInQuarter{100, std::chrono::minutes{15}};
const SteadyInstant kStart{std::chrono::hours{1'000}};

}  // namespace

TEST_CASE("a full bucket gives all its tokens at once, then one each interval") {
  SteadyInstant bucket;
  for (int turn = 0; turn < 100; ++turn) {
    const auto decision = take(bucket, kHundredInQuarter, kStart);
    REQUIRE(decision.allowed);
    REQUIRE(decision.remaining == 99 - turn);
  }
  CHECK_FALSE(take(bucket, kHundredInQuarter, kStart).allowed);
  CHECK_FALSE(take(bucket, kHundredInQuarter, kStart + 9s - 1ns).allowed);
  CHECK(take(bucket, kHundredInQuarter, kStart + 9s).allowed);
  CHECK_FALSE(take(bucket, kHundredInQuarter, kStart + 9s).allowed);
}

TEST_CASE("a refusal says when the next token is due and when the bucket is full, and takes nothing") {
  SteadyInstant bucket;
  for (int turn = 0; turn < 100; ++turn) REQUIRE(take(bucket, kHundredInQuarter, kStart).allowed);
  const auto refused = take(bucket, kHundredInQuarter, kStart + 2s);
  CHECK(refused.retry_after == 7s);
  CHECK(refused.reset_after == 15min - 2s);
  CHECK(refused.remaining == 0);
  CHECK(take(bucket, kHundredInQuarter, kStart + 2s + refused.retry_after).allowed);
}

TEST_CASE("no rate is no limit") {
  SteadyInstant bucket;
  for (int turn = 0; turn < 1'000; ++turn) REQUIRE(take(bucket, Rate{}, kStart).allowed);
}

TEST_CASE("a burst may be smaller than the rate: an hour never passes more than the burst and what the hour brings") {
  const Rate rate{750, std::chrono::hours{1}, 250};
  Instant bucket{};
  Instant now{std::chrono::hours{500'000}};
  const Instant end = now + std::chrono::hours{1};
  int allowed = 0;
  while (now <= end) {
    const auto decision = take(bucket, rate, now);
    allowed += decision.allowed ? 1 : 0;
    now += std::chrono::ceil<weir::Microseconds>(decision.retry_after);
  }
  CHECK(allowed == 1'000);
}

TEST_CASE("a bucket whose clock was set back is empty, and no emptier") {
  const Rate rate{10, 10s};
  SteadyInstant bucket = kStart + 1h;
  const auto refused = take(bucket, rate, kStart);
  CHECK_FALSE(refused.allowed);
  CHECK(refused.retry_after == 1s);
  CHECK(bucket == kStart + 10s);
}

TEST_CASE("no rounding lets more through: a rate that does not divide its time, kept in microseconds") {
  const Rate rate{7, 1s, 1};
  Instant bucket{};
  const Instant start{std::chrono::hours{500'000}};
  Instant now = start;
  int allowed = 0;
  while (now < start + 1'000s) {
    const auto decision = take(bucket, rate, now);
    allowed += decision.allowed ? 1 : 0;
    now += std::chrono::ceil<weir::Microseconds>(decision.retry_after);
  }
  CHECK(allowed <= 7'001);
  CHECK(allowed >= 6'990);
}

TEST_CASE("whatever the order of requests: never more than the depth plus what time brings, and waiting as told is enough") {
  CHECK(rc::check([](std::vector<std::uint32_t> pauses_ms) {
    const Rate rate{5, 1'000ms};
    SteadyInstant bucket;
    SteadyInstant now = kStart;
    std::int64_t allowed = 0;
    for (const std::uint32_t pause : pauses_ms) {
      now += std::chrono::milliseconds(pause % 700);
      SteadyInstant before = bucket;
      const auto decision = take(bucket, rate, now);
      allowed += decision.allowed ? 1 : 0;
      if (!decision.allowed) {
        RC_ASSERT(decision.retry_after > 0ns);
        RC_ASSERT(take(before, rate, now + decision.retry_after).allowed);
      }
      RC_ASSERT(allowed <= 5 + (now - kStart) / 200ms);
    }
  }));
}
