// Which modules a user should take next, and why.
//
// A module is a candidate where the user has its prerequisites and has not completed it. Its rank is the mean of two shares:
//   need  the probability that the user's true score in a dimension that the module teaches lies below the norm group's mean, by the
//         newest score and its standard error; of several dimensions the greatest, and ½ where no score is known
//   fit   1 − |p − 0.7|/0.7, where p is the mean success that the skill model of weir scoring expects of the activities that are open
//         (Elo's logistic: 1/(1 + 10^((difficulty − skill)/400))). At a success near 0.7 a learner is neither bored nor lost; views of
//         learning choose activities by the same number.
// Three are told, the best first; equal ones go by the author's order. The reason is a module that the user has begun, else need where a
// score says so, else fit. The confidence is the rank.
#pragma once

#include "consumers/insights/pure/history.hpp"

namespace weir::insights {

inline constexpr double kWantedSuccess = 0.7;
inline constexpr std::size_t kRecommended = 3;

/// The share of success that a learner is expected to have at an activity (Elo, The Rating of Chessplayers, Past and Present, 1978, 8.4).
[[nodiscard]] double expected_success(double skill, double difficulty);

[[nodiscard]] std::vector<Finding> recommendations(const History& history, Instant now);

}  // namespace weir::insights
