// How far an event's own time may lie from its record's time. The local clock is not used, so that a replay judges as the first reading
// did.
#pragma once

#include "common/core/time.hpp"

namespace weir::rollups {

struct TimeLimits {
  Microseconds retention{};
  Microseconds max_future{};
};

enum class Timeliness { kFits, kTooOld, kTooFarInFuture };

[[nodiscard]] constexpr Timeliness judge_time(Instant event_time, Instant recorded_at, const TimeLimits& limits) {
  if (event_time > recorded_at + limits.max_future) return Timeliness::kTooFarInFuture;
  if (event_time < recorded_at - limits.retention) return Timeliness::kTooOld;
  return Timeliness::kFits;
}

}  // namespace weir::rollups
