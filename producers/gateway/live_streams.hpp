// The open streams of this process (GET /v1/stream): each is read for when its user is named by a notice, sends what is news to it, and
// ends with its token.
//
//   ring ──► due ──► in the work queue ──► a page is read and sent ──► the client has taken it ──► due again while the sweep is not over
//
// A stream is read for only once the client has taken all that was sent, so that a slow client costs one page of memory, and is cut by the
// server when it does not take that page in time.
#pragma once

#include "common/http/server.hpp"
#include "common/telemetry/log.hpp"
#include "common/telemetry/metrics.hpp"
#include "producers/gateway/feed.hpp"
#include "producers/gateway/work_queue.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace weir::gateway {

struct StreamOptions {
  std::size_t max_streams = 1'000;
  std::size_t max_of_user = 10;
  std::size_t page_rows = 100;
  std::size_t page_bytes = 64UL << 10U;
  Seconds heartbeat{15};  // a comment, by which proxies see that the connection lives
  Seconds reread{60};     // without a notice: a listening session that has died unseen delays messages, and loses none
};

/// Thread-safe. It must outlive the server whose connections its writers are given to.
class LiveStreams {
 public:
  LiveStreams(Feed& feed, WorkQueue& work, const StreamOptions& options, const Clock& clock, telemetry::Log& log,
              telemetry::Metrics& metrics);
  ~LiveStreams();
  LiveStreams(const LiveStreams&) = delete;
  LiveStreams& operator=(const LiveStreams&) = delete;

  enum class Room : std::uint8_t { kFree, kFull, kUserFull, kStopping };
  [[nodiscard]] Room room_for(const UserId& user) const;
  /// The writer of a new stream. `last_seen` is the last event that the client has seen.
  [[nodiscard]] std::shared_ptr<http::StreamWriter> make(const Identity& caller, const std::optional<FeedPlace>& last_seen);

  /// These users have news.
  void ring(std::span<const UserId> users);
  /// Any user with a stream may have news.
  void ring_all();
  /// Ends streams whose tokens have expired, and sends the heartbeats that are due. Called several times a second.
  void tick();
  /// Ends all streams, and lets no new one begin.
  void stop();
  [[nodiscard]] std::size_t open() const;

 private:
  class Live;
  using Lives = std::vector<std::shared_ptr<Live>>;

  void opened(const std::shared_ptr<Live>& live, std::shared_ptr<http::Stream> stream);
  void drained(const std::shared_ptr<Live>& live);
  void closed(const std::shared_ptr<Live>& live, http::StreamEnd end);
  void put_in_line(const std::shared_ptr<Live>& live);
  void read_for(const std::shared_ptr<Live>& live);
  [[nodiscard]] Result<std::string> next_page(Live& live);
  void tick_one(const std::shared_ptr<Live>& live);
  [[nodiscard]] Lives all() const;

  Feed& feed_;
  WorkQueue& work_;
  const StreamOptions options_;
  const Clock& clock_;
  telemetry::Log& log_;
  telemetry::Metrics& metrics_;
  mutable std::mutex mutex_;
  std::unordered_map<UserId, Lives> lives_;
  std::size_t open_ = 0;
  bool stopping_ = false;
  SteadyInstant log_full_at_{};
};

}  // namespace weir::gateway
