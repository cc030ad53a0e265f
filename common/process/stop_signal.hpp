// "Please stop": set once, by SIGTERM and SIGINT or by a test, and watched by whoever runs long.
#pragma once

#include "common/core/time.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace weir::process {

/// Thread-safe. Not to be set from a signal handler: SignalWatch sets it from a thread of its own.
class StopSignal {
 public:
  StopSignal() = default;
  /// Is set as soon as `above` is, and can be set without it: what is below stops, and whoever watches `above` goes on.
  explicit StopSignal(const StopSignal& above);
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal();
  void stop();
  [[nodiscard]] bool stopped() const { return stopped_.load(std::memory_order_relaxed); }
  /// Sleeps until it is set or the time is over. True once stopped.
  bool wait(Milliseconds patience) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::atomic<bool> stopped_{false};
  const StopSignal* above_ = nullptr;       // outlives this
  mutable std::vector<StopSignal*> below_;  // under mutex_, which is locked before theirs
};

}  // namespace weir::process
