// Executors: on the same thread, and on a thread of its own.
#include "common/delivery/executor.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <latch>

using weir::delivery::SameThread;
using weir::delivery::ThreadExecutor;

TEST_CASE("on the same thread work is done when it was begun") {
  SameThread executor;
  bool is_done = false;
  executor.begin([&] { is_done = true; });
  CHECK(is_done);
  CHECK_FALSE(executor.is_busy());
}

TEST_CASE("on another thread work is under way until it is done, and then the executor says so") {
  std::latch may_end(1);
  std::latch has_ended(1);
  bool was_busy = true;
  ThreadExecutor* its = nullptr;
  ThreadExecutor executor("test", [&] {
    was_busy = its->is_busy();
    has_ended.count_down();
  });
  its = &executor;
  int written = 0;
  executor.begin([&] {
    may_end.wait();
    written = 1;
  });
  CHECK(executor.is_busy());
  may_end.count_down();
  has_ended.wait();
  CHECK_FALSE(was_busy);
  CHECK(written == 1);
}

TEST_CASE("pieces of work follow each other, and each sees what those before it have written") {
  ThreadExecutor executor("test", [] {});
  int sum = 0;
  for (int i = 1; i <= 1'000; ++i) {
    executor.begin([&sum, i] { sum += i; });
    executor.finish();
  }
  CHECK(sum == 500'500);
}

TEST_CASE("an executor that goes away does the work that it has begun") {
  std::atomic<bool> is_done{false};
  {
    ThreadExecutor executor("test", [] {});
    executor.begin([&] { is_done = true; });
  }
  CHECK(is_done.load());
}
