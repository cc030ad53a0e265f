// Token buckets as pure functions of time. All that is kept of a bucket is the moment at which it is full again: on the steady clock within
// a process, on Postgres' clock where several processes share the bucket (weir.rate_limit_buckets).
#pragma once

#include "common/core/time.hpp"

#include <cstdint>

namespace weir {

/// `events` in each `per`, evenly spaced; up to `burst` of them may come at once.
struct Rate {
  std::int64_t events = 0;  // 0: no limit
  Microseconds per{0};
  std::int64_t burst = 0;  // 0: as many as `events`
  [[nodiscard]] bool limits() const { return events > 0; }
  [[nodiscard]] std::int64_t at_once() const { return burst > 0 ? burst : events; }
  /// Between two tokens, rounded up, so that no rounding lets more through than the rate. Only where it limits.
  template <class Duration>
  [[nodiscard]] Duration interval() const {
    return Duration{(Duration{per}.count() + events - 1) / events};
  }
  friend bool operator==(const Rate&, const Rate&) = default;
};

struct RateDecision {
  bool allowed = true;
  Rate rate;
  std::int64_t remaining = 0;               // events that may come at once from now on
  std::chrono::nanoseconds retry_after{0};  // until the next one may come; 0 where allowed
  std::chrono::nanoseconds reset_after{0};  // until the bucket is full
};

/// Whether a bucket that is full after `until_full` gives a token. A time longer than an empty bucket needs comes of a clock that was set
/// back, or of a smaller limit than this rate's, and counts as an empty bucket.
[[nodiscard]] RateDecision decide(std::chrono::nanoseconds until_full, const Rate& rate);

/// Takes one token where there is one. `full_at` in the past: the bucket is full.
template <class TimePoint>
[[nodiscard]] RateDecision take(TimePoint& full_at, const Rate& rate, TimePoint now) {
  const RateDecision decision = decide(full_at > now ? full_at - now : typename TimePoint::duration{0}, rate);
  if (rate.limits()) full_at = now + std::chrono::ceil<typename TimePoint::duration>(decision.reset_after);
  return decision;
}

}  // namespace weir
