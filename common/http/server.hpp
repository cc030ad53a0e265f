// A small HTTP/1.1 server over Boost.Beast: bounded connections, bounded bodies, deadlines against slow clients, bodies that go on
// (server-sent events), graceful drain. Shared by the gateway and the operations port.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"

#include <cstdint>
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

/// The body of an answer that goes on after its head, on a connection that is used for nothing else. Thread-safe, and may outlive the
/// server.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;
  /// Never waits: the bytes are kept until the client takes them. How many wait is the caller's to bound: see waiting() and drained().
  virtual void send(std::string bytes) = 0;
  [[nodiscard]] virtual std::size_t waiting() const = 0;
  /// Closes the connection after the bytes that were sent.
  virtual void end() = 0;
};

enum class StreamEnd : std::uint8_t {
  kEnded,       // by us
  kClientLeft,  // the client closed the connection, or it broke
  kTooSlow,     // the client did not take what waited within write_timeout
};

/// The part of an application that writes a stream. The server calls it on its own threads, so no function of it may block.
class StreamWriter {
 public:
  StreamWriter() = default;
  StreamWriter(const StreamWriter&) = delete;
  StreamWriter& operator=(const StreamWriter&) = delete;
  virtual ~StreamWriter() = default;
  /// The head is sent. It is never called where the client has left before.
  virtual void opened(std::shared_ptr<Stream> stream) = 0;
  /// The client has taken all that was sent.
  virtual void drained() = 0;
  /// Once, after opened(), and last.
  virtual void closed(StreamEnd end) = 0;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<StreamWriter> writer{};  // of a body that goes on; `body` is then its beginning
};

/// The status by which a handler that judges a head asks for the request's body.
inline constexpr int kContinue = 100;

/// Answers one request; may be called later and from any thread, exactly once (a responder that dies unanswered answers 500).
/// It may outlive the server: an answer to a connection that is gone is dropped.
using Responder = std::function<void(Response)>;
using Handler = std::function<void(Request, Responder)>;

struct Limits {
  std::size_t max_connections = 2'048;
  std::size_t max_body_bytes = 1UL << 20U;          // over it: 413
  std::size_t max_total_body_bytes = 128UL << 20U;  // of all requests in hand together; over it: 503
  std::size_t max_header_bytes = 16UL << 10U;       // over it: 431
  Milliseconds header_timeout{10'000};              // of a new connection; later from the first byte of a request
  Milliseconds idle_timeout{75'000};                // from an answer to the next request (keep-alive): load balancers keep theirs for 60 s
  Milliseconds body_timeout{30'000};
  Milliseconds write_timeout{30'000};
};

/// Refuses what cannot be read with certainty: a second Host or Content-Length, other transfer encodings than chunked, folded lines.
/// One request of a connection is in hand at a time, so that pipelined requests are answered in order; the handler runs on the
/// server's threads and must not block.
class Server {
 public:
  /// Listens at once ("127.0.0.1:8080", "[::1]:0"; port 0: a free one) and serves on `threads` threads.
  /// The server's own answers (400, 408, 413, 417, 431, 500, 501, 503, 505) are problem details. `admit` is asked about the head of each
  /// request that expects 100 Continue: it answers 100, upon which the body is read and `handler` called, or it refuses the request.
  /// Without `admit` each such body is asked for.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(const std::string& listen, Handler handler, const Limits& limits,
                                                             int threads = 1, Handler admit = {});
  virtual ~Server() = default;
  [[nodiscard]] virtual int port() const = 0;
  /// Stops accepting, lets requests in hand finish up to `patience`, closes.
  virtual void drain(Milliseconds patience) = 0;
};

}  // namespace weir::http
