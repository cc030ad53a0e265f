// Claims of three processes over one queue, in simulated time and by chance: kills, leases that run out, retries and steps of the clock.
// The queue is in memory; the same is shown over Postgres by the component tests.
#include "tests/unit/core/grant_bounds.hpp"

#include "consumers/notifications/pure/claim_plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::notifications;

namespace {

const Instant kStart{std::chrono::hours{500'000}};
constexpr Microseconds kLease = 5s;
constexpr int kUsers = 3;

Uuid id(std::uint64_t number) {
  Uuid made;
  for (int i = 0; i < 8; ++i) made.bytes.at(15 - static_cast<std::size_t>(i)) = static_cast<std::uint8_t>(number >> (8 * i));
  return made;
}

struct World {
  explicit World(std::uint64_t seed) : random(seed) {
    limits.set(LimitScope::kUser, "", limit_of(60, 3, 750, 30));
    limits.set(LimitScope::kChannel, "", limit_of(60, 3, 750, 30));
  }
  std::uint64_t draw(std::uint64_t below) { return random() % below; }
  [[nodiscard]] Instant clock() const { return true_time + step; }

  void add() {
    QueuedMessage made;
    made.id = id(messages.size() + 1);
    made.organization = {id(draw(2))};
    made.user = UserId{id(draw(kUsers))};
    made.channel = "pusher";
    made.account = "pusher:default";
    made.destination = std::to_string(draw(3));
    made.rank = static_cast<int>(draw(4));
    made.created_at = clock();
    made.due_at = clock();
    made.expires_at = kStart + 24h * 365;
    messages.push_back(made);
  }
  /// Messages of one user, each to a destination of its own.
  void add_backlog(int count) {
    for (int i = 0; i < count; ++i) {
      add();
      QueuedMessage& message = messages.back();
      message.organization = {id(1)};
      message.user = UserId{id(1)};
      message.destination = std::to_string(i);
      message.rank = 2;
    }
  }
  /// What the store gives to the plan: what is due, and the next of the lines that are woken.
  std::vector<std::size_t> candidates() {
    std::vector<std::size_t> due;
    std::vector<std::string> woken;
    for (std::size_t i = 0; i < messages.size() && due.size() < 20; ++i) {
      if (is_done(i) || messages[i].due_at > clock()) continue;
      due.push_back(i);
      if (!messages[i].waits_for.empty()) woken.push_back(messages[i].waits_for);
    }
    std::vector<std::size_t> all = due;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      if (is_done(i) || messages[i].due_at <= clock() || std::ranges::find(woken, messages[i].waits_for) == woken.end()) continue;
      all.push_back(i);
    }
    return all;
  }
  void claim(std::size_t most) {
    const std::vector<std::size_t> places = candidates();
    std::vector<QueuedMessage> asked;
    BucketStates states;
    for (const std::size_t place : places) {
      asked.push_back(messages[place]);
      asked.back().is_spare = messages[place].due_at > clock();
      for (const NeededBucket& each : buckets_of(messages[place], limits)) {
        TokenBucket bucket = buckets[each.key];
        bucket.minute = each.limit.minute;
        bucket.hour = each.limit.hour;
        bucket.may_be_overdrawn = each.scope == LimitScope::kUser;
        states.buckets.emplace(each.key, bucket);
      }
    }
    for (std::size_t i = 0; i < messages.size(); ++i) {
      if (!is_done(i) && !messages[i].waits_for.empty())
        ++states.lines[messages[i].waits_for].at(static_cast<std::size_t>(messages[i].rank));
    }
    const ClaimPlan plan =
        plan_claim(asked, limits, states, {.now = clock(), .most = most, .room = {}, .room_of_others = 100, .after = after});
    after = plan.after;
    for (const auto& [key, bucket] : states.buckets) buckets[key] = bucket;
    for (const std::size_t i : plan.claimed) take(places[i]);
    for (const Deferred& each : plan.deferred) {
      messages[places[each.message]].due_at = each.due;
      messages[places[each.message]].waits_for = each.line;
      ++writes;
    }
    for (const Moved& each : plan.moved) messages[places[each.message]].due_at = each.due;
  }
  void take(std::size_t place) {
    QueuedMessage& message = messages[place];
    for (const NeededBucket& each : buckets_of(message, limits)) {
      if (message.rank != kCriticalRank || each.scope != LimitScope::kUser) granted[each.key].push_back(true_time);
    }
    message.is_granted = true;
    message.waits_for.clear();
    message.due_at = clock() + kLease;
    if (draw(20) == 0) return;  // its process is killed
    if (draw(10) == 0) {
      message.due_at = clock() + 1s;  // a retry
    } else {
      done.push_back(place);
    }
  }
  /// The messages that come first in a line go away, and the next is woken.
  void cancel(std::size_t most) {
    for (std::size_t i = 0; i < messages.size() && most > 0; ++i) {
      if (is_done(i) || messages[i].waits_for.empty()) continue;
      done.push_back(i);
      --most;
    }
    for (std::size_t i = 0; i < messages.size(); ++i) {
      if (is_done(i) || messages[i].waits_for.empty()) continue;
      messages[i].due_at = clock();
      return;
    }
  }
  [[nodiscard]] bool is_done(std::size_t place) const { return std::ranges::find(done, place) != done.end(); }
  void pass_to_next_due() {
    Instant next = clock() + 1h;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      if (!is_done(i)) next = std::min(next, messages[i].due_at);
    }
    true_time += std::max<Microseconds>(next - clock(), Microseconds{0});
  }

  std::mt19937_64 random;
  Limits limits;
  std::vector<QueuedMessage> messages;
  std::vector<std::size_t> done;
  std::map<std::string, TokenBucket> buckets;
  std::map<std::string, std::vector<Instant>> granted;
  std::optional<OrganizationId> after;
  Instant true_time = kStart;
  Microseconds step{0};
  int forward_steps = 0;
  int writes = 0;
};

bool holds(World& world) {
  for (const auto& [key, grants] : world.granted) {
    const Limit limit = world.limits.of(key.starts_with("user") ? LimitScope::kUser : LimitScope::kChannel, "");
    const std::int64_t steps = world.forward_steps;
    if (!testing::within_rate(grants, limit.minute, steps * limit.minute.burst)) return false;
    if (!testing::within_rate(grants, limit.hour, steps * limit.hour.burst)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("over 10,000 schedules by chance no bucket grants more than its rates allow, and every message goes in the end") {
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    World world(seed);
    for (int turn = 0; turn < 12; ++turn) {
      for (std::uint64_t i = world.draw(4); i > 0; --i) world.add();
      world.claim(1 + world.draw(8));
      world.true_time += Milliseconds{world.draw(1'500)};
      if (seed % 4 == 0 && world.draw(12) == 0) {
        const bool is_forward = world.draw(2) == 0;
        world.step += is_forward ? 1h : -1h;
        world.forward_steps += is_forward ? 1 : 0;
      }
    }
    for (int turn = 0; turn < 2'000 && world.done.size() < world.messages.size(); ++turn) {
      world.pass_to_next_due();
      world.claim(8);
    }
    if (!holds(world) || world.done.size() < world.messages.size()) FAIL("seed ", seed);
  }
}

TEST_CASE("a backlog of one user goes as fast as the limits allow, and each of its messages is deferred once") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    World world(seed);
    constexpr int kBacklog = 200;
    world.add_backlog(kBacklog);
    for (world.claim(8); world.done.size() < world.messages.size(); world.claim(8)) world.pass_to_next_due();
    // Of 200, 30 are the hour's burst; the others have a token each 4.8 s. Killed ones and retries take the lease or a second more.
    CHECK(world.true_time - kStart <= 4'800ms * (kBacklog - 30) + 2 * kLease + 3s);
    CHECK(world.writes < kBacklog);
  }
}

TEST_CASE("after most of a line is cancelled the others go as fast as the limits allow") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    World world(seed);
    constexpr int kBacklog = 200;
    constexpr int kLeft = 40;
    world.add_backlog(kBacklog);
    const auto waiting = [&] {
      return std::ranges::count_if(world.messages, [](const QueuedMessage& each) { return !each.waits_for.empty(); });
    };
    while (static_cast<std::size_t>(waiting()) + world.done.size() + 8 < world.messages.size()) world.claim(8);
    world.cancel(static_cast<std::size_t>(kBacklog - kLeft) - world.done.size());
    const Instant began = world.true_time;
    for (world.claim(8); world.done.size() < world.messages.size(); world.claim(8)) world.pass_to_next_due();
    CHECK(world.true_time - began <= 4'800ms * kLeft + 2 * kLease + 3s);
    CHECK(holds(world));
  }
}
