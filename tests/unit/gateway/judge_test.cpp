// Trace contexts and valid keys.
#include "producers/gateway/judge.hpp"

#include <doctest/doctest.h>

namespace gateway = weir::gateway;
using weir::Instant;

TEST_CASE("a trace context is read strictly, and a new one is good") {
  CHECK(gateway::is_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  CHECK_FALSE(gateway::is_traceparent(""));
  CHECK_FALSE(gateway::is_traceparent("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  CHECK_FALSE(gateway::is_traceparent("00-00000000000000000000000000000000-b7ad6b7169203331-01"));
  CHECK_FALSE(gateway::is_traceparent("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"));
  CHECK_FALSE(gateway::is_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x"));
}

TEST_CASE("a key is valid until it is revoked or its time has come") {
  gateway::ApiKey key;
  const Instant now{std::chrono::hours{490'000}};
  CHECK_FALSE(gateway::key_refusal(key, now).has_value());
  key.expires_at = now + std::chrono::seconds{1};
  CHECK_FALSE(gateway::key_refusal(key, now).has_value());
  CHECK(gateway::key_refusal(key, *key.expires_at).has_value());
  key.revoked_at = now;
  CHECK(gateway::key_refusal(key, now) == "This API key was revoked.");
}
