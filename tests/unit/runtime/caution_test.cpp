#include "common/runtime/caution.hpp"

#include <doctest/doctest.h>

using namespace weir::runtime;

TEST_CASE("how events are taken follows from the deaths, and keeps the number of deaths that it stands for") {
  CHECK(caution_after(0) == Caution::kNone);
  CHECK(caution_after(1) == Caution::kCareful);
  CHECK(caution_after(2) == Caution::kAlone);
  CHECK(caution_after(kDeathsToBury) == Caution::kAlone);
  // These numbers are stored, and the SQL of a claim compares them.
  CHECK(deaths_on_record(Caution::kNone) == 0);
  CHECK(deaths_on_record(Caution::kCareful) == 1);
  CHECK(deaths_on_record(Caution::kAlone) == 2);
}
