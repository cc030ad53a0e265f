// Engagement in SQL: whose first action moved, and the upsert of engagement_rollups. Rows are locked in primary-key
// order.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/pure/engagement.hpp"

#include <map>
#include <span>
#include <vector>

namespace weir::rollups {

using EngagementChanges = std::map<EngagementKey, EngagementAggregate>;

/// Keeps each user's earliest action, and adds to `changes` how first_time_users changes by that, also in the window from which a first
/// action moves away.
[[nodiscard]] Result<void> record_first_seen(postgres::Statements& connection, std::span<const ActionFact* const> facts,
                                             EngagementChanges& changes);

/// Merges the changes into engagement_rollups. Windows that end at or before `closed_until` are written as corrections.
[[nodiscard]] Result<void> write_engagement(postgres::Statements& connection, const EngagementChanges& changes,
                                            std::optional<Instant> closed_until, Instant now);

}  // namespace weir::rollups
