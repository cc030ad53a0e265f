#include "consumers/rollups/pure/recomputed_rows.hpp"

namespace weir::rollups {

namespace {

bool shows_same(const Peak& a, const Measure& of_a, const Peak& b, const Measure& of_b) {
  if (of_a.count == 0 && of_b.count == 0) return true;
  return a == b;
}

/// What the row is to be; its key and place in the database stay.
void replace(RowChanges& changes, MetricsRow row, bool is_spoilt, const Aggregate& truth, bool is_certain, Instant now) {
  if (row.writing.version > 0 && !is_spoilt && shows_same(row.aggregate, truth)) {
    if (!row.is_complete && is_certain) changes.completed.push_back(row.key);
    return;
  }
  row.aggregate = truth;
  row.writing = row.writing.next(true, now);
  row.is_complete = is_certain;
  changes.replaced.push_back(std::move(row));
}

}  // namespace

bool shows_same(const Aggregate& a, const Aggregate& b) {
  Aggregate with_peaks = a;
  with_peaks.memory_peak = b.memory_peak;
  with_peaks.cpu_peak = b.cpu_peak;
  return with_peaks == b && shows_same(a.memory_peak, a.memory, b.memory_peak, b.memory) &&
         shows_same(a.cpu_peak, a.cpu, b.cpu_peak, b.cpu);
}

RowChanges changes_to(const std::vector<MetricsRow>& rows, const std::set<WindowKey>& spoilt, const std::map<WindowKey, Aggregate>& truth,
                      const std::function<bool(const WindowKey&)>& is_certain, Instant now) {
  RowChanges changes;
  const Aggregate nothing;
  auto row = rows.begin();
  auto sums = truth.begin();
  while (row != rows.end() || sums != truth.end()) {
    if (sums == truth.end() || (row != rows.end() && row->key < sums->first)) {
      replace(changes, *row, spoilt.contains(row->key), nothing, is_certain(row->key), now);
      ++row;
    } else if (row == rows.end() || sums->first < row->key) {
      MetricsRow fresh;
      fresh.key = sums->first;
      replace(changes, std::move(fresh), false, sums->second, is_certain(sums->first), now);
      ++sums;
    } else {
      replace(changes, *row, spoilt.contains(row->key), sums->second, is_certain(row->key), now);
      ++row;
      ++sums;
    }
  }
  return changes;
}

}  // namespace weir::rollups
