#include "consumers/notifications/pure/claim_plan.hpp"

#include <algorithm>
#include <deque>
#include <set>
#include <tuple>

namespace weir::notifications {

namespace {

constexpr Seconds kTurnOfTheOldest{8};
constexpr std::chrono::minutes kStarved{1};
constexpr Seconds kComesForward{1};  // a message moves when it becomes due earlier by so much

/// Messages come in the ascending order of this.
auto order_of(const QueuedMessage& message, Instant now) {
  const bool is_their_turn = std::chrono::floor<Seconds>(now.time_since_epoch()).count() % kTurnOfTheOldest.count() == 0;
  const bool is_aged_up = is_their_turn && now - message.created_at >= kStarved;
  return std::tuple(is_aged_up ? kCriticalRank : message.rank, message.created_at, message.waits_for.empty());
}

/// Indexes of messages in the order in which tokens are asked for.
std::vector<std::size_t> in_turn(std::span<const QueuedMessage> messages, const ClaimTerms& terms) {
  std::vector<std::size_t> order;
  std::map<OrganizationId, std::deque<std::size_t>> turns;
  std::vector<std::size_t> spare;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].is_spare) {
      spare.push_back(i);
    } else if (messages[i].rank == kCriticalRank) {
      order.push_back(i);
    } else {
      turns[messages[i].organization].push_back(i);
    }
  }
  const auto sort = [&](auto& indexes) {
    std::ranges::stable_sort(indexes, {}, [&](std::size_t i) { return order_of(messages[i], terms.now); });
  };
  sort(order);
  std::ranges::stable_sort(spare, {}, [&](std::size_t i) { return std::tuple(messages[i].rank, messages[i].due_at); });
  for (auto& [organization, its] : turns) sort(its);
  auto turn = terms.after ? turns.upper_bound(*terms.after) : turns.begin();
  while (!turns.empty()) {
    if (turn == turns.end()) turn = turns.begin();
    order.push_back(turn->second.front());
    turn->second.pop_front();
    turn = turn->second.empty() ? turns.erase(turn) : std::next(turn);
  }
  order.insert(order.end(), spare.begin(), spare.end());
  return order;
}

/// The buckets as the granter takes them, with their places by key.
struct Granting {
  Granting(BucketStates& given, std::span<const QueuedMessage> messages, Instant now) : states(given) {
    for (const auto& [key, bucket] : states.buckets) {
      places.emplace(key, buckets.size());
      buckets.push_back(bucket);
    }
    granter.emplace(buckets, now);
    // Those who are due again are decided before who comes new, so that they stand in nobody's way.
    for (const QueuedMessage& message : messages) {
      if (message.is_spare) continue;
      if (const auto line = states.lines.find(message.waits_for); line != states.lines.end())
        --line->second.at(static_cast<std::size_t>(message.rank));
    }
  }
  /// How many in a line come before a message that comes new.
  [[nodiscard]] std::int64_t before(const std::string& line, const QueuedMessage& message) const {
    const auto found = states.lines.find(line);
    if (found == states.lines.end() || message.waits_for == line) return 0;
    std::int64_t count = 0;
    for (int rank = 0; rank <= message.rank; ++rank) count += found->second.at(static_cast<std::size_t>(rank));
    return std::max<std::int64_t>(count, 0);
  }
  void keep() {
    for (auto& [key, bucket] : states.buckets) bucket = buckets[places.at(key)];
  }
  BucketStates& states;
  std::vector<TokenBucket> buckets;
  std::map<std::string, std::size_t> places;
  std::optional<TokenGranter> granter;
};

}  // namespace

std::optional<Unsent> unsent(const QueuedMessage& message, bool is_idempotent, Instant now) {
  if (!message.unwanted.empty()) return Unsent::kUnwanted;
  const bool is_late = now >= message.expires_at;
  if (!message.is_unanswered) return is_late ? std::optional(Unsent::kExpired) : std::nullopt;
  if (message.holds_in_doubt && !is_idempotent) return Unsent::kHeld;
  return is_late ? std::optional(Unsent::kStaysInDoubt) : std::nullopt;
}

ClaimPlan plan_claim(std::span<const QueuedMessage> messages, const Limits& limits, BucketStates& states, const ClaimTerms& terms) {
  ClaimPlan plan;
  plan.after = terms.after;
  Granting granting(states, messages, terms.now);
  std::set<std::string> moved;  // lines
  std::map<std::string, std::size_t> room = terms.room;
  for (const std::size_t i : in_turn(messages, terms)) {
    const QueuedMessage& message = messages[i];
    std::size_t& its_room = room.try_emplace(message.account, terms.room_of_others).first->second;
    if (its_room == 0 || plan.claimed.size() >= terms.most) {
      plan.left += message.is_spare ? 0 : 1;
      continue;
    }
    const std::vector<NeededBucket> needed = buckets_of(message, limits);
    TokenRequest request{.buckets = {}, .may_overdraw = message.rank == kCriticalRank, .behind = {}};
    for (const NeededBucket& each : needed) {
      request.buckets.push_back(granting.places.at(each.key));
      request.behind.push_back(granting.before(each.line, message));
    }
    const TokenGrant grant = granting.granter->grant(request);
    if (grant.is_granted) {
      --its_room;
      plan.claimed.push_back(i);
      for (const NeededBucket& each : needed) ++plan.granted.at(static_cast<std::size_t>(each.scope));
      if (message.rank != kCriticalRank) plan.after = message.organization;
      continue;
    }
    if (message.is_spare) {
      if (moved.insert(message.waits_for).second && grant.due + kComesForward <= message.due_at) plan.moved.push_back({i, grant.due});
      continue;
    }
    const auto last = std::ranges::find(request.buckets, grant.bucket) - request.buckets.begin();
    const NeededBucket& waited_for = needed[static_cast<std::size_t>(last)];
    plan.deferred.push_back({i, std::min(grant.due, message.expires_at), waited_for.line, waited_for.scope});
  }
  granting.keep();
  return plan;
}

}  // namespace weir::notifications
