// "Please stop": set once, by SIGTERM and SIGINT or by a test, and watched by whoever runs long.
#pragma once

#include "common/core/time.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace weir::process {

/// Thread-safe. Not to be set from a signal handler: SignalWatch sets it from a thread of its own.
class StopSignal {
 public:
  void stop();
  [[nodiscard]] bool stopped() const { return stopped_.load(std::memory_order_relaxed); }
  /// Sleeps until it is set or the time is over. True once stopped.
  bool wait(Milliseconds patience) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::atomic<bool> stopped_{false};
};

}  // namespace weir::process
