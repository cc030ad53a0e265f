// A user who does far less than this user used to do.
//
// What a user lately does a week is an exponentially weighted mean over the complete weeks since the first active one (α = 0.3, begun with
// the first week's events: Roberts, Technometrics 1, 1959). What the user used to do is the median of up to twelve weeks before the last
// three, so that neither a holiday nor the drop itself moves it. A drop is a weighted mean below half of that. A user whose weeks differ
// much from each other has weeks below half without any change, so the mean must also lie below the baseline by more than chance explains:
// the variance of such a mean is σ²·α/(2 − α) (Lucas and Saccucci, Technometrics 32, 1990), with σ² as the baseline's weeks have it, and at
// least that of events which come at random (Poisson). The confidence is the probability that chance would not have made so low a mean.
//
// Weeks are ISO weeks of UTC, since a week must not lose or gain events when a user's time zone changes.
#pragma once

#include "consumers/insights/pure/history.hpp"

namespace weir::insights {

inline constexpr double kNewWeekWeight = 0.3;
inline constexpr std::size_t kRecentWeeks = 3;
inline constexpr std::size_t kMostBaselineWeeks = 12;
inline constexpr std::size_t kLeastBaselineWeeks = 4;
/// Events a week: below this half of the baseline is an event or two, and its absence says nothing.
inline constexpr double kLeastBaseline = 4;
inline constexpr double kDropShare = 0.5;
inline constexpr double kDropConfidence = 0.95;

/// The finding, and the same as a risk for teachers.
[[nodiscard]] std::vector<Finding> engagement_drop(const History& history, Instant now);

}  // namespace weir::insights
