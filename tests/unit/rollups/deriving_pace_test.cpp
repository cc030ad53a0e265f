#include "consumers/rollups/pure/deriving_pace.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kNow = *parse_instant("2026-11-18T12:00:00Z");
constexpr Microseconds kTook = Seconds{2};

}  // namespace

TEST_CASE("what is derived of open windows is due once an interval, that of closed windows and of work that is left at once") {
  DerivingPace pace(Seconds{5}, 10);
  CHECK(pace.is_due(kNow));
  pace.derived(kNow, {}, false);
  CHECK_FALSE(pace.is_due(kNow + Seconds{4}));
  CHECK(pace.is_due(kNow + Seconds{5}));
  CHECK(pace.is_due(kNow - Seconds{1}));  // the clock was set back
  pace.window_closed();
  CHECK(pace.is_due(kNow));
  pace.derived(kNow, {}, true);
  CHECK(pace.is_due(kNow));
}

TEST_CASE("while changes come, deriving takes a tenth of the time, whatever is due") {
  DerivingPace pace(Seconds{5}, 10);
  pace.derived(kNow, kTook, true);
  pace.changes_came();
  pace.window_closed();
  CHECK_FALSE(pace.is_due(kNow + Seconds{2}));
  CHECK_FALSE(pace.is_due(kNow + Seconds{19}));
  CHECK(pace.is_due(kNow + Seconds{20}));
  CHECK(pace.is_due(kNow - Seconds{1}));
  CHECK(pace.is_busy());
  pace.derived(kNow, kTook, true);
  CHECK_FALSE(pace.is_busy());
}

TEST_CASE("where no change came since the last step, the next one does not rest") {
  DerivingPace pace(Seconds{5}, 10);
  pace.changes_came();
  pace.derived(kNow, kTook, true);
  CHECK(pace.is_due(kNow + kTook));
}
