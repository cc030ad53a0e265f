// Listens on the channel weir_feed, on which whoever writes messages names their users, and rings the streams of this process. One session
// on a connection of its own, which must not pass a transaction pool: a pool would give the session to others.
//
//   payload := uuid *("," uuid)
#pragma once

#include "common/core/uuid.hpp"
#include "common/postgres/connection.hpp"
#include "common/telemetry/health.hpp"
#include "common/telemetry/log.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

namespace weir::gateway {

inline constexpr const char* kNoticesChannel = "weir_feed";

/// The users that a notice names; what is no uuid is left out.
[[nodiscard]] std::vector<UserId> users_of(std::string_view payload);

struct FeedRinger {
  std::function<void(std::span<const UserId>)> ring;
  std::function<void()> ring_all;  // after the session was made: what was said before was not heard
};

class FeedListener {
 public:
  FeedListener(postgres::Settings settings, FeedRinger ringer, telemetry::Log& log, telemetry::Health& health);
  ~FeedListener();
  FeedListener(const FeedListener&) = delete;
  FeedListener& operator=(const FeedListener&) = delete;

 private:
  void run();
  [[nodiscard]] Result<void> listen();
  /// False once it is to stop.
  [[nodiscard]] bool pause(Milliseconds patience);

  const postgres::Settings settings_;
  const FeedRinger ringer_;
  telemetry::Log& log_;
  telemetry::Health& health_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace weir::gateway
