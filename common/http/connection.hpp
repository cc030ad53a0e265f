// One client's connection, and what the connections of a server share. Internal to common/http.
//
//   idle ──first byte──► head ──► body ──► handling ──► answering ──► idle (keep-alive) | streaming | lingering ──► closed
//                         └─Expect: 100-continue─► admitting ──100──► body
//
// A deadline stands over every step but handling and admitting, which are the handlers' own affair. While it streams, a deadline stands
// over each write.
#pragma once

#include "common/http/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_set>

namespace weir::http {

namespace net = boost::asio;

/// Thread-safe but for take: each call is carried out on the thread of the connection's io_thread.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void start() = 0;
  /// Answers 503 without reading a request: the server is full.
  virtual void refuse() = 0;
  /// Ends a connection on which no request is in hand; the others end after their answer.
  virtual void stop_if_idle() = 0;
  virtual void close_now() = 0;
  /// An answer to the request in hand, dropped where none is. On the io_thread's thread.
  virtual void take(Response response) = 0;
  /// Bytes of a stream, or its end. On the io_thread's thread.
  virtual void stream(std::string bytes) = 0;
  virtual void end_stream() = 0;
};

/// One thread of a server, and the connections that live on it alone: none of them needs a strand, and answers that come together, from
/// whichever thread, wake it once.
class IoThread {
 public:
  net::io_context io{1};

  /// Thread-safe. The connection is not kept: an answer to one that is gone is dropped.
  void answer(std::weak_ptr<Connection> connection, Response response);

 private:
  void take_answers();

  std::mutex mutex_;
  std::vector<std::pair<std::weak_ptr<Connection>, Response>> answers_;
};

/// What all connections of one server share. It lives as long as the last of them, so that a late responder finds its io_thread alive.
struct Shared {
  Shared(Handler handle, Handler admission, const Limits& limit, int threads);

  std::vector<std::unique_ptr<IoThread>> io_threads;  // at least one
  const Handler handler;
  const Handler admit;  // may be empty
  const Limits limits;
  std::atomic<bool> draining{false};
  std::atomic<std::size_t> body_bytes{0};  // of the requests in hand

  /// True where the connection is kept within max_connections.
  [[nodiscard]] bool enter(const std::shared_ptr<Connection>& connection, std::size_t spare);
  void leave(const std::shared_ptr<Connection>& connection);
  [[nodiscard]] std::size_t open() const;
  [[nodiscard]] std::unordered_set<std::shared_ptr<Connection>> connections() const;
  /// True once no connection is open.
  [[nodiscard]] bool wait_until_empty(Milliseconds patience);
  /// Takes `bytes` from the budget for bodies; false where they are not to be had.
  [[nodiscard]] bool reserve_body(std::size_t bytes);

 private:
  mutable std::mutex mutex_;
  std::condition_variable left_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
};

[[nodiscard]] std::shared_ptr<Connection> make_connection(net::ip::tcp::socket socket, IoThread& io_thread, std::shared_ptr<Shared> shared);

}  // namespace weir::http
