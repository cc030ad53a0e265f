// From when on windows are kept. Retention goes by the time of events, which the group's closing tells, and not by a clock alone: a group
// that is behind still needs old windows, and a source whose clock is ahead must not make all of them go.
#pragma once

#include "common/core/time.hpp"

#include <algorithm>

namespace weir::rollups {

/// How long rows of each level are kept.
struct Retention {
  Microseconds windows{};  // of 5 minutes
  Microseconds hours{};
  Microseconds days{};
};

/// The UTC day from which on windows are kept. `closed_until`: up to where windows are final; `now`: Postgres's clock.
[[nodiscard]] inline Instant kept_from(Instant closed_until, Instant now, Microseconds retention) {
  return Instant{std::chrono::floor<std::chrono::days>(std::min(closed_until, now) - retention)};
}

}  // namespace weir::rollups
