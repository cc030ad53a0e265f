// The arithmetic of the token bucket, in whole nanoseconds.
#include "common/core/rate_limit.hpp"

#include <algorithm>

namespace weir {

RateDecision decide(std::chrono::nanoseconds until_full, const Rate& rate) {
  RateDecision decision;
  decision.rate = rate;
  if (!rate.limits()) return decision;
  WEIR_ASSERT(rate.per > Microseconds{0});
  using std::chrono::nanoseconds;
  const auto interval = rate.interval<nanoseconds>();
  const nanoseconds depth = interval * rate.at_once();
  const nanoseconds before = std::clamp(until_full, nanoseconds{0}, depth);
  decision.allowed = before + interval <= depth;
  decision.reset_after = decision.allowed ? before + interval : before;
  if (!decision.allowed) decision.retry_after = before + interval - depth;
  decision.remaining = (depth - decision.reset_after) / interval;
  return decision;
}

}  // namespace weir
