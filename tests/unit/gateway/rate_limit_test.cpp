// The token bucket over time that is given to it.
#include "producers/gateway/rate_limit.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <vector>

using namespace std::chrono_literals;
namespace gateway = weir::gateway;
using gateway::Bucket;
using gateway::Rate;
using gateway::take;
using weir::SteadyInstant;

namespace {

constexpr Rate kHundredInQuarter{100, std::chrono::minutes{15}};
const SteadyInstant kStart{std::chrono::hours{1'000}};

}  // namespace

TEST_CASE("a full bucket gives all its tokens at once, then one each interval") {
  Bucket bucket;
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
  Bucket bucket;
  for (int turn = 0; turn < 100; ++turn) REQUIRE(take(bucket, kHundredInQuarter, kStart).allowed);
  const auto refused = take(bucket, kHundredInQuarter, kStart + 2s);
  CHECK(refused.retry_after == 7s);
  CHECK(refused.reset_after == 15min - 2s);
  CHECK(refused.remaining == 0);
  CHECK(take(bucket, kHundredInQuarter, kStart + 2s + refused.retry_after).allowed);
}

TEST_CASE("no rate is no limit") {
  Bucket bucket;
  for (int turn = 0; turn < 1'000; ++turn) REQUIRE(take(bucket, Rate{}, kStart).allowed);
}

TEST_CASE("whatever the order of requests: never more than the depth plus what time brings, and waiting as told is enough") {
  CHECK(rc::check([](std::vector<std::uint32_t> pauses_ms) {
    const Rate rate{5, 1'000ms};
    Bucket bucket;
    SteadyInstant now = kStart;
    std::int64_t allowed = 0;
    for (const std::uint32_t pause : pauses_ms) {
      now += std::chrono::milliseconds(pause % 700);
      Bucket before = bucket;
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

TEST_CASE("buckets are apart by name and bounded: full ones make room first") {
  gateway::RateTable table(2);
  const Rate one{1, 10s};
  CHECK(table.take("a", one, kStart).allowed);
  CHECK(table.take("b", one, kStart + 8s).allowed);
  CHECK_FALSE(table.take("a", one, kStart + 8s).allowed);
  CHECK(table.take("c", one, kStart + 10s).allowed);  // "a" is full again and goes
  CHECK(table.size() == 2);
  CHECK_FALSE(table.take("b", one, kStart + 10s).allowed);
  CHECK(table.take("d", one, kStart + 10s).allowed);
  CHECK(table.size() == 2);
}

TEST_CASE("an address is an IPv4 address or the /64 of an IPv6 one") {
  CHECK(gateway::address_bucket("192.0.2.1") == "192.0.2.1");
  CHECK(gateway::address_bucket("2001:db8:1:2::1") == gateway::address_bucket("2001:db8:1:2:ffff::9"));
  CHECK(gateway::address_bucket("2001:db8:1:2::1") != gateway::address_bucket("2001:db8:1:3::1"));
  CHECK(gateway::address_bucket("fe80::1%eth0") == gateway::address_bucket("fe80::2"));
}
