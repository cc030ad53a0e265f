// Times as the clocks of a place show them. The place's offsets from UTC are an argument, so that these functions need no database of time
// zones, and a test may make up a place.
#pragma once

#include "common/core/time.hpp"

#include <span>

namespace weir::notifications {

using LocalTime = std::chrono::local_time<Microseconds>;

/// From this moment on clocks are so far ahead of UTC (behind: negative), until the next offset begins.
struct ZoneOffset {
  Instant from;
  Seconds ahead;
};

/// In order of time and not empty; the first offset holds at all times before the second, too.
using Zone = std::span<const ZoneOffset>;

[[nodiscard]] LocalTime local_time(Instant at, Zone zone);

/// The moments at which clocks show a time. Clocks that are set back past the time show it twice. Clocks that are set forward past the time
/// never show it, and then both moments are the first moment after the gap.
struct Moments {
  Instant first;
  Instant last;
};
[[nodiscard]] Moments moments_of(LocalTime local, Zone zone);

}  // namespace weir::notifications
