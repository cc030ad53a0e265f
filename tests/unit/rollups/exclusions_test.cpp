// Which sides of changes windows do not take.
#include "consumers/rollups/pure/exclusions.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::rollups;

TEST_CASE("a window that begins before the frozen instant takes nothing") {
  const Instant edge = *parse_instant("2026-10-19T00:00:00Z");
  const Exclusions excluded{.frozen_until = edge};
  WindowKey window;
  window.start = edge - kWindowLength;
  CHECK(excluded.judge(window) == Reception::kFrozen);
  CHECK(excluded.concerns(window));
  CHECK(Exclusions{}.judge(window) == Reception::kTaken);
  window.start = edge;
  CHECK(excluded.judge(window) == Reception::kTaken);
  CHECK(!excluded.concerns(window));
}
