// Decides which of the messages that are due are claimed now, which wait for a token and until when, and which are not to be sent any more.
// Pure: the store gives the messages, the states of their buckets and the time, and writes what is decided.
#pragma once

#include "common/core/token_grants.hpp"
#include "consumers/notifications/pure/limits.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace weir::notifications {

/// How many messages of each rank stand in a line.
using Line = std::array<std::int64_t, 4>;

/// What a claim is decided by, besides the messages.
struct ClaimTerms {
  Instant now{};  // Postgres' clock, once the buckets were locked
  std::size_t most = 0;
  std::map<std::string, std::size_t> room;  // of accounts by name
  std::size_t room_of_others = 0;
  std::optional<OrganizationId> after;  // the organization that was served last: the turn goes on behind it
};

struct BucketStates {
  std::map<std::string, TokenBucket> buckets;  // by key; each bucket that a message needs
  std::map<std::string, Line> lines;           // by line; the messages that are decided here count, too
};

/// A message that waits for a token.
struct Deferred {
  std::size_t message = 0;  // its index
  Instant due{};
  std::string line;
  LimitScope scope = LimitScope::kUser;  // of the limit for which it waits
};

/// A spare message that becomes due earlier.
struct Moved {
  std::size_t message = 0;  // its index
  Instant due{};
};

struct ClaimPlan {
  std::vector<std::size_t> claimed;  // indexes of messages, in the order of their turn
  std::size_t left = 0;              // messages, but spare ones, for which there is no room
  std::vector<Deferred> deferred;
  std::vector<Moved> moved;                          // of each line one at most
  std::array<std::int64_t, kLimitScopes> granted{};  // tokens by LimitScope
  std::optional<OrganizationId> after;
};

/// Why a message is not sent any more.
enum class Unsent : std::uint8_t {
  kUnwanted,  // a user or an event said so while the last attempt was under way
  kExpired,
  kHeld,          // may have been sent, and is held for an operator
  kStaysInDoubt,  // may have been sent, and it is too late to send it again
};
/// Nothing where it may be sent. `is_idempotent`: the receiver drops a message that it has already.
[[nodiscard]] std::optional<Unsent> unsent(const QueuedMessage& message, bool is_idempotent, Instant now);

/// Critical messages come first, then organizations in turn: of each the higher ranks first, and the older messages of a rank. So that no
/// low rank waits without end, in every eighth second messages that are older than a minute come before all that are not critical.
///
/// All tokens of a message are taken, or none. A message that is refused is due at the time of its token, and stands in the line of that
/// token's bucket. A message that comes later, and has no higher rank, stands behind it: a token that is there may not be its own. Spare
/// messages come last: they take tokens that are left over because others of their lines have gone away. The first of a line that gets none
/// comes forward to the next token, where its own time is later by a second or more; the others stay, and follow when it is claimed.
[[nodiscard]] ClaimPlan plan_claim(std::span<const QueuedMessage> messages, const Limits& limits, BucketStates& states,
                                   const ClaimTerms& terms);

}  // namespace weir::notifications
