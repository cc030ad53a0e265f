// Streaks: days in a row on which a learner did something, each a local date.
//
// A gap of exactly one missed day is bridged where no day of that ISO week (Monday to Sunday) was bridged before: the week's freeze. A
// bridged day does not count. Any other gap ends the streak, and the next day begins a new streak of 1.
#pragma once

#include "consumers/scoring/pure/completion.hpp"

#include <cstdint>
#include <optional>
#include <set>

namespace weir::scoring {

struct Streak {
  std::int32_t days = 0;  // up to the last active day
  std::int32_t longest = 0;
  std::optional<Day> last_active_on;
  std::optional<Day> freeze_used_on;  // the day that was bridged last
  friend bool operator==(const Streak&, const Streak&) = default;
};

/// The Monday of the day's ISO week.
[[nodiscard]] Day monday_of(Day day);

/// The streak with one more active day, which comes after all others.
[[nodiscard]] Streak continued(const Streak& streak, Day day);

[[nodiscard]] Streak streak_of(const std::set<Day>& active);

}  // namespace weir::scoring
