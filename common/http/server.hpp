// A small HTTP/1.1 server over Boost.Beast: bounded connections, bounded bodies, deadlines against slow clients, graceful drain.
// Shared by the gateway and the operations port.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::http {

struct Request {
  std::string method;  // upper case
  std::string path;    // without the query; not decoded
  std::string query;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string peer;                                                          // address of the client
  [[nodiscard]] std::string_view header(std::string_view lower_name) const;  // "" where absent
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Answers one request; may be called later and from any thread, exactly once (a responder that dies unanswered answers 500).
/// It may outlive the server: an answer to a connection that is gone is dropped.
using Responder = std::function<void(Response)>;
using Handler = std::function<void(Request, Responder)>;

struct Limits {
  std::size_t max_connections = 1'024;
  std::size_t max_body_bytes = 1UL << 20U;          // over it: 413
  std::size_t max_total_body_bytes = 128UL << 20U;  // of all requests in hand together; over it: 503
  std::size_t max_header_bytes = 16UL << 10U;       // over it: 431
  Milliseconds header_timeout{10'000};              // from the first byte, or since the last answer (keep-alive)
  Milliseconds body_timeout{30'000};
  Milliseconds write_timeout{30'000};
};

/// Refuses what cannot be read with certainty: a second Host or Content-Length, other transfer encodings than chunked, folded lines.
/// One request of a connection is in hand at a time, so that pipelined requests are answered in order; the handler runs on the
/// server's threads and must not block.
class Server {
 public:
  /// Listens at once ("127.0.0.1:8080", "[::1]:0"; port 0: a free one) and serves on `threads` threads.
  /// The server's own answers (400, 408, 413, 417, 431, 500, 501, 503, 505) are problem details.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(const std::string& listen, Handler handler, const Limits& limits,
                                                             int threads = 1);
  virtual ~Server() = default;
  [[nodiscard]] virtual int port() const = 0;
  /// Stops accepting, lets requests in hand finish up to `patience`, closes.
  virtual void drain(Milliseconds patience) = 0;
};

}  // namespace weir::http
