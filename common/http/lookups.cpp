#include "common/http/lookups.hpp"

#include "common/core/thread_name.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace weir::http {

struct Lookups::Shared {
  std::shared_ptr<Resolver> resolver;
  std::mutex mutex;
  std::condition_variable asked;
  std::function<void()> found;  // empty once nobody takes any more
  std::deque<std::string> hosts;
  std::vector<Lookup> done;
  int threads = 0;
  int idle = 0;
  bool is_over = false;

  void work() {
    name_thread("resolve");
    std::unique_lock lock(mutex);
    while (true) {
      ++idle;
      asked.wait(lock, [this] { return is_over || !hosts.empty(); });
      --idle;
      if (is_over) return;
      std::string host = std::move(hosts.front());
      hosts.pop_front();
      lock.unlock();
      auto addresses = resolver->resolve(host);
      lock.lock();
      done.push_back({std::move(host), std::move(addresses)});
      if (found) found();
    }
  }
};

Lookups::Lookups(std::shared_ptr<Resolver> resolver, std::function<void()> found) : shared_(std::make_shared<Shared>()) {
  shared_->resolver = std::move(resolver);
  shared_->found = std::move(found);
}

Lookups::~Lookups() {
  const std::lock_guard lock(shared_->mutex);
  shared_->is_over = true;
  shared_->found = {};
  shared_->asked.notify_all();
}

void Lookups::ask(std::string host) {
  const std::lock_guard lock(shared_->mutex);
  shared_->hosts.push_back(std::move(host));
  if (static_cast<std::size_t>(shared_->idle) < shared_->hosts.size() && shared_->threads < kThreads) {
    try {
      std::thread([shared = shared_] { shared->work(); }).detach();
      ++shared_->threads;
    } catch (const std::system_error& error) {
      // Those that run will come to it; where there are none, the answer is at once that it cannot be had.
      if (shared_->threads == 0) {
        shared_->done.push_back({std::move(shared_->hosts.back()), tl::unexpected<std::string>(error.what())});
        shared_->hosts.pop_back();
        shared_->found();
      }
    }
  }
  shared_->asked.notify_one();
}

std::vector<Lookup> Lookups::take() {
  const std::lock_guard lock(shared_->mutex);
  return std::exchange(shared_->done, {});
}

}  // namespace weir::http
