// The id of a message. A repeated event gives the same id again, so that no message is made twice.
#pragma once

#include "common/core/uuid.hpp"

#include <string>
#include <string_view>

namespace weir::notifications {

/// The parts that tell messages apart. `cause` is the identity of the event, or the rule's dedupe key, which several events may share.
struct MessageOrigin {
  OrganizationId organization;
  std::string cause;
  Uuid rule;
  std::string receiver;  // the user's id, or the name of a room
  std::string channel;
  std::string destination;  // the id or name of the receiver's address
};

[[nodiscard]] Uuid message_id(const MessageOrigin& origin);

}  // namespace weir::notifications
