#include "common/runtime/waiting_keys.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::runtime;

namespace {
constexpr SteadyInstant kNow{};
constexpr std::size_t kMany = 100;
using Offsets = std::vector<std::int64_t>;
}  // namespace

TEST_CASE("a key waits from its first letter until its last one is gone") {
  WaitingKeys waiting;
  CHECK_FALSE(waiting.first("a").has_value());
  waiting.add("a", 5, kNow);
  waiting.add("a", 9, kNow);
  CHECK(waiting.first("a") == 5);
  CHECK_FALSE(waiting.first("b").has_value());
  waiting.remove(5, kNow);
  CHECK(waiting.first("a") == 9);
  waiting.remove(9, kNow);
  CHECK_FALSE(waiting.first("a").has_value());
  CHECK(waiting.empty());
}

TEST_CASE("the letters of a key stand in the order of the log, in whatever order they were parked") {
  WaitingKeys waiting;
  waiting.add("a", 9, kNow);
  waiting.add("a", 5, kNow);
  waiting.add("a", 7, kNow);
  CHECK(waiting.due(kNow + Seconds{1}, kMany) == Offsets{5, 7, 9});
  CHECK(waiting.behind(5) == 7);
  CHECK(waiting.behind(7) == 9);
  CHECK_FALSE(waiting.behind(9).has_value());
}

TEST_CASE("a letter without a key waits alone, and nothing waits behind it") {
  WaitingKeys waiting;
  waiting.add(std::nullopt, 3, kNow);
  waiting.add(std::nullopt, 4, kNow);
  CHECK_FALSE(waiting.first("").has_value());
  CHECK_FALSE(waiting.behind(3).has_value());
  CHECK(waiting.size() == 2);
}

TEST_CASE("an empty key is a key") {
  WaitingKeys waiting;
  waiting.add("", 3, kNow);
  CHECK(waiting.first("") == 3);
}

TEST_CASE("a key is tried after a second, then after pauses that double up to half a minute") {
  WaitingKeys waiting;
  waiting.add("a", 5, kNow);
  SteadyInstant now = kNow;
  CHECK(waiting.due(now, kMany).empty());
  for (const int pause : {1, 1, 2, 4, 8, 16, 30, 30}) {
    CHECK(waiting.due(now + Seconds{pause} - Milliseconds{1}, kMany).empty());
    now += Seconds{pause};
    CHECK(waiting.due(now, kMany) == Offsets{5});
    waiting.postpone(5, now);
  }
}

TEST_CASE("once the first letter of a key is gone, the next one is due at once") {
  WaitingKeys waiting;
  waiting.add("a", 5, kNow);
  waiting.add("a", 6, kNow);
  waiting.postpone(5, kNow + Seconds{100});
  waiting.remove(5, kNow + Seconds{100});
  CHECK(waiting.due(kNow + Seconds{100}, kMany) == Offsets{6});
}

TEST_CASE("no more letters are due than asked for, whole keys first") {
  WaitingKeys waiting;
  for (std::int64_t offset = 0; offset < 6; ++offset) waiting.add(offset % 2 == 0 ? "a" : "b", offset, kNow);
  CHECK(waiting.due(kNow + Seconds{1}, 2).size() == 2);
  CHECK(waiting.due(kNow + Seconds{1}, kMany).size() == 6);
}

TEST_CASE("a letter that is added twice counts once, and removing a letter that is not there does nothing") {
  WaitingKeys waiting;
  waiting.add("a", 5, kNow);
  waiting.add("a", 5, kNow);
  CHECK(waiting.size() == 1);
  waiting.remove(7, kNow);
  waiting.postpone(7, kNow);
  CHECK(waiting.size() == 1);
}

TEST_CASE("no more letters may be parked at the bound of one key, or of all keys together") {
  WaitingKeys waiting;
  const ParkingLimits limits{3, 5};
  for (std::int64_t offset = 0; offset < 2; ++offset) waiting.add("a", offset, kNow);
  CHECK_FALSE(waiting.full(limits));
  waiting.add("a", 2, kNow);
  CHECK(waiting.full(limits));
  waiting.remove(2, kNow);
  CHECK_FALSE(waiting.full(limits));
  for (std::int64_t offset = 3; offset < 6; ++offset) waiting.add(std::nullopt, offset, kNow);
  CHECK(waiting.full(limits));
}
