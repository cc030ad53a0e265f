// A server that answers what it is sent, and a client that waits with a deadline: enough to see what a proxy does to bytes.
#pragma once

#include "common/core/time.hpp"

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir::testing {

/// Answers every byte with itself.
class ToyServer {
 public:
  ToyServer();
  ~ToyServer();
  ToyServer(const ToyServer&) = delete;
  ToyServer& operator=(const ToyServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  /// All that came, over all links.
  [[nodiscard]] std::string received() const;
  /// Links whose client is gone; those that ended by a reset among them.
  [[nodiscard]] int ended() const { return ended_; }
  [[nodiscard]] int reset() const { return reset_; }

 private:
  void accept_all(const std::stop_token& stop);
  void serve(const std::stop_token& stop, int socket);

  int listener_;
  int port_ = 0;
  std::atomic<int> ended_{0};
  std::atomic<int> reset_{0};
  mutable std::mutex mutex_;  // guards received_
  std::string received_;
  std::vector<std::jthread> links_;
  std::jthread accepting_;
};

class ToyClient {
 public:
  explicit ToyClient(int port);
  ~ToyClient();
  ToyClient(const ToyClient&) = delete;
  ToyClient& operator=(const ToyClient&) = delete;

  /// 0, or the errno with which it was refused.
  [[nodiscard]] int connect_error() const { return connect_error_; }
  void send(const std::string& bytes) const;
  /// What comes within `patience`, at most `size` bytes.
  [[nodiscard]] std::string receive(std::size_t size, Milliseconds patience) const;
  /// Whether the link is ended by a reset within `patience`.
  [[nodiscard]] bool is_reset(Milliseconds patience) const;

 private:
  int socket_;
  int connect_error_ = 0;
};

}  // namespace weir::testing
