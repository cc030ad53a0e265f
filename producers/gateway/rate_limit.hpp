// Token buckets as pure functions of time. A bucket is one number: the moment at which it is full again. `events` may come at once;
// then one more each `per / events`.
#pragma once

#include "common/core/time.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weir::gateway {

struct Rate {
  std::int64_t events = 0;  // 0: no limit
  Microseconds per{0};
  [[nodiscard]] bool limits() const { return events > 0; }
  friend bool operator==(const Rate&, const Rate&) = default;
};

struct Bucket {
  SteadyInstant full_at{};  // in the past: full
};

struct RateDecision {
  bool allowed = true;
  Rate rate;
  std::int64_t remaining = 0;               // events that may come at once from now on
  std::chrono::nanoseconds retry_after{0};  // until the next one may come; 0 where allowed
  std::chrono::nanoseconds reset_after{0};  // until the bucket is full
};

/// Takes one token where there is one. Pure.
[[nodiscard]] RateDecision take(Bucket& bucket, const Rate& rate, SteadyInstant now);

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
  std::unordered_map<std::string, Bucket> buckets_;
};

/// What one address counts as: an IPv4 address itself, the /64 of an IPv6 address (one subscriber has all of it).
[[nodiscard]] std::string address_bucket(std::string_view peer);

}  // namespace weir::gateway
