#include "consumers/insights/pure/history.hpp"

#include "common/core/result.hpp"

#include <cmath>

namespace weir::insights {

double good_t(const Score& score) {
  WEIR_ASSERT(score.polarity != Polarity::kNone);
  return score.polarity == Polarity::kHigherIsBetter ? score.t_score : 100 - score.t_score;
}

double error_of_t(double reliability, double least_share) {
  // A submission with fewer answers is less reliable (Spearman and Brown, British Journal of Psychology 3, 1910). How many answers the
  // submission had of how many items is not known here, so each score counts as if it had the fewest: an error is never too small.
  const double shortened = least_share * reliability / (1 + (least_share - 1) * reliability);
  return 10 * std::sqrt(1 - shortened);
}

}  // namespace weir::insights
