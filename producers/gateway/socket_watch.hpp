// A deadline for a call that waits on a socket without one: when it passes, the socket is shut down and the call fails. A server that
// hangs with its connection open answers to no timeout of its own.
#pragma once

#include "common/core/time.hpp"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>

namespace weir::gateway {

/// Thread-safe.
class SocketWatch {
 public:
  SocketWatch();
  ~SocketWatch();
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  /// Holds while the call runs; the socket must stay open as long.
  class Guard {
   public:
    Guard(SocketWatch& watch, int socket, Milliseconds patience) : watch_(watch), id_(watch.arm(socket, patience)) {}
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard() { watch_.disarm(id_); }

   private:
    SocketWatch& watch_;
    std::uint64_t id_;
  };

 private:
  struct Entry {
    int socket = -1;
    SteadyInstant deadline;
  };
  [[nodiscard]] std::uint64_t arm(int socket, Milliseconds patience);
  void disarm(std::uint64_t id);
  void run();

  const SystemClock clock_;  // sockets know no other time
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, Entry> entries_;
  std::uint64_t next_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace weir::gateway
