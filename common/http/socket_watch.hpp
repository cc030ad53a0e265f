// Waits until sockets are ready, or until somebody rings. The cost of a wait grows with the sockets that are ready, and not with those that
// are watched.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"

#include <memory>
#include <vector>

namespace weir::http {

struct ReadySocket {
  int socket = -1;
  bool may_read = false;
  bool may_write = false;
  bool is_broken = false;
};

class SocketWatch {
 public:
  /// kIo where the system refuses.
  [[nodiscard]] static Result<std::unique_ptr<SocketWatch>> make();
  ~SocketWatch();
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  void watch(int socket, bool to_read, bool to_write);
  /// To be called before the socket is closed. The system forgets a socket that was closed.
  void forget(int socket);
  /// Gives the sockets that are ready: none when only a ring, or the end of the patience, has ended the wait.
  [[nodiscard]] std::vector<ReadySocket> wait(Milliseconds patience);
  /// Ends the wait under way, or the next wait where none is under way. From any thread.
  void ring();

 private:
  SocketWatch(int events, int bell) : events_(events), bell_(bell) {}
  int events_;
  int bell_;
};

}  // namespace weir::http
