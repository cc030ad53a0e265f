// The SQL of callbacks: it writes what providers report about messages, which messages users do not want, and which addresses are
// confirmed.
//
// Rows are locked as the deliverer locks them, so that the two do not wait for each other: first in the queue, then in the ledger, each by
// id.
#pragma once

#include "common/events/confirmation_token.hpp"
#include "common/events/unsubscribe_token.hpp"
#include "common/postgres/statements.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::notifications {

/// A message that a provider's report is about.
struct SentMessage {
  Uuid id;
  OrganizationId organization;
  Instant created_at{};
  std::optional<UserId> user;
  std::optional<Uuid> destination;
  std::string status;
  std::string reason{};     // of a status that was reported
  bool is_changed = false;  // status and reason are still to be written
};

/// Finds and locks the messages of these ids. A provider that reports about a message has it, so that a message which waits to be sent
/// again, because its call had no answer, leaves the queue.
[[nodiscard]] Result<std::map<Uuid, SentMessage>> find_sent(postgres::Statements& connection, std::span<const Uuid> ids);
/// Writes the messages that are changed, and that the provider accepted their last attempts.
[[nodiscard]] Result<void> write_sent(postgres::Statements& connection, const std::map<Uuid, SentMessage>& messages);

/// Groups of messages that users switch off, each with the hash of the token that said so.
using Wishes = std::map<events::Unsubscription, std::string>;
enum class Told : std::uint8_t { kWritten, kKnown, kNobody };
/// Switches groups of messages off for users, and suppresses messages of these groups that still wait. kKnown: the group was off already;
/// kNobody: there is no such user.
[[nodiscard]] Result<std::map<events::Unsubscription, Told>> unsubscribe(postgres::Statements& connection, const Wishes& wishes);

enum class Confirmed : std::uint8_t { kVerified, kKnown, kChanged, kDisabled, kGone };
/// Verifies addresses, in the order of the confirmations. kChanged: the row has changed since the link was mailed.
[[nodiscard]] Result<std::vector<Confirmed>> verify_addresses(postgres::Statements& connection,
                                                              std::span<const events::Confirmation> confirmations);

}  // namespace weir::notifications
