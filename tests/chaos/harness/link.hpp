// One connection through a proxy: two sockets and what is on its way between them.
#pragma once

#include "common/core/time.hpp"
#include "tests/chaos/harness/session.hpp"

#include <array>
#include <deque>
#include <optional>
#include <string>

namespace weir::chaos {

/// The conditions under which every link of a proxy works now. Arrays are indexed by Direction.
struct Conditions {
  Milliseconds delay{0};
  std::int64_t bytes_per_second = 0;  // 0: no limit
  std::array<std::int64_t, 2> allowance{};
  bool silent = false;
  std::array<bool, 2> swallowed{};
  struct ByteCut {
    Direction direction = Direction::kUpstream;
    std::int64_t left = 0;  // bytes that still go through before the trap goes off
  };
  std::optional<ByteCut> byte_cut;
};

class Link {
 public:
  /// Takes the client's socket over and connects to the server.
  Link(int client, int server_port, bool postgres, Conditions& conditions, Traps& traps);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link();

  /// What poll(2) should look for: POLLIN, POLLOUT, or 0.
  [[nodiscard]] short interest_client(SteadyInstant now) const { return interest(Direction::kUpstream, now); }
  [[nodiscard]] short interest_server(SteadyInstant now) const { return interest(Direction::kDownstream, now); }
  [[nodiscard]] int client() const { return sockets_[0]; }
  [[nodiscard]] int server() const { return sockets_[1]; }
  /// The port from which the link is connected to the server.
  [[nodiscard]] int port_at_server() const;
  /// When the next delayed bytes are due.
  [[nodiscard]] std::optional<SteadyInstant> due() const;

  /// Reads the bytes that the sender of `direction` has sent.
  void take(Direction direction, SteadyInstant now);
  /// Writes the bytes that are due to the receiver of `direction`.
  void give(Direction direction, SteadyInstant now);

  void reset();
  [[nodiscard]] bool ended() const { return ended_; }
  /// The proxy has swallowed bytes of this link.
  [[nodiscard]] bool torn() const { return torn_; }
  [[nodiscard]] bool in_transaction() const { return session_ && session_->in_transaction(); }

 private:
  struct Chunk {
    SteadyInstant due;
    std::string bytes;
  };
  struct Pipe {
    std::deque<Chunk> chunks;
    std::size_t size = 0;
    bool sender_ended = false;
    bool end_told = false;
  };
  [[nodiscard]] static std::size_t index(Direction direction) { return static_cast<std::size_t>(direction); }
  [[nodiscard]] short interest(Direction sent_by, SteadyInstant now) const;
  [[nodiscard]] bool can_give(Direction direction, SteadyInstant now) const;
  void received(Direction direction, std::string bytes, SteadyInstant now);
  void enqueue(Direction direction, std::string bytes, SteadyInstant now);
  void sender_left(Direction direction);
  void close_both();

  Conditions& conditions_;
  Traps& traps_;
  std::array<int, 2> sockets_;  // of the client, of the server: who sends in Direction 0, in Direction 1
  std::array<Pipe, 2> pipes_;
  std::optional<Session> session_;
  bool ended_ = false;
  bool torn_ = false;
  bool reset_when_given_ = false;  // after a trap: once what is in the pipes has been written
};

}  // namespace weir::chaos
