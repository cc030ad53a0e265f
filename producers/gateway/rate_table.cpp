#include "producers/gateway/rate_table.hpp"

#include <arpa/inet.h>

#include <array>

namespace weir::gateway {

RateDecision RateTable::take(std::string_view name, const Rate& rate, SteadyInstant now) {
  if (!rate.limits()) return {};
  const std::lock_guard lock(mutex_);
  const std::string key(name);
  const auto found = full_at_.find(key);
  if (found != full_at_.end()) return weir::take(found->second, rate, now);
  if (full_at_.size() >= max_buckets_) make_room(now);
  return weir::take(full_at_[key], rate, now);
}

void RateTable::make_room(SteadyInstant now) {
  std::erase_if(full_at_, [now](const auto& entry) { return entry.second <= now; });
  if (full_at_.size() >= max_buckets_) full_at_.erase(full_at_.begin());
}

std::size_t RateTable::size() const {
  const std::lock_guard lock(mutex_);
  return full_at_.size();
}

std::string address_bucket(std::string_view peer) {
  const std::string text(peer.substr(0, peer.find('%')));
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  return "6:" + std::string(bytes.begin(), bytes.begin() + 8);
}

}  // namespace weir::gateway
