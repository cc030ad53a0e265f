// Scores and changes of a history by dimension, as several patterns look at them.
#pragma once

#include "consumers/insights/pure/history.hpp"

#include <map>
#include <vector>

namespace weir::insights {

/// The scores of each dimension that has a good direction, in order. The composite is left out, because it repeats what the dimensions say.
[[nodiscard]] std::map<Dimension, std::vector<const Score*>> scores_by_dimension(const History& history);

/// Whether a submission still tells of the present.
[[nodiscard]] bool is_fresh(Instant submitted_at, Instant now);

/// Sorted, each once: the form of Finding::evidence.
[[nodiscard]] std::vector<Uuid> evidence_of(std::vector<Uuid> ids);

}  // namespace weir::insights
