// weir.event_ids: which actions a group has taken, by their identity, since whoever publishes an action may publish it twice, at two places
// in the log. An identity is kept for a day. Where a letter with that identity waits it is kept for as long as the letter does: should an
// operator send the letter through again, its repeat may have been taken meanwhile.
#pragma once

#include "common/postgres/connection.hpp"

#include <span>
#include <string_view>
#include <unordered_set>

namespace weir::group_state {

/// Keeps the identities, in primary-key order; gives those that were not there before.
[[nodiscard]] Result<std::unordered_set<Uuid>> claim_events(postgres::Connection& connection, std::string_view group,
                                                            std::span<const Uuid> ids);
/// Forgets those that no repeat can have any more.
[[nodiscard]] Result<void> forget_events(postgres::Connection& connection, std::string_view group);

}  // namespace weir::group_state
