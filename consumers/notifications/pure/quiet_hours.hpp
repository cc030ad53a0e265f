// Hours in which a user wants no message, by the clocks of the place where the user is.
#pragma once

#include "consumers/notifications/pure/local_time.hpp"

#include <optional>

namespace weir::notifications {

/// Times of the day. They cross midnight where `until` is earlier than `from`; where both are the same there are none.
struct QuietHours {
  std::chrono::minutes from{0};
  std::chrono::minutes until{0};
};

/// The end of the quiet hours that `now` lies in; nothing outside of them. A start that clocks show twice is the earlier
/// moment, such an end is the later moment, and a start or end in a gap is the first moment after the gap.
[[nodiscard]] std::optional<Instant> quiet_until(const QuietHours& hours, Zone zone, Instant now);

}  // namespace weir::notifications
