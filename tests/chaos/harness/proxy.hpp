// A TCP proxy on loopback between a client and a server of the run, which hurts the traffic: a condition hurts all links at once and lasts
// until heal(), a trap hurts a single link. The proxy has one thread; every call returns once its effect holds.
//
// What a proxy in user space cannot do: while it is silent the kernel still acknowledges what fits into its buffers, so that a peer learns
// of the silence by its own deadlines alone and never by TCP. That is the harder case.
#pragma once

#include "common/core/time.hpp"
#include "tests/chaos/harness/traps.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weir::chaos {

enum class Protocol : std::uint8_t {
  kPlain,     // bytes
  kPostgres,  // framed, for the traps at statements
};

class Proxy {
 public:
  /// Listens at once, on a free port of loopback; links wait until a server is named.
  explicit Proxy(Protocol protocol);
  Proxy(Protocol protocol, int server_port) : Proxy(protocol) { aim(server_port); }
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  [[nodiscard]] int port() const;
  void aim(int server_port);

  // Conditions.
  void delay(Milliseconds one_way);
  /// In each direction; 0: no limit.
  void throttle(std::int64_t bytes_per_second);
  /// Silence both ways: links stay, nothing moves, no news of an end passes. Held back until heal().
  void partition();
  /// Bytes in this direction are swallowed, and so is the end of the stream. Links that lost bytes are reset by heal().
  void half_open(Direction lost);
  /// New links are refused as by a server that is not there.
  void refuse();
  /// Ends all conditions.
  void heal();

  /// RST to both ends of every link.
  void reset_all();

  // Traps.
  /// Resets the link that carries the `bytes`-th byte this way, counted from now: once it has gone through, or before it does.
  void cut_at_byte(Direction direction, std::int64_t bytes, bool goes_through);
  void set(const CommitTrap& trap);
  void set(const Refusal& refusal);
  void set(const StreamStop& stop);
  void clear_traps();
  /// How many hits the traps that were set still wait for.
  [[nodiscard]] std::int64_t traps_waiting() const;

  [[nodiscard]] Counters counters() const;
  [[nodiscard]] std::int64_t open_links() const;
  /// Sessions of Postgres that are in a transaction now.
  [[nodiscard]] std::int64_t open_transactions() const;
  /// The ports from which the proxy's links come to the server: client_port in pg_stat_activity.
  [[nodiscard]] std::vector<int> server_side_ports() const;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace weir::chaos
