// A clock that moves only when told, for tests.
#pragma once

#include "common/core/time.hpp"

namespace weir::testing {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start = Instant{std::chrono::sys_days{std::chrono::year{2026} / 11 / 18}}) : now_(start) {}
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] SteadyInstant steady() const override { return SteadyInstant{(now_ - stepped_).time_since_epoch()}; }
  void advance(Microseconds by) { now_ += by; }
  /// Sets the machine's time, which the steady clock does not follow.
  void step(Microseconds by) {
    now_ += by;
    stepped_ += by;
  }

 private:
  Instant now_;
  Microseconds stepped_{0};
};

}  // namespace weir::testing
