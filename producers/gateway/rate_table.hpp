// The rate limits of this process's clients: token buckets by name.
#pragma once

#include "common/core/rate_limit.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weir::gateway {

/// Many buckets by name, bounded. To make room it drops full buckets first, because a full bucket is the same as none, and then the bucket
/// that it finds first. Thread-safe.
class RateTable {
 public:
  explicit RateTable(std::size_t max_buckets) : max_buckets_(max_buckets) {}
  [[nodiscard]] RateDecision take(std::string_view name, const Rate& rate, SteadyInstant now);
  [[nodiscard]] std::size_t size() const;

 private:
  void make_room(SteadyInstant now);

  mutable std::mutex mutex_;
  std::size_t max_buckets_;
  std::unordered_map<std::string, SteadyInstant> full_at_;  // when each bucket is full again, by the bucket's name
};

/// The name of an address's bucket: an IPv4 address itself, and the /64 of an IPv6 address, because one subscriber has all of that.
[[nodiscard]] std::string address_bucket(std::string_view peer);

}  // namespace weir::gateway
