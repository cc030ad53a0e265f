// Waits on the machine's clock, by bounds that no machine is slow enough to miss.
#include "common/core/waiting.hpp"

#include <doctest/doctest.h>

using namespace weir;

namespace {

constexpr Milliseconds kLong{3'600'000};

}  // namespace

TEST_CASE("a deadline is over once its patience is, and nothing is left of it then") {
  CHECK(Deadline(Milliseconds{0}).over());
  CHECK(Deadline(Milliseconds{-5}).left() == Milliseconds{0});
  const Deadline far(kLong);
  CHECK_FALSE(far.over());
  CHECK(far.left() <= kLong);
  CHECK(far.left() > kLong / 2);
}

TEST_CASE("a pause is over until it was begun, and then not for as long as it lasts") {
  Pause pause(kLong);
  CHECK(pause.over());
  pause.begin();
  CHECK_FALSE(pause.over());
  Pause none(Milliseconds{0});
  none.begin();
  CHECK(none.over());
}

TEST_CASE("a stopwatch does not go back") {
  const Stopwatch watch;
  const auto first = watch.elapsed();
  CHECK(first >= std::chrono::nanoseconds{0});
  CHECK(watch.elapsed() >= first);
}

TEST_CASE("a time of day that is to come is as far away by the steady clock, and one that is past is now") {
  const SystemClock clock;
  const SteadyInstant before = clock.steady();
  CHECK(steady_at(clock.now().time_since_epoch() + kLong) - before > kLong / 2);
  const SteadyInstant past = steady_at(std::chrono::nanoseconds{0});
  CHECK(past >= before);
  CHECK(past <= clock.steady());
}

TEST_CASE("a stamp is the time of day") { CHECK(stamp() >= from_unix_ms(1'700'000'000'000)); }
