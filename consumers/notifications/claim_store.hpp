// The SQL of a claim over weir.delivery_queue: what is due, who waits in line, and what becomes of the messages that are decided. All of it
// is set-based and stands in the transaction of the claim.
//
// Locks come in this order: rows of the queue (a claim skips those that another has locked), buckets by key, rows of the ledger.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/notifications/pure/claim_plan.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::notifications {

/// Where the turn of organizations goes on, in a channel.
struct Turn {
  std::string account;
  OrganizationId organization;
};

struct DueQuery {
  std::string_view channel;
  Microseconds clock_step{0};                 // of a test that moves Postgres' clock
  std::size_t most = 0;                       // messages that may be claimed
  std::vector<std::string> resting{};         // accounts that are not called now
  std::map<std::string, std::size_t> room{};  // messages that may be claimed of an account, by its name; of others: as many as of all
};

struct DueMessages {
  std::vector<QueuedMessage> messages;
  bool are_more = false;    // more messages may be due than were looked at
  bool are_of_all = false;  // of each account and organization that has messages, some were looked at
};

/// Messages that are due, locked. Few are all looked at. Of many, those of the next organizations in turn are, past accounts that rest,
/// and of an account not many more than it has room for: each message that is looked at costs two buckets that are locked.
[[nodiscard]] Result<DueMessages> due_messages(postgres::Statements& connection, const DueQuery& query, Turn& turn);
/// The next of some lines that are not due yet, locked, and spare.
[[nodiscard]] Result<std::vector<QueuedMessage>> next_in_lines(postgres::Statements& connection, const DueQuery& query,
                                                               std::span<const std::string> lines);
/// How many stand in these lines; those without anybody are left out.
[[nodiscard]] Result<std::map<std::string, Line>> count_lines(postgres::Statements& connection, std::span<const std::string> lines);
[[nodiscard]] Result<void> write_deferred(postgres::Statements& connection, std::span<const QueuedMessage> messages,
                                          std::span<const Deferred> deferred);

/// Messages that wait for a token become due earlier. A message stays where an earlier message of its line goes over another channel,
/// because the next token is that message's.
[[nodiscard]] Result<void> write_moved(postgres::Statements& connection, std::span<const QueuedMessage> messages,
                                       std::span<const Moved> moved);

struct UnsentMessage {
  const QueuedMessage* message = nullptr;
  std::string status;
  std::string reason;
};
/// Ends messages that are not sent any more: their rows go.
[[nodiscard]] Result<void> end_messages(postgres::Statements& connection, std::span<const UnsentMessage> ended);

struct TakenMessage {
  std::size_t message = 0;  // its index
  std::int64_t claim = 0;
  int attempt = 0;
  int tries = 0;
  bool is_unanswered = false;
  std::string subject;
  std::string body;
};
/// Begins the claims of messages, whose account and provider may have changed: each gets a claim number, a lease and an attempt. A message
/// that is gone from the ledger, because its user is, goes from the queue.
[[nodiscard]] Result<std::vector<TakenMessage>> take_messages(postgres::Statements& connection,
                                                              std::span<const QueuedMessage* const> messages, Instant now,
                                                              Microseconds lease);
/// Until the next message of a channel is due that is not due yet.
[[nodiscard]] Result<std::optional<Microseconds>> until_next_due(postgres::Statements& connection, const DueQuery& query);

/// What every statement that reads rows of the queue selects, from `q`, and how such a row is read.
extern const char* const kQueuedColumns;
[[nodiscard]] QueuedMessage queued_message(const postgres::Row& row);

}  // namespace weir::notifications
