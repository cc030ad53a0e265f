#include "common/runtime/turns.hpp"

#include <doctest/doctest.h>

using namespace weir;
using runtime::Turns;

TEST_CASE("a wake-up has its turn once between two units, whenever its pause is over; the first is at once") {
  Turns turns;
  const SteadyInstant now{Seconds{100}};
  CHECK(turns.pause_over(Seconds{1}, now));
  CHECK_FALSE(turns.woken_since_unit());
  turns.wake_begun(now);
  turns.woken(now);
  CHECK(turns.woken_since_unit());
  CHECK_FALSE(turns.pause_over(Seconds{1}, now + Milliseconds{999}));
  CHECK(turns.pause_over(Seconds{1}, now + Seconds{1}));
  CHECK_FALSE(turns.idle_check_due(now + Seconds{4}));
  CHECK(turns.idle_check_due(now + Seconds{5}));
  turns.unit_closed();
  CHECK_FALSE(turns.woken_since_unit());
}

TEST_CASE("letters are looked for every second, and only once before a unit that is open") {
  Turns turns;
  const SteadyInstant now{Seconds{100}};
  CHECK(turns.letters_due(now, true));
  turns.letters_had(now);
  CHECK_FALSE(turns.letters_due(now, false));
  turns.more_letters(now);
  CHECK(turns.letters_due(now, false));
  CHECK_FALSE(turns.letters_due(now, true));
  turns.unit_closed();
  CHECK(turns.letters_due(now, true));
}

TEST_CASE("letters that ended long ago are removed once a minute") {
  Turns turns;
  const SteadyInstant now{Seconds{100}};
  CHECK(turns.take_forgetting(now));
  CHECK_FALSE(turns.take_forgetting(now + Seconds{59}));
  CHECK(turns.take_forgetting(now + Seconds{60}));
}

TEST_CASE("what is paused is asked once a second") {
  Turns turns;
  const SteadyInstant now{Seconds{100}};
  CHECK(turns.take_pause_check(now));
  CHECK_FALSE(turns.take_pause_check(now + Milliseconds{999}));
  CHECK(turns.take_pause_check(now + Seconds{1}));
}
