// Times as the clocks of a place show them. Which offset from UTC holds there from when on is an argument, so that this needs no database
// of time zones, and a test may make up its own.
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

/// In order of time, at least one; the first holds at all times before the second, too.
using Zone = std::span<const ZoneOffset>;

[[nodiscard]] LocalTime local_time(Instant at, Zone zone);

/// When clocks show a time. Where they are set back past it they show it twice; where they are set forward past it, never: then both are
/// the first moment after the gap.
struct Moments {
  Instant first;
  Instant last;
};
[[nodiscard]] Moments moments_of(LocalTime local, Zone zone);

}  // namespace weir::notifications
