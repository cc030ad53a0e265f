#include "consumers/insights/pure/span.hpp"

#include <doctest/doctest.h>

using namespace weir::insights;

TEST_CASE("spans that overlap or touch are a single one, in order, and empty ones are none") {
  CHECK(merged({{7, 9}, {0, 3}, {2, 5}, {5, 6}, {8, 8}, {12, 11}}) == Spans{{0, 6}, {7, 9}});
  CHECK(merged({}).empty());
}
