#include "common/runtime/caution.hpp"

#include <doctest/doctest.h>

using namespace weir::runtime;

TEST_CASE("the caution follows from the number of deaths, and a moved position stores that number") {
  CHECK(caution_after(0) == Caution::kNone);
  CHECK(caution_after(1) == Caution::kCareful);
  CHECK(caution_after(2) == Caution::kAlone);
  CHECK(caution_after(kDeathsToBury) == Caution::kAlone);
  // These numbers are stored, and the SQL of a claim compares them.
  CHECK(deaths_on_record(Caution::kNone) == 0);
  CHECK(deaths_on_record(Caution::kCareful) == 1);
  CHECK(deaths_on_record(Caution::kAlone) == 2);
}
