// Two dimensions of an instrument of which one is far above the other.
//
// In the newest submission of the instrument their T-scores differ by at least 15 points, 1.5 standard deviations of the norm group, and by
// more than the errors of both scores explain: the standard error of the difference is √(SE₁² + SE₂²) (Payne and Jones, Journal of Clinical
// Psychology 13, 1957). Many pairs are looked at, so the probability that any of them differs by chance alone is held at 1 % by dividing it
// by their number (Bonferroni). An instrument tells its widest pair and no other, because one dimension that stands apart makes a pair with
// each of the others. The pair is widening where the gap has grown since the submission before by more than the four errors explain, else
// apart. The confidence is 1 minus the adjusted probability.
#pragma once

#include "consumers/insights/pure/history.hpp"

namespace weir::insights {

inline constexpr double kLeastGap = 15;
inline constexpr double kGapAlpha = 0.01;
/// One-sided at 5 %.
inline constexpr double kWidening = 1.645;

[[nodiscard]] std::vector<Finding> divergence(const History& history, Instant now);

}  // namespace weir::insights
