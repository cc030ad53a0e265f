// Resolutions beside the thread that asks.
#include "common/http/lookups.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

using namespace weir::http;

namespace {

/// Answers when it is told to.
class SlowResolver final : public Resolver {
 public:
  tl::expected<std::vector<Address>, std::string> resolve(const std::string& host) override {
    std::unique_lock lock(mutex_);
    ++inside;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_open_; });
    if (host == "bad") return tl::unexpected<std::string>("no such name");
    return std::vector{*Address::parse("1.2.3.4")};
  }
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void wait_until_inside(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return inside >= count; });
  }
  int inside = 0;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
};

class Bell {
 public:
  void ring() {
    const std::lock_guard lock(mutex_);
    ++rung_;
    changed_.notify_all();
  }
  void wait_for(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return rung_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int rung_ = 0;
};

}  // namespace

TEST_CASE("each name is answered with its addresses or with the resolver's error, and the asker is told") {
  const auto resolver = std::make_shared<SlowResolver>();
  resolver->open();
  Bell bell;
  Lookups lookups(resolver, [&] { bell.ring(); });
  lookups.ask("good");
  bell.wait_for(1);
  const auto good = lookups.take();
  REQUIRE(good.size() == 1);
  CHECK(good.front().addresses->front().text() == "1.2.3.4");
  lookups.ask("bad");
  bell.wait_for(2);
  const auto bad = lookups.take();
  REQUIRE(bad.size() == 1);
  CHECK(bad.front().host == "bad");
  CHECK(bad.front().addresses.error() == "no such name");
  CHECK(lookups.take().empty());
}

TEST_CASE("silent names do not hold up each other until every thread waits") {
  const auto resolver = std::make_shared<SlowResolver>();
  Bell bell;
  Lookups lookups(resolver, [&] { bell.ring(); });
  for (int i = 0; i < Lookups::kThreads + 4; ++i) lookups.ask("name");
  resolver->wait_until_inside(Lookups::kThreads);
  resolver->open();
  bell.wait_for(Lookups::kThreads + 4);
  CHECK(lookups.take().size() == Lookups::kThreads + 4);
}

TEST_CASE("the asker may go while a name is silent, and is then not told any more") {
  const auto resolver = std::make_shared<SlowResolver>();
  bool told = false;
  {
    Lookups lookups(resolver, [&] { told = true; });
    lookups.ask("name");
    resolver->wait_until_inside(1);
  }
  resolver->open();
  while (resolver.use_count() > 1) std::this_thread::yield();
  CHECK_FALSE(told);
}
