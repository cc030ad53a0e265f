// A clock that moves only when told, for tests. It may be read while another thread moves it.
#pragma once

#include "common/core/time.hpp"

#include <atomic>

namespace weir::testing {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start = Instant{std::chrono::sys_days{std::chrono::year{2026} / 11 / 18}}) : start_(start) {}
  [[nodiscard]] Instant now() const override { return start_ + Microseconds{passed_.load()} + Microseconds{stepped_.load()}; }
  [[nodiscard]] SteadyInstant steady() const override { return SteadyInstant{start_.time_since_epoch() + Microseconds{passed_.load()}}; }
  void advance(Microseconds by) { passed_ += by.count(); }
  /// Sets the machine's time, which the steady clock does not follow.
  void step(Microseconds by) { stepped_ += by.count(); }

 private:
  Instant start_;
  std::atomic<std::int64_t> passed_{0};
  std::atomic<std::int64_t> stepped_{0};
};

}  // namespace weir::testing
