#include "consumers/insights/pure/series.hpp"

#include <algorithm>

namespace weir::insights {

std::map<Dimension, std::vector<const Score*>> scores_by_dimension(const History& history) {
  std::map<Dimension, std::vector<const Score*>> series;
  for (const Score& score : history.scores) {
    if (score.polarity != Polarity::kNone && score.dimension.name != kComposite) series[score.dimension].push_back(&score);
  }
  return series;
}

bool is_fresh(Instant submitted_at, Instant now) { return submitted_at > now - kFresh; }

std::vector<Uuid> evidence_of(std::vector<Uuid> ids) {
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace weir::insights
