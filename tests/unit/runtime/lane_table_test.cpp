#include "common/runtime/lane_table.hpp"

#include <doctest/doctest.h>

using namespace weir::runtime;

TEST_CASE("partitions are shared out over the lanes; one number goes to one lane in every topic") {
  LaneTable table(2);
  for (std::int32_t number = 0; number < 6; ++number) CHECK(table.assign({"a", number}) == static_cast<std::size_t>(number % 2));
  for (std::int32_t number = 5; number >= 0; --number) CHECK(table.assign({"b", number}) == table.of({"a", number}));
}

TEST_CASE("an instance that has only every second partition still uses all of its lanes") {
  LaneTable table(2);
  CHECK(table.assign({"a", 0}) == 0);
  CHECK(table.assign({"a", 2}) == 1);
  CHECK(table.assign({"a", 4}) == 0);
}

TEST_CASE("a partition that comes back gets its former lane; a new one gets the lane with the fewest in use") {
  LaneTable table(2);
  for (std::int32_t number = 0; number < 4; ++number) table.assign({"a", number});
  table.let_go({"a", 1});
  table.let_go({"a", 3});
  CHECK(table.of({"a", 3}) == 1);
  CHECK(table.assign({"a", 4}) == 1);
  CHECK(table.assign({"a", 1}) == 1);
  CHECK(table.assign({"a", 5}) == 0);
}

TEST_CASE("a partition that was never assigned belongs to the first lane") { CHECK(LaneTable(3).of({"a", 7}) == 0); }
