// When the work between units of work is done: wake-ups, letters that are tried again, and the removal of letters that ended long ago. Each
// takes turns with units, so that none holds another up for ever. Pure. All times are of the steady clock, because the wall clock may be
// set.
#pragma once

#include "common/core/time.hpp"
#include "common/runtime/retries.hpp"

#include <optional>

namespace weir::runtime {

class Turns {
 public:
  void unit_closed() {
    woken_since_unit_ = false;
    letters_since_unit_ = false;
  }

  // ---- wake-ups ----
  [[nodiscard]] bool woken_since_unit() const { return woken_since_unit_; }
  /// Whether `pause` is over since the consumer was woken last; true where it was never woken.
  [[nodiscard]] bool pause_over(Microseconds pause, SteadyInstant now) const { return !woken_at_ || now - *woken_at_ >= pause; }
  [[nodiscard]] bool idle_check_due(SteadyInstant now) const { return now >= next_idle_check_; }
  void wake_begun(SteadyInstant now) {
    woken_since_unit_ = true;
    next_idle_check_ = now + kIdleCheck;
  }
  void woken(SteadyInstant now) { woken_at_ = now; }
  Retries wakes{};
  /// Postgres may still hold a refused wake-up, of this worker or of one before it.
  bool refusal_on_record = true;

  // ---- letters ----
  [[nodiscard]] bool letters_due(SteadyInstant now, bool unit_opened) const {
    return now >= next_letters_ && !(letters_since_unit_ && unit_opened);
  }
  void letters_had(SteadyInstant now) {
    letters_since_unit_ = true;
    next_letters_ = now + kLetters;
  }
  /// As many letters came as were asked for, so there may be more: they are looked for at once.
  void more_letters(SteadyInstant now) { next_letters_ = now; }
  // ---- pauses ----
  /// True once a second, so that a pause is obeyed soon.
  [[nodiscard]] bool take_pause_check(SteadyInstant now) {
    if (now < next_pause_check_) return false;
    next_pause_check_ = now + kPauseCheck;
    return true;
  }

  // ---- letters that ended long ago ----
  /// True once a minute.
  [[nodiscard]] bool take_forgetting(SteadyInstant now) {
    if (now < next_forgetting_) return false;
    next_forgetting_ = now + kForgetting;
    return true;
  }

 private:
  static constexpr Seconds kIdleCheck{5};
  static constexpr Seconds kForgetting{60};
  static constexpr Seconds kLetters{1};
  static constexpr Seconds kPauseCheck{1};

  bool woken_since_unit_ = false;  // there was a wake-up since the last unit of work was closed
  std::optional<SteadyInstant> woken_at_;
  SteadyInstant next_idle_check_{};
  bool letters_since_unit_ = false;
  SteadyInstant next_letters_{};
  SteadyInstant next_forgetting_{};
  SteadyInstant next_pause_check_{};
};

}  // namespace weir::runtime
