// A range holds its begin and not its end.
#include "consumers/rollups/pure/range.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::rollups;

TEST_CASE("a range holds its begin and not its end") {
  constexpr Range range{Instant{Seconds{10}}, Instant{Seconds{20}}};
  CHECK(range.contains(Instant{Seconds{10}}));
  CHECK(range.contains(Instant{Seconds{19}}));
  CHECK_FALSE(range.contains(Instant{Seconds{20}}));
  CHECK_FALSE(range.contains(Instant{Seconds{9}}));
}
