// Requests that nobody answers for.
#include "producers/gateway/strangers.hpp"

#include "common/testing/manual_clock.hpp"

#include <doctest/doctest.h>

namespace gateway = weir::gateway;

TEST_CASE("an address may send so many requests without a credential, and is then told to wait, while others are not") {
  const weir::testing::ManualClock clock;
  gateway::Strangers strangers({.rate = {2, std::chrono::minutes{15}}, .max_buckets = 10}, clock);
  CHECK(strangers.refuse("192.0.2.1", "no").status == 401);
  CHECK_FALSE(strangers.check("192.0.2.1").has_value());
  CHECK(strangers.refuse("192.0.2.1", "no").status == 429);
  CHECK(strangers.check("192.0.2.1").value().status == 429);
  CHECK(strangers.refuse("192.0.2.2", "no").status == 401);
}
