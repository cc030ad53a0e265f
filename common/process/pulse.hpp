// Whether a component's main loop still turns: what /healthz answers.
#pragma once

#include "common/core/time.hpp"

#include <atomic>

namespace weir::process {

/// Thread-safe. A loop that never beat is taken to be alive: not every component has one.
class Pulse {
 public:
  /// How long a loop may go without a beat and still be taken to turn.
  static constexpr Seconds kLimit{60};

  Pulse(const Clock& clock, Microseconds limit) : clock_(clock), limit_(limit) {}
  void beat() { last_.store(clock_.steady().time_since_epoch().count(), std::memory_order_relaxed); }
  [[nodiscard]] bool alive() const {
    const auto last = last_.load(std::memory_order_relaxed);
    return last == 0 || clock_.steady().time_since_epoch() - std::chrono::nanoseconds{last} <= limit_;
  }

 private:
  const Clock& clock_;
  Microseconds limit_;
  std::atomic<std::int64_t> last_{0};
};

}  // namespace weir::process
