// The wake-up of weir notifications.
#pragma once

#include "consumers/notifications/receivers_store.hpp"

namespace weir::notifications {

/// What a wake-up has found out for the next.
struct WakeupMemory {
  std::optional<Instant> readings_seen_until;
};

/// True: there is more to do at once.
[[nodiscard]] Result<bool> wake_up(postgres::Statements& connection, const MessageSettings& settings, ZoneCache& zones,
                                   WakeupMemory& memory, Instant now);

}  // namespace weir::notifications
