// The id of a message, which is the same however often its event comes, so that no message is made twice.
#pragma once

#include "common/core/uuid.hpp"

#include <string>
#include <string_view>

namespace weir::notifications {

/// What makes a message another one. `cause` is the identity of its event, or the rule's dedupe key, which several events may share.
struct MessageOrigin {
  OrganizationId organization;
  std::string cause;
  Uuid rule;
  std::string receiver;  // the user's id, or the name of a room
  std::string channel;
  std::string destination;  // the id or name of where the receiver is reached
};

[[nodiscard]] Uuid message_id(const MessageOrigin& origin);

}  // namespace weir::notifications
