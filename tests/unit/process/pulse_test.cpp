#include "common/process/pulse.hpp"

#include "tests/unit/process/still_clock.hpp"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("a loop is alive until its last turn is older than the limit; one that never turned is alive") {
  process::sample::StillClock clock;
  process::Pulse pulse(clock, Seconds{60});
  clock.passed = Seconds{600};
  CHECK(pulse.alive());
  pulse.beat();
  clock.passed += Seconds{60};
  CHECK(pulse.alive());
  clock.passed += Milliseconds{1};
  CHECK_FALSE(pulse.alive());
  pulse.beat();
  CHECK(pulse.alive());
}
