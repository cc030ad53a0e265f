// weir.event_ids: the identities of the actions that a group has taken, because a publisher may publish an action twice, at two places in
// the log. An identity is kept for a day. While a letter with that identity waits, the identity is kept as long as the letter, because the
// action's repeat may be taken before an operator sends the letter through again.
#pragma once

#include "common/postgres/statements.hpp"

#include <span>
#include <string_view>
#include <unordered_set>

namespace weir::group_state {

/// Keeps the identities, in primary-key order, and returns those that were not there before.
[[nodiscard]] Result<std::unordered_set<Uuid>> claim_events(postgres::Statements& connection, std::string_view group,
                                                            std::span<const Uuid> ids);
/// Forgets the identities that are kept no longer.
[[nodiscard]] Result<void> forget_events(postgres::Statements& connection, std::string_view group);

}  // namespace weir::group_state
