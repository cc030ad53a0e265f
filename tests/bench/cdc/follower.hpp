// A read_committed reader that follows a topic as it grows and notes when it saw each record: what "visible" means in this bench.
#pragma once

#include "common/core/time.hpp"
#include "common/kafka/client.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace weir::bench {

class Follower {
 public:
  /// `each` runs on the follower's own thread, with the record's value and the moment at which the reader was given it.
  using Each = std::function<void(std::string_view value, Instant seen)>;

  /// From the end of each partition as it is now. Answers once it reads there.
  Follower(const kafka::Settings& settings, const std::string& topic, Each each);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

 private:
  void follow(const kafka::Settings& settings, const std::string& topic, const std::vector<std::int64_t>& ends);

  Each each_;
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> at_end_{0};
  std::thread thread_;
};

}  // namespace weir::bench
