#include "consumers/notifications/pure/message_id.hpp"

#include <array>

namespace weir::notifications {

namespace {

// A name space of its own, drawn once: ids of messages meet no others that are made of the same texts.
constexpr std::string_view kNameSpace = "5d1c7b52-0a35-4f0e-9d0b-6f3a2c8e41d7";

}  // namespace

Uuid message_id(const MessageOrigin& origin) {
  const std::array<std::string, 6> parts{origin.organization.text(), origin.cause, origin.rule.text(), origin.receiver, origin.channel,
                                         origin.destination};
  std::string name;
  // With its length before it, no text can pass for the end of one part and the beginning of the next.
  for (const std::string& part : parts) name += std::to_string(part.size()) + ":" + part;
  return Uuid::v5(*Uuid::parse(kNameSpace), name);
}

}  // namespace weir::notifications
