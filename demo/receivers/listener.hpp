// Takes connections on a port of loopback that the system chooses, and gives each a thread of its own.
#pragma once

#include "common/core/result.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

namespace weir::demo {

class Listener {
 public:
  /// `serve` is given a connected socket in the connection's thread, and returns when it wants the connection closed. A call of `recv`
  /// within it returns 0 once the listener ends.
  using Serve = std::function<void(int socket)>;

  [[nodiscard]] static Result<std::unique_ptr<Listener>> open(Serve serve);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  /// Ends every connection, and waits for their threads.
  ~Listener();

  [[nodiscard]] int port() const { return port_; }

 private:
  Listener(int socket, int port, Serve serve);
  void accept_all();
  void run(int connection);

  int socket_;
  int port_;
  Serve serve_;
  std::mutex mutex_;  // guards all below
  std::condition_variable ended_;
  std::set<int> connections_;
  bool is_closing_ = false;
  std::thread acceptor_;
};

}  // namespace weir::demo
