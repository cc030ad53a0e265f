// What a recomputation changes: the rows of windows as they are, against the sums of their source. Pure. A row that is right already is
// left as it is, so that recomputing twice changes nothing.
#pragma once

#include "consumers/rollups/pure/metrics_row.hpp"

#include <functional>
#include <map>
#include <set>
#include <vector>

namespace weir::rollups {

struct RowChanges {
  std::vector<MetricsRow> replaced;  // rows with other sums, and rows that were not there; ascending by key
  std::vector<WindowKey> completed;  // rows that are right, and only did not say that they are complete
};

/// Whether two aggregates show the same. Peaks of a window without samples show nothing.
[[nodiscard]] bool shows_same(const Aggregate& a, const Aggregate& b);

/// `rows`: ascending by key, all of closed windows. `spoilt`: those whose other columns do not follow from their sums. `truth`: the sums of
/// every window that has any. `is_certain`: whether the agent's status is certain throughout the window.
[[nodiscard]] RowChanges changes_to(const std::vector<MetricsRow>& rows, const std::set<WindowKey>& spoilt,
                                    const std::map<WindowKey, Aggregate>& truth, const std::function<bool(const WindowKey&)>& is_certain,
                                    Instant now);

}  // namespace weir::rollups
