// The SQL of callbacks: what providers report of messages, who wants no more of them, and which addresses are confirmed.
//
// Locks come in the order of the deliverer's: rows of the queue, then rows of the ledger, each by id.
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

/// A message that a provider speaks of.
struct SentMessage {
  Uuid id;
  OrganizationId organization;
  Instant created_at{};
  std::optional<UserId> user;
  std::optional<Uuid> destination;
  std::string status;
  std::string reason{};     // what becomes of it
  bool is_changed = false;  // the status and the reason are to be written
};

/// The messages of these ids that are known, locked. What a provider reports of it has arrived there, so that whoever waits to be sent
/// again, because a call had no answer, waits no more.
[[nodiscard]] Result<std::map<Uuid, SentMessage>> find_sent(postgres::Statements& connection, std::span<const Uuid> ids);
/// Writes the messages that are changed, and what is known now of their last attempts.
[[nodiscard]] Result<void> write_sent(postgres::Statements& connection, const std::map<Uuid, SentMessage>& messages);

/// Groups of messages that users switch off, each with the hash of the token that said so.
using Wishes = std::map<events::Unsubscription, std::string>;
enum class Told : std::uint8_t { kWritten, kKnown, kNobody };
/// Switches groups of messages off for users, and ends what waits for them of these. kKnown: it was off; kNobody: there is no such user.
[[nodiscard]] Result<std::map<events::Unsubscription, Told>> unsubscribe(postgres::Statements& connection, const Wishes& wishes);

enum class Confirmed : std::uint8_t { kVerified, kKnown, kChanged, kDisabled, kGone };
/// Verifies addresses, in the order of the confirmations. kChanged: the row is another than the one that the link was mailed to.
[[nodiscard]] Result<std::vector<Confirmed>> verify_addresses(postgres::Statements& connection,
                                                              std::span<const events::Confirmation> confirmations);

}  // namespace weir::notifications
