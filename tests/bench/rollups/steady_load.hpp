// Events at a steady rate, from a thread of its own.
#pragma once

#include "common/kafka/producer.hpp"
#include "tests/bench/rollups/events.hpp"

#include <atomic>
#include <functional>
#include <thread>

namespace weir::bench {

struct SteadyRate {
  std::int64_t a_second = 20'000;
  std::int64_t events = 0;  // 0: until told to stop
};

class SteadyLoad {
 public:
  /// Told of each event once it was handed to the producer: its partition (of kPartitions) and the time that it bears. On the load's
  /// thread.
  using Told = std::function<void(std::size_t partition, Instant at)>;

  /// Sends from now on, of the smallest form.
  SteadyLoad(const kafka::Settings& broker, std::string topic, const SteadyRate& rate, Told told = {});
  ~SteadyLoad() { static_cast<void>(finish()); }
  SteadyLoad(const SteadyLoad&) = delete;
  SteadyLoad& operator=(const SteadyLoad&) = delete;

  /// No more events; gives how many there are once Kafka has them all.
  std::int64_t finish();

 private:
  void run();

  std::string topic_;
  SteadyRate rate_;
  Told told_;
  std::unique_ptr<kafka::Producer> producer_;
  std::atomic<bool> ended_{false};
  std::int64_t sent_ = 0;  // the thread's until it has ended
  std::jthread thread_;    // ends before what it uses goes
};

}  // namespace weir::bench
