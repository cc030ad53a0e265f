// The rates that this process holds its clients to: token buckets by name.
#pragma once

#include "common/core/rate_limit.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weir::gateway {

/// Many buckets by name, bounded: a full bucket is the same as none, so those go first; then the one that is found first. Thread-safe.
class RateTable {
 public:
  explicit RateTable(std::size_t max_buckets) : max_buckets_(max_buckets) {}
  [[nodiscard]] RateDecision take(std::string_view name, const Rate& rate, SteadyInstant now);
  [[nodiscard]] std::size_t size() const;

 private:
  void make_room(SteadyInstant now);

  mutable std::mutex mutex_;
  std::size_t max_buckets_;
  std::unordered_map<std::string, SteadyInstant> full_at_;  // by the name of the bucket
};

/// What one address counts as: an IPv4 address itself, the /64 of an IPv6 address (one subscriber has all of it).
[[nodiscard]] std::string address_bucket(std::string_view peer);

}  // namespace weir::gateway
