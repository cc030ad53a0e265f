#include "consumers/scoring/pure/streak.hpp"

#include "common/core/result.hpp"

#include <algorithm>

namespace weir::scoring {

Day monday_of(Day day) { return day - (std::chrono::weekday(day) - std::chrono::Monday); }

Streak continued(const Streak& streak, Day day) {
  Streak next = streak;
  if (streak.last_active_on) {
    WEIR_ASSERT(day > *streak.last_active_on);
    const auto gap = day - *streak.last_active_on;
    const Day missed = day - std::chrono::days{1};
    const bool is_frozen =
        gap == std::chrono::days{2} && (!streak.freeze_used_on || monday_of(*streak.freeze_used_on) != monday_of(missed));
    if (is_frozen) next.freeze_used_on = missed;
    if (!is_frozen && gap != std::chrono::days{1}) next.days = 0;
  }
  ++next.days;
  next.longest = std::max(next.longest, next.days);
  next.last_active_on = day;
  return next;
}

Streak streak_of(const std::set<Day>& active) {
  Streak streak;
  for (const Day day : active) streak = continued(streak, day);
  return streak;
}

}  // namespace weir::scoring
