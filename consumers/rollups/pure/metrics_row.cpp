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

void advance(MetricsRow& row, const MetricsChange& change, Instant now) {
  row.key = change.key;
  row.aggregate.merge(change.delta);
  if (change.presence) {
    row.presence = *change.presence;
    row.presence_until = change.presence_until;
  }
  row.writing = row.writing.next(change.window_is_closed, now);
  row.is_complete = change.is_complete;
}

}  // namespace weir::rollups
