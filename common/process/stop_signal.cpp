#include "common/process/stop_signal.hpp"

#include <algorithm>

namespace weir::process {

StopSignal::StopSignal(const StopSignal& above) : above_(&above) {
  const std::lock_guard lock(above.mutex_);
  stopped_ = above.stopped();
  above.below_.push_back(this);
}

StopSignal::~StopSignal() {
  if (above_ == nullptr) return;
  const std::lock_guard lock(above_->mutex_);
  std::erase(above_->below_, this);
}

void StopSignal::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_.store(true, std::memory_order_relaxed);
    for (StopSignal* signal : below_) signal->stop();
  }
  changed_.notify_all();
}

bool StopSignal::wait(Milliseconds patience) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return stopped(); });
}

}  // namespace weir::process
