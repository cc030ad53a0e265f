// One step of a row.
#include "consumers/rollups/pure/metrics_row.hpp"

namespace weir::rollups {

Writing Writing::next(bool window_is_closed, Instant now) const {
  Writing out = *this;
  ++out.version;
  if (window_is_closed) {
    ++out.revision;
    out.corrected_at = now;
    out.is_final = true;
  }
  return out;
}

MetricsRow next_row(MetricsRow base, const MetricsChange& change, Instant now) {
  base.key = change.key;
  base.aggregate.merge(change.delta);
  if (change.presence) {
    base.presence = *change.presence;
    base.presence_until = change.presence_until;
  }
  base.writing = base.writing.next(change.window_is_closed, now);
  return base;
}

}  // namespace weir::rollups
