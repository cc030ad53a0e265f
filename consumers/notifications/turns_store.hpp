// Where many messages of a channel are due, a claim looks at some of each organization that has any, in turn.
#pragma once

#include "consumers/notifications/claim_store.hpp"

#include <vector>

namespace weir::notifications {

struct MessagesInTurn {
  std::vector<QueuedMessage> messages;
  bool are_of_all = false;  // of each account and organization that has messages, some were looked at
};

/// Messages of the next organizations in turn, locked: the oldest of each rank, the same number of every organization. What organizations
/// with few messages leave free is for those that have more. Moves the turn on.
[[nodiscard]] Result<MessagesInTurn> messages_in_turn(postgres::Statements& connection, const DueQuery& query, Turn& turn);

}  // namespace weir::notifications
