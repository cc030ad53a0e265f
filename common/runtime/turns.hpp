// What comes between units of work, and when: wake-ups, letters that are tried again, the removal of letters that ended long ago. Each
// takes turns with units, so that none holds another up for ever. Pure: times are told by a clock that no step of the machine's time
// reaches.
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
  /// Whether `pause` is over since the consumer was woken last; the first time is at once.
  [[nodiscard]] bool pause_over(Microseconds pause, SteadyInstant now) const { return !woken_at_ || now - *woken_at_ >= pause; }
  [[nodiscard]] bool idle_check_due(SteadyInstant now) const { return now >= next_idle_check_; }
  void wake_begun(SteadyInstant now) {
    woken_since_unit_ = true;
    next_idle_check_ = now + kIdleCheck;
  }
  void woken(SteadyInstant now) { woken_at_ = now; }
  Retries wakes{};
  /// A refusal may be on record still: of this worker, or of one before it.
  bool refusal_on_record = true;

  // ---- letters ----
  [[nodiscard]] bool letters_due(SteadyInstant now, bool unit_opened) const {
    return now >= next_letters_ && !(letters_since_unit_ && unit_opened);
  }
  void letters_had(SteadyInstant now) {
    letters_since_unit_ = true;
    next_letters_ = now + kLetters;
  }
  /// Where so many were there more may be: they are looked for at once.
  void more_letters(SteadyInstant now) { next_letters_ = now; }
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

  bool woken_since_unit_ = false;  // there was a wake-up since the last unit of work was closed
  std::optional<SteadyInstant> woken_at_;
  SteadyInstant next_idle_check_{};
  bool letters_since_unit_ = false;
  SteadyInstant next_letters_{};
  SteadyInstant next_forgetting_{};
};

}  // namespace weir::runtime
