// Addresses that weir disabled, and of which their owners were not told yet.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/notifications/pure/plan.hpp"

#include <vector>

namespace weir::notifications {

/// An event of the source "destination.disabled" for each of some, with the columns id, user_id, channel, disabled_reason and disabled_at;
/// from then on they count as told.
[[nodiscard]] Result<std::vector<Occurrence>> take_untold(postgres::Statements& connection, Instant now);

}  // namespace weir::notifications
