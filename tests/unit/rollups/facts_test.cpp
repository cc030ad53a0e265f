#include "consumers/rollups/facts.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::rollups;

TEST_CASE("the effect of a change of an execution is found in whichever form it is kept, and other facts have none") {
  const ExecutionId row{*Uuid::parse("00000000-0000-4000-8000-000000000001")};
  CHECK(effect_of(Fact(Contribution{}, row)).value().plus.has_value());
  CHECK(effect_of(Fact(Ignored{"not_terminal"}, row)).value().skipped == "not_terminal");

  ExecutionEffect whole;
  whole.minus.emplace();
  const Fact two_sides(std::make_unique<const ExecutionEffect>(whole), row);
  CHECK(effect_of(two_sides).value().minus.has_value());
  CHECK_FALSE(effect_of(two_sides).value().plus.has_value());

  CHECK_FALSE(effect_of(Fact(Ignored{"other_message"})).has_value());
  CHECK_FALSE(effect_of(Fact(AgentChange{})).has_value());
  CHECK_FALSE(effect_of(Fact(Incomplete{})).has_value());
}
