#include "common/runtime/retries.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::runtime;

namespace {

Fault of(FaultKind kind) {
  Fault fault;
  fault.kind = kind;
  return fault;
}

}  // namespace

TEST_CASE("the recourse for a unit of work follows from the fault and the number of tries") {
  CHECK(recourse_of(of(FaultKind::kPgConnection), 1'000) == Recourse::kAgain);
  CHECK(recourse_of(of(FaultKind::kPgOther), kFewTries - 1) == Recourse::kAgain);
  CHECK(recourse_of(of(FaultKind::kPgOther), kFewTries) == Recourse::kStop);
  CHECK(recourse_of(of(FaultKind::kPgMissingRow), 1) == Recourse::kDivide);
  CHECK(recourse_of(of(FaultKind::kPgValue), 99) == Recourse::kDivide);
  CHECK(recourse_of(of(FaultKind::kFenced), 99) == Recourse::kAskPostgres);
  CHECK(recourse_of(of(FaultKind::kPgSchema), 1) == Recourse::kStop);
}

TEST_CASE("a failure by a fault that time heals counts as no try, a failure by any other fault does") {
  CHECK(passes(of(FaultKind::kPgConnection)));
  CHECK(passes(of(FaultKind::kFenced)));
  for (const FaultKind kind : {FaultKind::kPgOther, FaultKind::kPgValue, FaultKind::kPgSchema}) CHECK_FALSE(passes(of(kind)));
}

TEST_CASE("work that cannot be divided is tried a few times where a unit would be divided, and again after a doubt") {
  CHECK(recourse_undivided(of(FaultKind::kPgConnection), 1'000) == Recourse::kAgain);
  CHECK(recourse_undivided(of(FaultKind::kCommitInDoubt), 1'000) == Recourse::kAgain);
  CHECK(recourse_undivided(of(FaultKind::kPgValue), kFewTries - 1) == Recourse::kAgain);
  CHECK(recourse_undivided(of(FaultKind::kPgValue), kFewTries) == Recourse::kStop);
  CHECK(recourse_undivided(of(FaultKind::kPgRefused), 1) == Recourse::kStop);
}

TEST_CASE("work that failed is due after its pause, and its tries are counted anew once it has succeeded") {
  Retries retries;
  const SteadyInstant now{Seconds{5}};
  CHECK(retries.due(now));
  CHECK(retries.count() == 1);
  retries.postpone(now + Seconds{1});
  CHECK_FALSE(retries.due(now));
  CHECK(retries.due(now + Seconds{1}));
  retries.at_once();
  CHECK(retries.due(now));
  CHECK(retries.tries() == 1);
  retries.reset();
  CHECK(retries.tries() == 0);
}
