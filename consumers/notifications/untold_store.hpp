// Addresses that weir has disabled without having told their owners yet.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/notifications/pure/plan.hpp"

#include <vector>

namespace weir::notifications {

/// Takes some of these addresses, and marks their owners as told. Gives an event of the source "destination.disabled" for each, with the
/// columns id, user_id, channel, disabled_reason and disabled_at.
[[nodiscard]] Result<std::vector<Occurrence>> take_untold(postgres::Statements& connection, Instant now);

}  // namespace weir::notifications
