// The arithmetic of the token bucket, in whole nanoseconds. The interval between two tokens is rounded up, so that no rounding lets more
// through than the rate.
#include "common/core/rate_limit.hpp"

#include <algorithm>

namespace weir {

RateDecision decide(std::chrono::nanoseconds until_full, const Rate& rate) {
  RateDecision decision;
  decision.rate = rate;
  if (!rate.limits()) return decision;
  WEIR_ASSERT(rate.per > Microseconds{0});
  using std::chrono::nanoseconds;
  const nanoseconds interval{(nanoseconds(rate.per).count() + rate.events - 1) / rate.events};
  const nanoseconds depth = interval * (rate.burst > 0 ? rate.burst : rate.events);
  const nanoseconds before = std::clamp(until_full, nanoseconds{0}, depth);
  decision.allowed = before + interval <= depth;
  decision.reset_after = decision.allowed ? before + interval : before;
  if (!decision.allowed) decision.retry_after = before + interval - depth;
  decision.remaining = (depth - decision.reset_after) / interval;
  return decision;
}

}  // namespace weir
