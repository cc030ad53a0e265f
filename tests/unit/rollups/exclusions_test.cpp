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
  CHECK(excluded.judge(window, {}) == Reception::kFrozen);
  CHECK(excluded.concerns(window));
  CHECK(Exclusions{}.judge(window, {}) == Reception::kTaken);
  window.start = edge;
  CHECK(excluded.judge(window, {}) == Reception::kTaken);
  CHECK(!excluded.concerns(window));
}

TEST_CASE("a recomputed window does not take what its snapshot holds, unless it is frozen, and says where it cannot tell") {
  const Instant start = *parse_instant("2026-11-18T00:00:00Z");
  Recomputed recomputed;
  recomputed.add({{}, {start, start + std::chrono::hours{1}}, "weir", "app", *SourceSnapshot::parse("10:20:12"), 1000});
  const Exclusions excluded{start + kWindowLength, &recomputed};
  WindowKey window;
  window.start = start + kWindowLength;
  CHECK(excluded.concerns(window));
  CHECK(excluded.judge(window, {"weir", "app", 900, 13}) == Reception::kRecomputed);
  CHECK(excluded.judge(window, {"weir", "app", 900, 12}) == Reception::kTaken);
  CHECK(excluded.judge(window, {"weir", "app", 900, 0}) == Reception::kUnknown);
  window.start = start;
  CHECK(excluded.judge(window, {"weir", "app", 900, 13}) == Reception::kFrozen);
  window.start = start + std::chrono::hours{1};
  CHECK_FALSE(excluded.concerns(window));
  CHECK(excluded.judge(window, {"weir", "app", 900, 13}) == Reception::kTaken);
}
