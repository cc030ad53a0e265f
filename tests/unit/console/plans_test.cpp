#include "operations/console/plans.hpp"

#include "common/testing/manual_clock.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::console;

TEST_CASE("a plan is taken once, by its own session alone") {
  testing::ManualClock clock;
  Plans plans(clock);
  const auto kept = plans.keep("ada", UnmaskLetterPlan{7});
  CHECK_FALSE(plans.take("bob", kept.id));
  CHECK_FALSE(plans.take("ada", "another"));
  const auto taken = plans.take("ada", kept.id);
  REQUIRE(taken);
  CHECK(action_of(*taken) == "letter.unmask");
  CHECK(std::get<UnmaskLetterPlan>(*taken).id == 7);
  CHECK_FALSE(plans.take("ada", kept.id));
}

TEST_CASE("a plan holds five minutes") {
  testing::ManualClock clock;
  Plans plans(clock);
  const auto one = plans.keep("ada", PausePlan{});
  const auto other = plans.keep("ada", ResumePlan{});
  clock.advance(Seconds{299});
  CHECK(plans.take("ada", one.id));
  clock.advance(Seconds{1});
  CHECK_FALSE(plans.take("ada", other.id));
}

TEST_CASE("of too many plans the oldest goes") {
  testing::ManualClock clock;
  Plans plans(clock);
  const auto first = plans.keep("ada", PausePlan{});
  for (int i = 0; i < 1'000; ++i) {
    clock.advance(Milliseconds{1});
    static_cast<void>(plans.keep("ada", PausePlan{}));
  }
  CHECK_FALSE(plans.take("ada", first.id));
}
