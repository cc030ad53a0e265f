#include "common/core/waiting.hpp"

#include <algorithm>

namespace weir {

std::chrono::nanoseconds Stopwatch::elapsed() const { return SystemClock{}.steady() - begin_; }

Milliseconds Deadline::left() const { return std::max(Milliseconds{0}, std::chrono::ceil<Milliseconds>(patience_ - since_.elapsed())); }

void Pause::begin() { end_ = SystemClock{}.steady() + interval_; }

bool Pause::over() const { return SystemClock{}.steady() >= end_; }

SteadyInstant steady_at(std::chrono::nanoseconds since_1970) {
  const SystemClock clock;
  const std::chrono::nanoseconds left = since_1970 - clock.now().time_since_epoch();
  return clock.steady() + std::max(std::chrono::nanoseconds{0}, left);
}

Instant stamp() { return SystemClock{}.now(); }

}  // namespace weir
