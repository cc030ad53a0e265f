#include "common/delivery/executor.hpp"

#include "common/core/result.hpp"
#include "common/core/thread_name.hpp"

#include <utility>

namespace weir::delivery {

ThreadExecutor::ThreadExecutor(const std::string& name, std::function<void()> ended)
    : ended_(std::move(ended)), thread_([this, name] {
        name_thread(name);
        run();
      }) {}

ThreadExecutor::~ThreadExecutor() {
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ThreadExecutor::begin(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    WEIR_ASSERT(!work_);
    work_ = std::move(work);
  }
  changed_.notify_all();
}

bool ThreadExecutor::is_busy() const {
  const std::lock_guard lock(mutex_);
  return static_cast<bool>(work_);
}

void ThreadExecutor::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !work_; });
}

void ThreadExecutor::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return work_ || is_closing_; });
    if (!work_) return;
    lock.unlock();
    work_();
    lock.lock();
    work_ = nullptr;
    lock.unlock();
    changed_.notify_all();
    ended_();
    lock.lock();
  }
}

}  // namespace weir::delivery
