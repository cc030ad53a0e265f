// A provider of models on loopback: it answers each call of the Anthropic Messages API with a valid reply after a fixed time.
#pragma once

#include "common/http/server.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace weir::testing {

class ModelServer {
 public:
  explicit ModelServer(Milliseconds delay);
  ~ModelServer();
  ModelServer(const ModelServer&) = delete;
  ModelServer& operator=(const ModelServer&) = delete;

  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::size_t calls() const;
  /// The most calls that were in flight at a time.
  [[nodiscard]] std::size_t most_in_flight() const;

 private:
  struct Waiting {
    SteadyInstant due;
    http::Responder respond;
  };
  void answer();

  Milliseconds delay_;
  SystemClock clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;  // in order of time, since every call waits for as long
  std::size_t calls_ = 0;
  std::size_t most_ = 0;
  bool is_over_ = false;
  std::unique_ptr<http::Server> server_;
  std::thread answering_;
};

}  // namespace weir::testing
