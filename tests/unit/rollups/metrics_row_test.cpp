// The step from one version of a row to the next.
#include "consumers/rollups/pure/metrics_row.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::rollups;

namespace {

constexpr Instant kNow{Seconds{1'000'000}};

}  // namespace

TEST_CASE("each writing is a version; only one after the window closed is a revision, and final") {
  const Writing open = Writing{}.next(false, kNow);
  CHECK(open == Writing{.version = 1, .revision = 0, .is_final = false, .corrected_at = {}});
  const Writing closed = open.next(true, kNow);
  CHECK(closed == Writing{.version = 2, .revision = 1, .is_final = true, .corrected_at = kNow});
}

TEST_CASE("a change adds to the row, and leaves the presence where it brings none") {
  MetricsRow row;
  MetricsChange change;
  change.delta.completed = 2;
  change.presence = Presence{};
  change.presence_until = kNow;
  advance(row, change, kNow);
  change.presence.reset();
  change.presence_until = {};
  advance(row, change, kNow);
  CHECK(row.aggregate.completed == 4);
  CHECK(row.presence_until == kNow);
  CHECK(row.writing.version == 2);
}
