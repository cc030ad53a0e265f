// The SQL of weir.group_releases.
#pragma once

#include "common/core/time.hpp"
#include "common/postgres/statements.hpp"

namespace weir::insights {

/// Releases the figures of this week's groups, those of at most 50 professionals a call. Returns whether some are left to be done at once.
/// One instance at a time does this, and another one that comes meanwhile does nothing. A week that is done costs the reading of one row.
[[nodiscard]] Result<bool> release_groups(postgres::Statements& connection, Instant now);

}  // namespace weir::insights
