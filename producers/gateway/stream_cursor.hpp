// Where a stream of a user's messages stands, and which of the rows that are read are news to it. Pure.
//
// A row's updated_at is the time at which its transaction began, so that rows become visible out of its order: a row of an earlier time may
// appear after the stream has sent a later one. Each sweep therefore reads again from kOverlap before the newest row that was sent, and the
// stream remembers what it has sent in that time. A message that changes (its status, or that it was read) is sent again, as it is then.
//
//   id of an event := microseconds of updated_at since 1970 "-" uuid of the message
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weir::gateway {

/// Longer than any transaction that writes messages may take.
inline constexpr Seconds kOverlap{60};

/// The place of a row in the order of (updated_at, id).
struct FeedPlace {
  Instant updated_at{};
  Uuid id{};
  friend auto operator<=>(const FeedPlace&, const FeedPlace&) = default;
};

[[nodiscard]] std::string event_id(const FeedPlace& place);
/// None where the text is no id of an event.
[[nodiscard]] std::optional<FeedPlace> parse_event_id(std::string_view text);

class StreamCursor {
 public:
  /// `newest` is the last row that the client has seen; a client that has seen none begins with the messages of the last kOverlap.
  /// At most `max_remembered` rows are remembered: over them the oldest may be sent twice.
  explicit StreamCursor(const FeedPlace& newest, std::size_t max_remembered = 10'000);

  /// The place behind which the sweep goes on.
  [[nodiscard]] const FeedPlace& place() const { return place_; }
  /// Takes the next row of the sweep; true where the stream has not sent it in this state. A row that is dated after `now` counts as of
  /// now, since no row of the present would be read after it otherwise.
  [[nodiscard]] bool take(const FeedPlace& row, Instant now);
  /// The sweep has come to the end: the next one begins kOverlap before the newest row.
  void finish_sweep();
  [[nodiscard]] std::size_t remembered() const { return sent_.size(); }

 private:
  void remember(const FeedPlace& row);

  Instant newest_;
  FeedPlace place_;
  std::size_t max_remembered_;
  std::unordered_map<Uuid, Instant> sent_;  // the state in which each message was sent last
  std::deque<FeedPlace> order_;             // of sending; a message that was sent again stands in it twice
};

}  // namespace weir::gateway
