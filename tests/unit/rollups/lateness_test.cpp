// The limits of how late and how early an event may be.
#include "consumers/rollups/pure/lateness.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::rollups;

TEST_CASE("an event fits from the retention before its record to the allowance after it, both included") {
  constexpr Instant recorded{Seconds{1'000'000}};
  constexpr TimeLimits limits{.retention = Seconds{100}, .max_future = Seconds{10}};
  CHECK(judge_time(recorded, recorded, limits) == Timeliness::kFits);
  CHECK(judge_time(recorded - Seconds{100}, recorded, limits) == Timeliness::kFits);
  CHECK(judge_time(recorded - Seconds{100} - Microseconds{1}, recorded, limits) == Timeliness::kTooOld);
  CHECK(judge_time(recorded + Seconds{10}, recorded, limits) == Timeliness::kFits);
  CHECK(judge_time(recorded + Seconds{10} + Microseconds{1}, recorded, limits) == Timeliness::kTooFarInFuture);
}
