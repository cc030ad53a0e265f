// A provider on loopback that speaks as much of Pusher's protocol as counting takes: it finds the messages of a call, and answers each call
// after a fixed time.
#pragma once

#include "common/http/server.hpp"
#include "tests/bench/support/percentiles.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

namespace weir::bench {

class Receiver {
 public:
  /// Answers each call so long after it has come.
  explicit Receiver(Milliseconds delay);
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  [[nodiscard]] std::string url() const;
  /// Messages that came, each once.
  [[nodiscard]] std::size_t messages() const;
  /// Messages that came although they had come before.
  [[nodiscard]] std::size_t repeats() const;
  [[nodiscard]] std::size_t calls() const;
  /// When each message came first, by its id.
  [[nodiscard]] std::unordered_map<std::string, Instant> arrivals() const;
  /// Milliseconds from the time that a message says ("at", microseconds since 1970) to its arrival, of the messages since the last call of
  /// this function.
  [[nodiscard]] Percentiles take_delays();

 private:
  struct Waiting {
    SteadyInstant due;
    http::Responder respond;
  };
  void took(std::string_view body);
  void answer();

  Milliseconds delay_;
  SystemClock clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;  // in order of time, since every call waits for as long
  std::unordered_map<std::string, Instant> arrivals_;
  std::size_t repeats_ = 0;
  std::size_t calls_ = 0;
  Percentiles delays_;
  bool is_over_ = false;
  std::unique_ptr<http::Server> server_;
  std::thread answering_;
};

}  // namespace weir::bench
