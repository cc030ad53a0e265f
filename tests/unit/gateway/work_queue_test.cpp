// Work on other threads, bounded.
#include "producers/gateway/work_queue.hpp"

#include <doctest/doctest.h>

#include <future>
#include <memory>

namespace gateway = weir::gateway;

TEST_CASE("work is done in its order, what is offered over the bound is refused, and what still waits at the end is dropped") {
  std::promise<void> go;
  std::promise<void> begun;
  std::vector<int> done;
  const auto kept = std::make_shared<int>(0);
  {
    gateway::WorkQueue queue("test", 1, 2);
    queue.add([&] {
      begun.set_value();
      go.get_future().wait();
    });
    begun.get_future().wait();
    CHECK(queue.offer([&done] { done.push_back(1); }));
    std::promise<void> last;
    CHECK(queue.offer([&] {
      done.push_back(2);
      last.set_value();
    }));
    CHECK_FALSE(queue.offer([] {}));
    go.set_value();
    last.get_future().wait();
  }
  CHECK(done == std::vector<int>{1, 2});
  CHECK(kept.use_count() == 1);
}

TEST_CASE("a queue that is to finish does all of its work first") {
  int done = 0;
  gateway::WorkQueue queue("test", 1, 0);
  for (int i = 0; i < 100; ++i) queue.add([&done] { ++done; });
  queue.finish();
  CHECK(done == 100);
  queue.add([&done] { ++done; });
  CHECK(done == 100);
}
