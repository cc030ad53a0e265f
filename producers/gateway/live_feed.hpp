// The feed and the streams of this process, as they belong together: questions to Postgres, the threads that ask them, the open streams,
// and the session that hears of new messages.
#pragma once

#include "producers/gateway/feed_api.hpp"
#include "producers/gateway/feed_listener.hpp"
#include "producers/gateway/postgres_feed.hpp"

#include <memory>

namespace weir::gateway {

struct LiveFeedOptions {
  StreamOptions streams;
  int threads = 0;
  postgres::Settings questions;
  postgres::Settings notices;  // of a direct connection
};

class LiveFeed {
 public:
  LiveFeed(LiveFeedOptions options, TokenVerifier& tokens, Strangers& strangers, const Clock& clock, telemetry::Log& log,
           telemetry::Metrics& metrics);
  LiveFeed(const LiveFeed&) = delete;
  LiveFeed& operator=(const LiveFeed&) = delete;
  /// To be destroyed after the server. First the listener ends, then the questions, then the streams.
  ~LiveFeed();

  /// Asks a question as callers do, to see whether the role of this process may read messages, and listens once. Fault kPgRefused where it
  /// may not; kConfiguration where the session that would listen goes through a pooler in transaction mode.
  [[nodiscard]] Result<void> check();
  void listen(telemetry::Health& health);
  [[nodiscard]] FeedApi& api() { return api_; }
  [[nodiscard]] LiveStreams& streams() { return streams_; }

 private:
  const LiveFeedOptions options_;
  telemetry::Log& log_;
  PostgresFeed feed_;
  std::unique_ptr<WorkQueue> work_;
  LiveStreams streams_;
  FeedApi api_;
  std::unique_ptr<FeedListener> listener_;
};

}  // namespace weir::gateway
