// A streak of days that ends tonight unless the user does something.
//
// weir scoring keeps the streak, by local dates. One missed day is bridged where no other day of its ISO week was, so a streak ends with
// the first or the second day after the last active one. On that day, as the user's clocks have it, a streak of three days or more is at
// risk as long as nothing is done. In the morning that says little. The confidence is the greater of two shares: how much of the day is
// over (a day on which clocks are changed has 23 or 25 hours), and on how many of the user's active days the first completion had come
// before the time that clocks show now, with one day of each kind added (Laplace). A streak is told of from one half on.
#pragma once

#include "consumers/insights/pure/history.hpp"

namespace weir::insights {

inline constexpr std::int32_t kLeastStreak = 3;
inline constexpr double kStreakConfidence = 0.5;

/// The last day on which a completion continues the streak.
[[nodiscard]] Day kept_until(Day last_active_on, const std::optional<Day>& freeze_used_on);

[[nodiscard]] std::vector<Finding> streak_at_risk(const History& history, Instant now);

}  // namespace weir::insights
