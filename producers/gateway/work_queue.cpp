#include "producers/gateway/work_queue.hpp"

#include "common/core/thread_name.hpp"

#include <utility>

namespace weir::gateway {

WorkQueue::WorkQueue(std::string name, int threads, std::size_t max_waiting) : name_(std::move(name)), max_waiting_(max_waiting) {
  for (int thread = 0; thread < threads; ++thread) threads_.emplace_back([this] { run(); });
}

WorkQueue::~WorkQueue() {
  std::deque<Work> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(waiting_);
  }
  join();
}

void WorkQueue::finish() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  join();
}

void WorkQueue::join() {
  wanted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WorkQueue::add(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    waiting_.push_back(std::move(work));
  }
  wanted_.notify_one();
}

bool WorkQueue::offer(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= max_waiting_) return false;
    waiting_.push_back(std::move(work));
  }
  wanted_.notify_one();
  return true;
}

void WorkQueue::run() {
  name_thread(name_.c_str());
  while (true) {
    Work work;
    {
      std::unique_lock lock(mutex_);
      wanted_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    work();
  }
}

}  // namespace weir::gateway
