// The checks of one message in the ledger: whether its id, the kept id, its row in the queue and its attempts fit each other. Pure.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::notifications {

/// Whose messages a digest gathers.
struct DigestPlace {
  OrganizationId organization;
  UserId user;
  std::string group;  // of templates
  std::string channel;
  friend bool operator==(const DigestPlace&, const DigestPlace&) = default;
};

/// A row of notifications, with what the tables beside it have of the message.
struct LedgerMessage {
  OrganizationId organization;
  Instant created_at{};
  Uuid id;
  std::optional<UserId> user{};  // none: a room
  std::optional<Uuid> rule{};
  std::string channel;
  std::string destination;
  std::string status;
  std::string cause;
  std::int64_t attempts = 0;
  std::optional<std::string> room{};  // of its rule, which has not changed since the message was made; none: it has, or there is no rule
  bool has_key = false;               // its id is kept
  std::optional<Instant> keyed_at{};  // when the message of this id was made; none: not known
  bool is_queued = false;
  std::int64_t attempts_kept = 0;
  bool is_accepted = false;  // a provider has accepted one of these attempts
  std::string reason{};
  std::string template_key{};
  std::optional<Uuid> digest{};           // that it is a member of, or, where it has no rule, the message of
  std::optional<DigestPlace> gathered{};  // the row of that digest
};

/// A value of a message that does not fit what it follows from.
struct MessageFault {
  std::string column;
  std::string stored;
  std::string source;
};

/// `keeps_keys`: ids of messages as old as this one are still kept, and so are their digests.
[[nodiscard]] std::vector<MessageFault> faults_of(const LedgerMessage& message, bool keeps_keys);

}  // namespace weir::notifications
