// A dimension in which the user got better or worse, by more than the error of measurement explains.
//
// Each submission is compared with the one before it by the reliable change index, which weir scoring computes (Jacobson and Truax, Journal
// of Consulting and Clinical Psychology 59, 1991): above 1.96 in either direction chance alone explains a change in 5 % of the cases. A
// user has many dimensions, of which each could give such a false alarm. So the newest changes of all dimensions are looked at together,
// and the probability of any false alarm among them is held at 5 % (Holm). The confidence is 1 minus the adjusted probability.
//
// Teachers who may read insights about the user are told of a decline as a risk, in a finding of their own.
#pragma once

#include "consumers/insights/pure/history.hpp"

namespace weir::insights {

inline constexpr double kChangeAlpha = 0.05;

[[nodiscard]] std::vector<Finding> reliable_change(const History& history, Instant now);

}  // namespace weir::insights
