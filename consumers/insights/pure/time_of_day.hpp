// A user who learns at the same time of the day.
//
// Times of the day lie on a circle: 23:50 and 0:10 are close to each other. The first completion of each day counts, because those that
// follow it on the same day are not independent of it. Two conditions must hold. Rayleigh's test must refuse that the user learns at any
// time alike (p < 0.01). That is not enough, since nobody learns at night: times spread evenly over sixteen hours awake have a mean length
// of 0.41, and over twelve hours of 0.64. So the mean must be 0.85 long or longer, which is a circular standard deviation, √(−2·ln R), of
// at most 2.2 hours (Mardia and Jupp, Directional Statistics, 2000, 2.3). The confidence is 1 − p.
//
// Times are those that clocks show in the user's present zone, summer and winter alike: a habit follows the clock and not the sun.
#pragma once

#include "consumers/insights/pure/history.hpp"

namespace weir::insights {

inline constexpr std::size_t kHabitLeastDays = 8;
inline constexpr double kHabitAlpha = 0.01;
inline constexpr double kHabitLength = 0.85;
/// A habit that has not shown for so long is over.
inline constexpr std::chrono::days kHabitFresh{14};

/// Since midnight, as clocks show it.
[[nodiscard]] Microseconds time_of_day_at(LocalTime at);
/// The first completion of each day.
[[nodiscard]] std::vector<LocalTime> firsts_of_days(const History& history);
/// "morning" from 5:00, "afternoon" from 12:00, "evening" from 17:00, "night" from 22:00.
[[nodiscard]] std::string daytime_of(std::int64_t minute_of_day);

[[nodiscard]] std::vector<Finding> time_of_day(const History& history, Instant now);

}  // namespace weir::insights
