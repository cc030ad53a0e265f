#include "consumers/insights/pure/find.hpp"

#include "consumers/insights/pure/divergence.hpp"
#include "consumers/insights/pure/engagement_drop.hpp"
#include "consumers/insights/pure/recommendation.hpp"
#include "consumers/insights/pure/reliable_change.hpp"
#include "consumers/insights/pure/repeated_low.hpp"
#include "consumers/insights/pure/streak_at_risk.hpp"
#include "consumers/insights/pure/time_of_day.hpp"

#include <algorithm>
#include <iterator>

namespace weir::insights {

std::vector<Finding> find(const History& history, Instant now) {
  std::vector<Finding> all;
  for (const auto rule : {repeated_low, reliable_change, divergence, engagement_drop, streak_at_risk, time_of_day, recommendations}) {
    std::vector<Finding> found = rule(history, now);
    std::ranges::move(found, std::back_inserter(all));
  }
  return all;
}

}  // namespace weir::insights
