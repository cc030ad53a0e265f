// How long an answer about a key is used.
#include "producers/gateway/key_cache.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
namespace gateway = weir::gateway;
using gateway::Freshness;
using gateway::KeyCache;
using gateway::KeyHash;
using weir::SteadyInstant;

namespace {

const SteadyInstant kStart{std::chrono::hours{1'000}};

KeyHash hash(std::uint8_t first) {
  KeyHash out{};
  out[0] = first;
  return out;
}

gateway::KnownKey key() { return std::make_shared<const gateway::ApiKey>(); }

}  // namespace

TEST_CASE("a known key is used, then also refreshed, then asked for; without Postgres it is used for the grace") {
  KeyCache cache({});
  CHECK(cache.find(hash(1), kStart).freshness == Freshness::kAsk);
  cache.put(hash(1), key(), kStart);
  CHECK(cache.find(hash(1), kStart + 3'999ms).freshness == Freshness::kUse);
  CHECK(cache.find(hash(1), kStart + 4s).freshness == Freshness::kUseAndRefresh);
  CHECK(cache.find(hash(1), kStart + 7'999ms).key != nullptr);
  CHECK(cache.find(hash(1), kStart + 8s).freshness == Freshness::kAsk);
  CHECK(cache.find(hash(1), kStart + 8s).key == nullptr);
  CHECK(cache.in_grace(hash(1), kStart + 299s) != nullptr);
  CHECK(cache.in_grace(hash(1), kStart + 300s) == nullptr);
}

TEST_CASE("whatever the limits, no answer is used for 10 seconds, so that a revocation is seen within them") {
  const gateway::CacheLimits limits;
  CHECK(limits.usable < 10s);
  CHECK(limits.refresh < limits.usable);
  CHECK(limits.unknown < 10s);
}

TEST_CASE("a key that does not exist is remembered for a short time and has no grace") {
  KeyCache cache({});
  cache.put(hash(1), nullptr, kStart);
  CHECK(cache.find(hash(1), kStart + 3s).freshness == Freshness::kUse);
  CHECK(cache.find(hash(1), kStart + 3s).key == nullptr);
  CHECK(cache.find(hash(1), kStart + 4s).freshness == Freshness::kAsk);
  CHECK(cache.in_grace(hash(1), kStart + 1s) == nullptr);
}

TEST_CASE("a key that was deleted is no longer known, one that was made is no longer unknown") {
  KeyCache cache({});
  cache.put(hash(1), key(), kStart);
  cache.put(hash(1), nullptr, kStart + 1s);
  CHECK(cache.in_grace(hash(1), kStart + 2s) == nullptr);
  CHECK(cache.known() == 0);
  cache.put(hash(1), key(), kStart + 2s);
  CHECK(cache.find(hash(1), kStart + 3s).key != nullptr);
  CHECK(cache.unknown() == 0);
}

TEST_CASE("both shelves are bounded, and guessed keys push out no real one") {
  gateway::CacheLimits limits;
  limits.max_known = 2;
  limits.max_unknown = 2;
  KeyCache cache(limits);
  cache.put(hash(1), key(), kStart);
  for (std::uint8_t guess = 100; guess < 120; ++guess) cache.put(hash(guess), nullptr, kStart);
  CHECK(cache.unknown() == 2);
  CHECK(cache.find(hash(1), kStart).key != nullptr);
  cache.put(hash(2), key(), kStart);
  cache.put(hash(1), key(), kStart + 1s);  // newer now than the second
  cache.put(hash(3), key(), kStart + 1s);
  CHECK(cache.known() == 2);
  CHECK(cache.find(hash(1), kStart + 1s).key != nullptr);
  CHECK(cache.find(hash(2), kStart + 1s).key == nullptr);
}
