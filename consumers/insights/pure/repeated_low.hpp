// A dimension whose scores are low again and again.
//
// Low is more than one standard deviation of the norm group on the bad side of its mean: a T-score below 40 (McCall, How to Measure in
// Education, 1922). One low score may be chance. So the last three must all be low, and their mean must be below 40 by more than its own
// error. The confidence is the probability that the true mean is below 40, given the standard errors of the three scores.
#pragma once

#include "consumers/insights/pure/history.hpp"

namespace weir::insights {

inline constexpr std::size_t kLowTimes = 3;
inline constexpr double kLow = 40;
inline constexpr double kVeryLow = 30;
inline constexpr double kLowConfidence = 0.8;

[[nodiscard]] std::vector<Finding> repeated_low(const History& history, Instant now);

}  // namespace weir::insights
