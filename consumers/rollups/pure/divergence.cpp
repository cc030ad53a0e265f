#include "consumers/rollups/pure/divergence.hpp"

#include <algorithm>

namespace weir::rollups {

namespace {

bool is_same(const SourceOrder& a, const SourceOrder& b) { return !is_later(a, b) && !is_later(b, a); }

void raise(std::optional<SourceOrder>& order, const SourceOrder& to) {
  if (!order || is_later(to, *order)) order = to;
}

}  // namespace

Meeting meet(const Divergence& held, const SourceOrder& change, bool is_redriven, std::string_view release) {
  if (is_redriven) {
    // A refused change may be tried again, although its `before` was taken out already.
    const bool waits = held.open && held.missed && is_same(*held.missed, change);
    if (held.taken && !waits && !is_later(change, *held.taken)) return Meeting::kSuperseded;
    return held.open ? Meeting::kByWhatIsHeld : Meeting::kAsTold;
  }
  // A change from before the last missed one came late, through another partition. The windows count it like any other, because the
  // `before` of the missed change includes it.
  if (!held.open || held.refused_by == release || (held.missed && is_later(*held.missed, change))) return Meeting::kAsTold;
  return Meeting::kByWhatIsHeld;
}

ExecutionEffect corrected(ExecutionEffect told, const std::optional<Contribution>& counted, Instant recorded_at, const TimeLimits& limits) {
  const bool takes_out = told.minus.has_value();
  told.minus = counted;
  const bool is_frozen = counted && counted->key.start + kWindowLength <= recorded_at - limits.retention;
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

void note_missed(Divergences& divergences, const Missed& missed) {
  const auto [found, is_first] = divergences.try_emplace(missed.row);
  Divergence& held = found->second;
  if (is_first || !held.open) {
    held.open = true;
    held.counted = missed.counted;
  }
  raise(held.missed, missed.order);
  held.kept_until = std::max(held.kept_until, missed.kept_until);
  held.refused_by.clear();
}

void note_refused(Divergences& divergences, const ExecutionId& row, const SourceOrder& change, Instant kept_until,
                  std::string_view release) {
  Divergence& held = divergences[row];
  held.open = true;
  held.counted.reset();
  raise(held.missed, change);
  raise(held.taken, change);
  held.kept_until = std::max(held.kept_until, kept_until);
  held.refused_by = is_same(*held.missed, change) ? release : "";
}

void note_taken(Divergence& held, const SourceOrder& change, const std::optional<Contribution>& counted) {
  raise(held.taken, change);
  held.open = held.open && held.missed && is_later(*held.missed, change);
  held.refused_by.clear();
  if (held.open) {
    held.counted = counted;
  } else {
    held.counted.reset();
    held.missed.reset();
  }
}

}  // namespace weir::rollups
