#include "consumers/notifications/pure/local_time.hpp"

namespace weir::notifications {

namespace {

Instant at_offset(LocalTime local, Seconds ahead) { return Instant{local.time_since_epoch() - ahead}; }

}  // namespace

LocalTime local_time(Instant at, Zone zone) {
  WEIR_ASSERT(!zone.empty());
  Seconds ahead = zone.front().ahead;
  for (const ZoneOffset& offset : zone) {
    if (offset.from <= at) ahead = offset.ahead;
  }
  return LocalTime{at.time_since_epoch() + ahead};
}

Moments moments_of(LocalTime local, Zone zone) {
  WEIR_ASSERT(!zone.empty());
  std::optional<Instant> first;
  Instant last{};
  Instant after_gap = at_offset(local, zone.front().ahead);
  for (std::size_t i = 0; i < zone.size(); ++i) {
    const Instant at = at_offset(local, zone[i].ahead);
    const bool has_begun = i == 0 || at >= zone[i].from;
    const bool has_ended = i + 1 < zone.size() && at >= zone[i + 1].from;
    if (has_begun && !has_ended) {
      if (!first) first = at;
      last = at;
    }
    // Clocks went past it when this offset began, from the one before, if none shows it.
    if (i > 0 && at < zone[i].from && at_offset(local, zone[i - 1].ahead) >= zone[i].from) after_gap = zone[i].from;
  }
  if (!first) return {after_gap, after_gap};
  return {*first, last};
}

}  // namespace weir::notifications
