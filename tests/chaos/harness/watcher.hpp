// A reader beside the run, with a session of its own: in no snapshot may the tape hold a row at or past its group's position, nor may the
// counts differ from the rows.
#pragma once

#include "tests/chaos/harness/ground.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace weir::chaos {

class Watcher {
 public:
  explicit Watcher(const Ground& ground);
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  ~Watcher() = default;

  [[nodiscard]] std::int64_t looks() const { return looks_; }
  /// How often it saw a forbidden state, and the first such state.
  [[nodiscard]] std::int64_t wrong() const { return wrong_; }
  [[nodiscard]] std::string first_wrong() const;
  /// Stops the reader, reports how often it looked, and fails the test where it ever saw a forbidden state.
  void finish(const Report& report);

 private:
  struct Seen {
    std::int64_t next_offset = 0;
    std::int64_t counted = 0;
  };
  void watch(const std::stop_token& stop);
  [[nodiscard]] Result<void> look(demo::SqlSession& session);
  void note(const std::string& what);

  const Ground& ground_;
  std::map<std::pair<std::string, std::int32_t>, Seen> seen_;
  std::atomic<std::int64_t> looks_{0};
  std::int64_t moves_ = 0;  // of a position between two looks
  std::atomic<std::int64_t> wrong_{0};
  mutable std::mutex mutex_;  // guards first_wrong_
  std::string first_wrong_;
  std::jthread thread_;
};

}  // namespace weir::chaos
