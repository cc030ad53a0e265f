// The port to the messages of users. Every question is asked under the caller's claims, so that row security holds as well as the condition
// on the user. Called from several threads.
#pragma once

#include "common/core/result.hpp"
#include "producers/gateway/stream_cursor.hpp"
#include "producers/gateway/token.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::gateway {

/// A row of public.notifications whose user_id is the caller's.
struct FeedMessage {
  Uuid id;
  Instant created_at{};
  Instant updated_at{};
  std::string template_key;
  std::string channel;
  std::string priority;
  std::string status;
  std::string subject;
  std::string body;
  std::string variables;  // JSON
  std::optional<Instant> read_at;

  [[nodiscard]] FeedPlace place() const { return {updated_at, id}; }
};

/// Behind the last message of a page, newest first.
struct PagePlace {
  Instant created_at{};
  Uuid id{};
};

struct FeedPage {
  std::vector<FeedMessage> messages;  // newest first
  std::int64_t unread = 0;            // of all messages of the feed
};

class Feed {
 public:
  Feed() = default;
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  virtual ~Feed() = default;

  /// Postgres's time, from which a stream begins whose client has seen nothing.
  virtual Result<Instant> now() = 0;
  /// The next messages behind a place, of any channel and status, in the order of places.
  virtual Result<std::vector<FeedMessage>> after(const Identity& caller, const FeedPlace& place, std::size_t limit) = 0;
  /// The messages that a page shows.
  virtual Result<FeedPage> page(const Identity& caller, const std::optional<PagePlace>& before, std::size_t limit) = 0;
  /// False where the caller has no such message. A message that was read stays read since then.
  virtual Result<bool> mark_read(const Identity& caller, const Uuid& id) = 0;
  /// Marks all messages that a page shows; gives their number.
  virtual Result<std::int64_t> mark_all_read(const Identity& caller) = 0;
};

}  // namespace weir::gateway
