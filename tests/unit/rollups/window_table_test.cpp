#include "consumers/rollups/pure/window_table.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>

using namespace weir;
using namespace weir::rollups;

namespace {

/// Keys that differ little, as those of a test's agents do: in their last bytes, and in the windows.
WindowKey key_of(std::uint64_t agent, std::int64_t window) {
  WindowKey key;
  for (std::size_t i = 0; i < 8; ++i) key.agent.value.bytes[15 - i] = static_cast<std::uint8_t>(agent >> (8 * i));
  key.start = Instant{window * kWindowLength};
  return key;
}

}  // namespace

TEST_CASE("a table of windows holds what a map holds, whatever comes, goes and is cleared") {
  std::mt19937_64 random(7);
  WindowTable<std::int64_t> table;
  std::map<WindowKey, std::int64_t> expected;
  for (int step = 0; step < 30'000; ++step) {
    const WindowKey key = key_of(random() % 40, static_cast<std::int64_t>(random() % 40));
    const auto value = static_cast<std::int64_t>(random());
    switch (random() % 1'000) {
      case 0:
        table.clear();
        expected.clear();
        break;
      case 1: {
        const auto is_even = [](const auto& entry) { return entry.second % 2 == 0; };
        table.erase_if(is_even);
        std::erase_if(expected, is_even);
        break;
      }
      case 2: {
        WindowTable<std::int64_t> other;
        other.swap(table);
        CHECK(table.empty());
        table.swap(other);
        break;
      }
      default:
        table[key] = value;
        expected[key] = value;
    }
    REQUIRE(table.size() == expected.size());
    const auto found = table.find(key);
    REQUIRE((found != table.end()) == expected.contains(key));
    if (found != table.end()) REQUIRE(found->second == expected.at(key));
  }
  CHECK(std::map<WindowKey, std::int64_t>(table.begin(), table.end()) == expected);
}

TEST_CASE("a new window's value is made by its default, and entries lie in the order in which they came") {
  WindowTable<int> table;
  CHECK(table.find(key_of(1, 1)) == table.end());
  for (int i = 100; i > 0; --i) table[key_of(static_cast<std::uint64_t>(i), i)] += i;
  int expected = 100;
  for (const auto& [key, value] : table) CHECK(value == expected--);
  CHECK(table[key_of(200, 1)] == 0);
}
