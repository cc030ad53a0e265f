#include "common/core/circuit_breaker.hpp"

#include <algorithm>

namespace weir {

CircuitBreaker::State CircuitBreaker::state(SteadyInstant now) const {
  if (!open_) return State::kClosed;
  return now < until_ ? State::kOpen : State::kHalfOpen;
}

CircuitBreaker::Era CircuitBreaker::begin(SteadyInstant now) {
  WEIR_ASSERT(admits(now));
  probing_ = open_;
  return era_;
}

void CircuitBreaker::succeeded(Era era, SteadyInstant now) {
  if (era != era_) return;
  probing_ = false;
  failures_ = 0;
  // The answer to an earlier call may have asked to wait longer while the probe was out.
  if (open_ && now < until_) return;
  open_ = false;
  openings_ = 0;
}

bool CircuitBreaker::failed(Era era, SteadyInstant now) {
  if (era != era_) return true;
  if (!open_ && ++failures_ < limits_.failures) return false;
  open(now, std::nullopt);
  return true;
}

void CircuitBreaker::paused(Era era, SteadyInstant now, std::optional<Microseconds> asked) {
  if (era == era_ || !open_) return open(now, asked);
  // Calls of one time that are all answered so are one request to wait, the longest of them.
  if (asked) until_ = std::max(until_, now + *asked);
}

void CircuitBreaker::withdrawn(Era era) {
  if (era == era_) probing_ = false;
}

void CircuitBreaker::open(SteadyInstant now, std::optional<Microseconds> asked) {
  ++openings_;
  ++era_;
  // Not before a time that was asked for earlier, while a probe was out.
  until_ = std::max(open_ ? until_ : now, now + (asked ? *asked : Microseconds{pause_after(limits_.rest, openings_)}));
  open_ = true;
  probing_ = false;
  failures_ = 0;
}

}  // namespace weir
