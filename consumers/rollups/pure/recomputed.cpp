#include "consumers/rollups/pure/recomputed.hpp"

#include <algorithm>

namespace weir::rollups {

Holding RecomputedRange::holds(const ChangeOrigin& change) const {
  if (change.source_name != source_name || change.source_db != source_db) return Holding::kNo;
  if (change.lsn > wal_position) return Holding::kNo;
  if (change.transaction == 0) return Holding::kUnknown;
  return snapshot.sees(change.transaction) ? Holding::kYes : Holding::kNo;
}

void Recomputed::add(RecomputedRange range) {
  auto& of_organization = ranges_[range.organization];
  of_organization.push_back(std::move(range));
}

bool Recomputed::covers(const WindowKey& window) const {
  const auto found = ranges_.find(window.organization);
  return found != ranges_.end() &&
         std::any_of(found->second.begin(), found->second.end(), [&](const RecomputedRange& range) { return range.covers(window); });
}

Holding Recomputed::holds(const WindowKey& window, const ChangeOrigin& change) const {
  const auto found = ranges_.find(window.organization);
  if (found == ranges_.end()) return Holding::kNo;
  Holding held = Holding::kNo;
  for (const RecomputedRange& range : found->second) {
    if (!range.covers(window)) continue;
    const Holding here = range.holds(change);
    if (here == Holding::kYes) return here;
    if (here == Holding::kUnknown) held = here;
  }
  return held;
}

}  // namespace weir::rollups
