// Everything that is found in a history.
#pragma once

#include "consumers/insights/pure/history.hpp"

namespace weir::insights {

/// Findings about a user, for the user and for the user's teachers: patterns in a fixed order, then recommendations, the best first.
[[nodiscard]] std::vector<Finding> find(const History& history, Instant now);

}  // namespace weir::insights
