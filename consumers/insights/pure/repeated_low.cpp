#include "consumers/insights/pure/repeated_low.hpp"

#include "consumers/insights/pure/series.hpp"
#include "consumers/insights/pure/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace weir::insights {

std::vector<Finding> repeated_low(const History& history, Instant now) {
  std::vector<Finding> found;
  for (const auto& [dimension, scores] : scores_by_dimension(history)) {
    if (scores.size() < kLowTimes || !is_fresh(scores.back()->submitted_at, now)) continue;
    const auto last = std::span(scores).last(kLowTimes);
    if (!std::ranges::all_of(last, [](const Score* score) { return good_t(*score) < kLow; })) continue;
    std::vector<double> t_scores;
    std::vector<Uuid> responses;
    double squares = 0;
    bool is_doubtful = false;
    for (const Score* score : last) {
      t_scores.push_back(good_t(*score));
      responses.push_back(score->response);
      squares += score->error * score->error;
      is_doubtful = is_doubtful || score->is_doubtful;
    }
    const double low = mean(t_scores);
    const double sure = normal_cdf((kLow - low) * static_cast<double>(kLowTimes) / std::sqrt(squares));
    if (sure < kLowConfidence) continue;
    found.push_back({.pattern = "repeated_low",
                     .kind = Kind::kPattern,
                     .subject = dimension.text(),
                     .classed = low < kVeryLow ? "very_low" : "low",
                     .confidence = is_doubtful ? sure * kDoubt : sure,
                     .evidence = evidence_of(std::move(responses)),
                     .facts = {{"dimension", dimension.word()}, {"times", std::int64_t{kLowTimes}}, {"t_score", low}}});
  }
  return found;
}

}  // namespace weir::insights
