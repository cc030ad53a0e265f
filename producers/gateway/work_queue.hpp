// Threads that do what would keep another thread waiting: questions to Postgres, and bodies of requests whose key was looked up.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir::gateway {

/// First come, first served. Thread-safe.
class WorkQueue {
 public:
  using Work = std::function<void()>;

  /// `name` is that of its threads; `max_waiting` bounds what offer() takes.
  WorkQueue(std::string name, int threads, std::size_t max_waiting);
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;
  /// Waits until the work that was begun is done, and drops the rest.
  ~WorkQueue();

  /// Takes any amount of work: its owner bounds how much there is.
  void add(Work work);
  /// False where too much waits.
  [[nodiscard]] bool offer(Work work);
  /// Waits until all work that was taken is done; takes no more.
  void finish();

 private:
  void run();
  void join();

  const std::string name_;
  const std::size_t max_waiting_;
  std::mutex mutex_;
  std::condition_variable wanted_;
  std::deque<Work> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace weir::gateway
