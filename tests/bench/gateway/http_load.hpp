// A load of HTTP requests from one thread: so many connections kept alive, each of which sends its next request as soon as the last was
// answered. It parses no more of an answer than it must, so that on a machine that it shares with the server most is left to the server.
#pragma once

#include "tests/bench/support/percentiles.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace weir::bench {

struct HttpLoad {
  int port = 0;
  int connections = 64;
  std::uint64_t requests = 0;
  /// Appends the whole request with this number, head and body.
  std::function<void(std::uint64_t number, std::string& out)> request;
};

struct HttpLoadResult {
  double seconds = 0;
  double cpu_seconds = 0;    // of the load itself
  Percentiles milliseconds;  // from a request's first byte to its answer's last
  std::map<int, std::uint64_t> statuses;
};

/// Waits until somebody listens on this port of loopback.
void await_port(int port);
/// Ends the program where the server refuses a connection, breaks one, or says nothing for half a minute.
[[nodiscard]] HttpLoadResult post_all(const HttpLoad& load);

}  // namespace weir::bench
