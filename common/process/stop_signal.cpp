#include "common/process/stop_signal.hpp"

namespace weir::process {

void StopSignal::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_.store(true, std::memory_order_relaxed);
  }
  changed_.notify_all();
}

bool StopSignal::wait(Milliseconds patience) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return stopped(); });
}

}  // namespace weir::process
