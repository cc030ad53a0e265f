// Starts servers for tests, with handlers that echo requests or hold their answers back.
#pragma once

#include "common/http/server.hpp"
#include "tests/unit/http/client.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace weir::testing {

/// Answers with what it was asked.
inline void echo(const http::Request& request, const http::Responder& respond) {
  respond({.status = 200,
           .content_type = "text/plain",
           .body = request.method + "|" + request.path + "|" + request.query + "|" + request.body,
           .headers = {}});
}

inline std::unique_ptr<http::Server> serve(http::Handler handler = echo, http::Limits limits = {}, http::Handler admit = {}) {
  auto server = http::Server::start("127.0.0.1:0", std::move(handler), limits, 1, std::move(admit));
  REQUIRE(server.has_value());
  return std::move(*server);
}

inline std::string ask(int port, std::string_view bytes) {
  RawClient client(port);
  client.send(bytes);
  return client.response();
}

/// Keeps responders until the test answers them.
class Holding {
 public:
  http::Handler handler() {
    return [this](const http::Request& request, http::Responder respond) {
      const std::lock_guard lock(mutex_);
      held_.emplace_back(request.path, std::move(respond));
      came_.notify_all();
    };
  }
  http::Responder next() { return next_asked().second; }
  /// With the path that was asked for.
  std::pair<std::string, http::Responder> next_asked() {
    std::unique_lock lock(mutex_);
    REQUIRE(came_.wait_for(lock, std::chrono::seconds(20), [this] { return !held_.empty(); }));
    auto asked = std::move(held_.front());
    held_.erase(held_.begin());
    return asked;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::pair<std::string, http::Responder>> held_;
};

inline http::Response text(std::string body) {
  return {.status = 200, .content_type = "text/plain", .body = std::move(body), .headers = {}};
}

}  // namespace weir::testing
