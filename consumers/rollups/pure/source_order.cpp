#include "consumers/rollups/pure/source_order.hpp"

namespace weir::rollups {

namespace {

bool is_of_one_source(const SourceOrder& a, const SourceOrder& b) {
  return a.name.empty() || b.name.empty() || (a.name == b.name && a.db == b.db);
}

}  // namespace

bool is_later(const SourceOrder& a, const SourceOrder& b) {
  if (a.recorded_at && b.recorded_at) {
    const Microseconds apart = is_of_one_source(a, b) ? kRebuiltAfter : Microseconds{0};
    if (*a.recorded_at > *b.recorded_at + apart) return true;
    if (*b.recorded_at > *a.recorded_at + apart) return false;
  }
  return compare_places(a.place, b.place) > 0;
}

}  // namespace weir::rollups
