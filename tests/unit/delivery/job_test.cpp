// The names of verdicts.
#include "common/delivery/job.hpp"

#include <doctest/doctest.h>

using namespace weir::delivery;

TEST_CASE("every verdict has its name") {
  CHECK(verdict_name(Accepted{}) == "accepted");
  CHECK(verdict_name(Postponed{}) == "postponed");
  CHECK(verdict_name(Paused{}) == "paused");
  CHECK(verdict_name(Divided{}) == "divided");
  CHECK(verdict_name(Refused{}) == "refused");
  CHECK(verdict_name(Unknown{}) == "unknown");
  CHECK(verdict_name(NotBegun{}) == "not_begun");
}
