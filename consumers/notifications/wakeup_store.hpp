// What time brings to messages that wait: in_app rows whose hour has come, messages that are too late, twins that were read, and digests
// that close. Each is one bounded statement, and several instances may work at once, because each takes the rows that no other has taken.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/notifications/pure/plan.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weir::notifications {

/// The most rows of each kind that one wake-up takes.
inline constexpr std::int64_t kMostAtOnce = 2'000;

/// Ends messages that were not begun in time. What may have been sent is never expired. Gives how many.
[[nodiscard]] Result<std::uint64_t> expire_messages(postgres::Statements& connection, Instant now);

struct Delivered {
  std::uint64_t rows = 0;
  std::set<UserId> users;
};
/// Delivers in_app and dashboard rows that are due.
[[nodiscard]] Result<Delivered> deliver_due_rows(postgres::Statements& connection, Instant now);

/// Cancels waiting push messages and mail whose in_app twin was read since then; gives up to when it has looked. A commit may bring a
/// reading of up to a minute before.
[[nodiscard]] Result<std::optional<Instant>> cancel_read_twins(postgres::Statements& connection, std::optional<Instant> since);

/// A member's texts, for the digest's message.
struct DigestContent {
  ClosedDigest digest;
  std::size_t count = 0;
  std::vector<std::string> subjects;  // of the first members
  std::vector<std::string> bodies;
};
/// Closes the digests that are due.
[[nodiscard]] Result<std::vector<DigestContent>> close_digests(postgres::Statements& connection, Instant now);

/// Removes ids and digests that are no longer kept.
[[nodiscard]] Result<void> forget_old(postgres::Statements& connection);

}  // namespace weir::notifications
