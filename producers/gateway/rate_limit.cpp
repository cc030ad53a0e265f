// The arithmetic of the token bucket, in whole nanoseconds.
#include "producers/gateway/rate_limit.hpp"

#include "common/core/result.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace weir::gateway {

RateDecision take(Bucket& bucket, const Rate& rate, SteadyInstant now) {
  RateDecision decision;
  decision.rate = rate;
  if (!rate.limits()) return decision;
  WEIR_ASSERT(rate.per > Microseconds{0});
  const std::chrono::nanoseconds interval = std::chrono::nanoseconds(rate.per) / rate.events;
  const std::chrono::nanoseconds depth = interval * rate.events;
  const SteadyInstant full_at = std::max(bucket.full_at, now);
  decision.allowed = full_at + interval - now <= depth;
  if (decision.allowed) {
    bucket.full_at = full_at + interval;
  } else {
    decision.retry_after = full_at + interval - now - depth;
  }
  decision.reset_after = std::max(bucket.full_at - now, std::chrono::nanoseconds{0});
  decision.remaining = std::max<std::int64_t>(0, (depth - decision.reset_after) / interval);
  return decision;
}

RateDecision RateTable::take(std::string_view name, const Rate& rate, SteadyInstant now) {
  if (!rate.limits()) return {};
  const std::lock_guard lock(mutex_);
  const std::string key(name);
  const auto found = buckets_.find(key);
  if (found != buckets_.end()) return gateway::take(found->second, rate, now);
  if (buckets_.size() >= max_buckets_) make_room(now);
  return gateway::take(buckets_[key], rate, now);
}

void RateTable::make_room(SteadyInstant now) {
  std::erase_if(buckets_, [now](const auto& entry) { return entry.second.full_at <= now; });
  if (buckets_.size() >= max_buckets_) buckets_.erase(buckets_.begin());
}

std::size_t RateTable::size() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

std::string address_bucket(std::string_view peer) {
  const std::string text(peer.substr(0, peer.find('%')));
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  return "6:" + std::string(bytes.begin(), bytes.begin() + 8);
}

}  // namespace weir::gateway
