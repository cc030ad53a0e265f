#include "consumers/rollups/pure/divergence.hpp"

namespace weir::rollups {

ExecutionEffect corrected(ExecutionEffect told, const Divergence& held, Instant recorded_at, const TimeLimits& limits) {
  const bool takes_out = told.minus.has_value();
  told.minus = held.counted;
  const bool is_frozen = held.counted && held.counted->key.start + kWindowLength <= recorded_at - limits.retention;
  if (is_frozen) told.minus.reset();
  if (told.refusal) return told;
  if (told.minus != told.plus) {
    told.skipped = {};
  } else if (told.plus) {
    told.skipped = "no_change";
  } else if (is_frozen) {
    told.skipped = "frozen";
  } else if (takes_out) {
    told.skipped = "not_counted";
  }
  return told;
}

}  // namespace weir::rollups
