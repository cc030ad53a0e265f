// Applies the callbacks of a batch: a provider's report raises the status of its message and may disable an address, and a click on a link
// unsubscribes a user or confirms an address.
#pragma once

#include "common/postgres/statements.hpp"
#include "common/runtime/event.hpp"
#include "consumers/notifications/callback_decoder.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace weir::notifications {

/// Gives how each callback ended, in their order. A report that the group has taken already is known by its event's id.
[[nodiscard]] Result<std::vector<runtime::Outcome>> take_callbacks(postgres::Statements& connection, std::string_view group,
                                                                   std::span<const Callback* const> callbacks);

}  // namespace weir::notifications
