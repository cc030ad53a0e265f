// Rows in two generations: the older is dropped whole once the younger is full.
#include "consumers/rollups/metrics_store.hpp"

#include <utility>

namespace weir::rollups {

const MetricsRow* MetricsCache::find(const WindowKey& key) const {
  for (const Rows* rows : {&young_, &old_}) {
    if (const auto found = rows->find(key); found != rows->end()) return &found->second;
  }
  return nullptr;
}

void MetricsCache::put(MetricsRow&& row) {
  if (young_.size() >= rows_) {
    old_.swap(young_);
    young_.clear();
  }
  // An older copy in old_ is not used any more.
  young_[row.key] = std::move(row);
}

void MetricsCache::close(Instant until) {
  for (Rows* rows : {&young_, &old_}) {
    rows->erase_if([until](const Rows::Entry& row) { return row.first.start + kWindowLength <= until; });
  }
}

void MetricsCache::clear() {
  young_.clear();
  old_.clear();
}

std::size_t MetricsCache::size() const { return young_.size() + old_.size(); }

}  // namespace weir::rollups
