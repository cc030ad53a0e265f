// Which cells the bench of scale runs, and what it leaves out where the machine is too small.
#include "tests/bench/scale/grid.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::bench;

TEST_CASE("a list of numbers is numbers above 0 between commas") {
  CHECK(parse_numbers("1,2,4").value() == std::vector<std::int64_t>{1, 2, 4});
  CHECK(parse_numbers("32").value() == std::vector<std::int64_t>{32});
  for (const char* wrong : {"", "1,", ",1", "0", "-1", "1 2", "1,,2", "one"}) CHECK_MESSAGE(!parse_numbers(wrong), wrong);
}

TEST_CASE("the first backlog is taken in by every cell, longer ones by one") {
  const std::vector<Cell> cells = cells_of({{1, 4}, {2, 8}, {1, 10, 100}});
  CHECK(cells == std::vector<Cell>{{1, 2, 1}, {4, 2, 1}, {1, 8, 1}, {4, 8, 1}, {1, 2, 10}, {1, 2, 100}});
}

TEST_CASE("a backlog is cut to what the disk holds and to the time that is given") {
  constexpr double kRate = 50'000;
  CHECK(millions_that_fit(10, 1'000'000'000'000, 60, kRate) == 10);
  CHECK(millions_that_fit(100, 20'000'000'000, 60, kRate) == 30);
  CHECK(millions_that_fit(100, 1'000'000'000'000, 10, kRate) == 30);
  CHECK(millions_that_fit(1, 1'000'000'000, 60, kRate) == 0);
}
