// Writes messages: their ids, which make each of them unique, the rows of the ledger, those of the queue, and the digests that gather them.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/notifications/pure/plan.hpp"

#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace weir::notifications {

/// A message with its texts, as it is stored.
struct MessageRow {
  const PlannedMessage* planned = nullptr;
  Texts texts;
  std::string trace_id;
  std::optional<Uuid> digest;  // that it is a member of, or the message of
};

/// Makes the month's partitions of the ledger.
[[nodiscard]] Result<void> ensure_partitions(postgres::Statements& connection);

/// Keeps the ids of messages, and gives those that no message had before. `messages` is in order of id, and no id is in it twice.
[[nodiscard]] Result<std::unordered_set<Uuid>> claim_keys(postgres::Statements& connection,
                                                          std::span<const PlannedMessage* const> messages);

/// The open digest of each key; one that was not open is opened, and closes at the time given. A digest stays open at least until this
/// transaction ends.
[[nodiscard]] Result<std::map<DigestKey, Uuid>> open_digests(postgres::Statements& connection, const std::map<DigestKey, Instant>& wanted,
                                                             Instant now);

/// Writes the rows of the ledger, and of the queue where a message is still to be delivered.
[[nodiscard]] Result<void> write_messages(postgres::Statements& connection, std::span<const MessageRow> rows);

/// Tells the feeds of users that they have something new.
[[nodiscard]] Result<void> ring_feeds(postgres::Statements& connection, const std::set<UserId>& users);

/// Gathers the deliverers and the users' feeds that have to be told of new messages.
class News {
 public:
  void add(std::span<const MessageRow> rows);
  [[nodiscard]] Result<void> ring(postgres::Statements& connection) const;

 private:
  std::set<UserId> users_;
  std::set<std::string> queued_;  // channels
};

/// Waiting push messages and mail that an event makes needless.
struct Cancellation {
  OrganizationId organization;
  UserId user;
  std::string template_key;  // of the message that cancels; it stays, as all others of its template
  std::string variable;
  std::string value;
  friend auto operator<=>(const Cancellation&, const Cancellation&) = default;
};
[[nodiscard]] Result<void> cancel_messages(postgres::Statements& connection, const std::set<Cancellation>& cancellations);

}  // namespace weir::notifications
