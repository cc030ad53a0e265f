// Tokens from several buckets at once, over time that is given to them.
#include "common/core/token_grants.hpp"

#include "tests/unit/core/grant_bounds.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <random>
#include <vector>

using namespace std::chrono_literals;
using namespace weir;

namespace {

const Instant kNow{std::chrono::hours{500'000}};
constexpr Rate kMinute{60, std::chrono::minutes{1}, 10};
constexpr Rate kHour{750, std::chrono::hours{1}, 250};

TokenBucket user_bucket() { return {.minute = kMinute, .hour = kHour, .may_be_overdrawn = true, .minute_full_at = {}, .hour_full_at = {}}; }
TokenBucket channel_bucket() { return {.minute = kMinute, .hour = kHour, .minute_full_at = {}, .hour_full_at = {}}; }

std::vector<TokenRequest> requests(std::size_t count, std::vector<std::size_t> buckets, bool may_overdraw = false) {
  return std::vector<TokenRequest>(count, {std::move(buckets), may_overdraw});
}

std::size_t granted(const std::vector<TokenGrant>& grants) {
  return static_cast<std::size_t>(std::count_if(grants.begin(), grants.end(), [](const TokenGrant& grant) { return grant.is_granted; }));
}

}  // namespace

TEST_CASE("a full bucket gives its burst at once, and the refused requests are due at its next tokens, each at another") {
  std::vector buckets{user_bucket()};
  const auto grants = grant_tokens(buckets, requests(14, {0}), kNow);
  CHECK(granted(grants) == 10);
  for (std::size_t i = 10; i < 14; ++i) CHECK(grants[i].due == kNow + (static_cast<int>(i) - 9) * 1s);
}

TEST_CASE("a request takes one token of each of its buckets or none") {
  std::vector buckets{user_bucket(), channel_bucket(), channel_bucket()};
  buckets[1].minute_full_at = kNow + 10s;  // without a token
  auto grants = grant_tokens(buckets, requests(1, {0, 1}), kNow);
  CHECK_FALSE(grants[0].is_granted);
  CHECK(grants[0].due == kNow + 1s);
  CHECK(buckets[0].minute_full_at == kNow);
  grants = grant_tokens(buckets, requests(1, {0, 2}), kNow);
  CHECK(grants[0].is_granted);
  CHECK(buckets[0].minute_full_at == kNow + 1s);
  CHECK(buckets[2].hour_full_at == kNow + 4'800ms);
}

TEST_CASE("a backlog for one destination delays no request of its user for another") {
  std::vector buckets{user_bucket(), channel_bucket(), channel_bucket()};
  buckets[1].minute_full_at = kNow + 10s;
  auto all = requests(1'000, {0, 1});
  all.push_back({{0, 2}, false});
  const auto grants = grant_tokens(buckets, all, kNow);
  CHECK(granted(grants) == 1);
  CHECK(grants.back().is_granted);
  CHECK(grants[999].due == kNow + 750 * 4'800ms);
}

TEST_CASE("a request behind others that wait takes no token of theirs, and is due at the token after theirs") {
  std::vector buckets{user_bucket(), channel_bucket()};
  TokenGranter granter(buckets, kNow);
  CHECK(granter.grant({{0, 1}, false, {9, 0}}).is_granted);
  const TokenGrant refused = granter.grant({{0, 1}, false, {9, 0}});
  CHECK_FALSE(refused.is_granted);
  CHECK(refused.bucket == 0);
  CHECK(refused.due == kNow + 1s);
  CHECK(granter.grant({{0, 1}, false, {}}).is_granted);  // whoever comes first takes what is there
  const TokenGrant last = granter.grant({{0, 1}, false, {10'000, 0}});
  CHECK(last.due > kNow + 12h);  // the hour's rate spaces them
}

TEST_CASE("the hour's rate holds below the minute's") {
  std::vector buckets{user_bucket()};
  buckets[0].hour_full_at = kNow + 250 * 4'800ms;  // without a token
  const auto grants = grant_tokens(buckets, requests(2, {0}), kNow);
  CHECK(granted(grants) == 0);
  CHECK(grants[0].due == kNow + 4'800ms);
  CHECK(grants[1].due == kNow + 9'600ms);
}

TEST_CASE("who waits for the minute's tokens takes the hour's too, so that a long backlog is spaced by the hour") {
  std::vector buckets{user_bucket()};
  const auto grants = grant_tokens(buckets, requests(1'000, {0}), kNow);
  CHECK(granted(grants) == 10);
  CHECK(grants[200].due == kNow + 191s);
  CHECK(grants[998].due == kNow + 749 * 4'800ms);
  CHECK(grants[999].due == kNow + 750 * 4'800ms);
}

TEST_CASE("an urgent request overdraws a bucket that allows it down to its size below none, and no other bucket") {
  std::vector buckets{user_bucket(), channel_bucket()};
  CHECK(granted(grant_tokens(buckets, requests(30, {0}, true), kNow)) == 20);
  const auto later = grant_tokens(buckets, requests(1, {0}), kNow);
  CHECK(later[0].due == kNow + 11s);  // what was overdrawn is paid first
  CHECK(granted(grant_tokens(buckets, requests(30, {1}, true), kNow)) == 10);
}

TEST_CASE("a state that a clock wrote before being set back counts as a bucket without tokens, fully overdrawn where that may be") {
  std::vector buckets{user_bucket(), channel_bucket()};
  for (TokenBucket& bucket : buckets) bucket.minute_full_at = kNow + 1h;
  const auto grants = grant_tokens(buckets, std::vector<TokenRequest>{{{0}, false}, {{1}, false}}, kNow);
  CHECK(grants[0].due == kNow + 11s);
  CHECK(grants[1].due == kNow + 1s);
}

TEST_CASE("no rate is no limit") {
  std::vector buckets{TokenBucket{}};
  CHECK(granted(grant_tokens(buckets, requests(1'000, {0}), kNow)) == 1'000);
}

TEST_CASE("in every schedule no time sees more grants than its rates allow, whichever instance decides") {
  const bool held = rc::check([](std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector buckets{user_bucket(), channel_bucket(), channel_bucket()};
    std::vector<std::vector<Instant>> taken(buckets.size());
    Instant now = kNow;
    for (int turn = 0; turn < 300; ++turn) {
      now += Milliseconds{random() % 3'000};
      std::vector<TokenRequest> asked;
      for (std::uint64_t i = random() % 6; i > 0; --i) asked.push_back({{0, 1 + random() % 2}, random() % 10 == 0});
      const auto grants = grant_tokens(buckets, asked, now);
      for (std::size_t i = 0; i < grants.size(); ++i) {
        RC_ASSERT(grants[i].is_granted == (grants[i].due == now));
        if (!grants[i].is_granted) continue;
        for (const std::size_t bucket : asked[i].buckets) taken[bucket].push_back(now);
      }
    }
    RC_ASSERT(testing::within_rate(taken[0], kMinute, kMinute.at_once()));
    RC_ASSERT(testing::within_rate(taken[0], kHour, kHour.at_once()));
    for (const std::size_t bucket : {1, 2}) {
      RC_ASSERT(testing::within_rate(taken[bucket], kMinute, 0));
      RC_ASSERT(testing::within_rate(taken[bucket], kHour, 0));
    }
  });
  CHECK(held);
}

TEST_CASE("a backlog that comes back when its requests are due is granted without any being refused again, at the full rate") {
  std::vector buckets{user_bucket(), channel_bucket()};
  const std::size_t count = 300;
  auto grants = grant_tokens(buckets, requests(count, {0, 1}), kNow);
  std::vector<Instant> dues;
  for (const TokenGrant& grant : grants) {
    if (!grant.is_granted) dues.push_back(grant.due);
  }
  REQUIRE(dues.size() == count - 10);
  for (const Instant due : dues) CHECK(grant_tokens(buckets, requests(1, {0, 1}), due)[0].is_granted);
  // 250 of the hour's at once, at the minute's rate; then the hour's rate alone.
  CHECK(dues.back() - kNow <= 300 * 4'800ms);
}

TEST_CASE(
    "a clock that is set forward by an hour grants one burst more, and one that is set back delays by no more than a bucket without "
    "tokens") {
  std::vector buckets{channel_bucket()};
  CHECK(granted(grant_tokens(buckets, requests(20, {0}), kNow)) == 10);
  CHECK(granted(grant_tokens(buckets, requests(20, {0}), kNow + 1h)) == 10);
  const auto back = grant_tokens(buckets, requests(1, {0}), kNow);
  CHECK_FALSE(back[0].is_granted);
  CHECK(back[0].due <= kNow + 4'800ms);
}
