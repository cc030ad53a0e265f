// Decides when rollups are derived. What is derived of closed windows is due at once, and that of open windows once an interval. But while
// changes come, deriving rests after each step, so that it takes a tenth of the time: while a backlog is taken in, windows close all the
// time, and with each of them the same hours, days and trends would be computed again.
#pragma once

#include "common/core/time.hpp"

#include <optional>

namespace weir::rollups {

class DerivingPace {
 public:
  /// `interval`: between two steps, where no window closed meanwhile. `parts`: of the time, of which deriving takes one while changes come;
  /// with 0 it never rests.
  DerivingPace(Microseconds interval, int parts) : interval_(interval), parts_(parts) {}

  void window_closed() { derived_at_.reset(); }
  void changes_came() { have_changes_come_ = true; }
  /// Changes came since the last step.
  [[nodiscard]] bool is_busy() const { return have_changes_come_; }
  /// A step that began at `now` took so long. `is_left`: it left work, which is due at once.
  void derived(Instant now, Microseconds took, bool is_left) {
    derived_at_ = is_left ? std::nullopt : std::optional(now);
    began_ = now;
    rest_ = parts_ * took;
    have_changes_come_ = false;
  }
  [[nodiscard]] bool is_due(Instant now) const {
    if (have_changes_come_ && began_ && now >= *began_ && now - *began_ < rest_) return false;
    return !derived_at_ || now < *derived_at_ || now - *derived_at_ >= interval_;  // a clock that was set back must not hold it up
  }

 private:
  Microseconds interval_;
  int parts_;
  std::optional<Instant> derived_at_;  // the last step that left nothing; none: the next is due
  std::optional<Instant> began_;       // the last step
  Microseconds rest_{};                // from its beginning
  bool have_changes_come_ = false;     // since then
};

}  // namespace weir::rollups
