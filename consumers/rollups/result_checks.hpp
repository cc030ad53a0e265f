// What the rows of weir rollups have to be, as SQL: a second computation, which has no line in common with the first.
#pragma once

#include "common/process/declaration.hpp"

namespace weir::rollups {

/// Compares with accepted_actions, a table of the session that holds the actions which the gateway accepted, repeats among them:
/// organization_id, id, action_type, user_id, session, occurred_at.
[[nodiscard]] process::ResultChecks result_checks();

}  // namespace weir::rollups
