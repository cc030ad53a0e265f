#include "common/runtime/tally.hpp"

#include "tests/unit/runtime/incoming.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::runtime;
using weir::testing::end;
using weir::testing::Held;
using weir::testing::incoming;

TEST_CASE("events are counted by partition, outcome and reason; dead and parked records are kept with all that is known") {
  Held held;
  Piece piece;
  for (int offset = 0; offset < 3; ++offset) piece.events.push_back(incoming(held.p0(), offset));
  for (int offset = 0; offset < 3; ++offset) piece.events.push_back(incoming(held.p1(), offset));
  end(piece.events[4], Dead{"pg_value", "/after/x", "refused"});
  piece.events[4].ended->dead_kind = "database";
  piece.events[4].ended->constraint = "x_range";
  const std::vector<End> ends{Done{}, Skipped{"snapshot"}, Done{}, Parked{"no_key", "the key"}, piece.events[4].ended->how, ReSent{}};
  Tally tally;
  REQUIRE(tally.add(piece, ends, held, "g"));
  CHECK(tally.counts == OutcomeCounts{{{{"t", 0}, "done", ""}, 2},
                                      {{{"t", 0}, "skipped", "snapshot"}, 1},
                                      {{{"t", 1}, "parked", "no_key"}, 1},
                                      {{{"t", 1}, "dead", "pg_value"}, 1},
                                      {{{"t", 1}, "re_sent", ""}, 1}});
  REQUIRE(tally.kept.size() == 2);
  CHECK(tally.kept[0].waits_for == "the key");
  CHECK(tally.kept[0].kind == "rule");
  CHECK_FALSE(tally.kept[1].waits_for);
  CHECK(tally.kept[1].kind == "database");
  CHECK(tally.kept[1].constraint == "x_range");
}

TEST_CASE("whether a topic's form has changed is judged with the events committed before; accepted deaths do not count") {
  Held held;
  Piece piece;
  for (int offset = 0; offset < 400; ++offset) piece.events.push_back(incoming(held.p0(), offset));
  const std::vector<End> ends(400, Dead{"missing_field", "/after/x", "x is not there", true});
  Tally first;
  REQUIRE(first.add(piece, ends, held, "g"));
  Tally second{{}, {}, first.shares};
  const auto stopped = second.add(piece, ends, held, "g");
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().kind == FaultKind::kData);
  CHECK(stopped.error().hint.find("--group 'g' --topic 't' --reason 'missing_field' --path '/after/x'") != std::string::npos);
  held.p0().claim.accepted_deaths = {{"missing_field", "/after/x", 400}};
  Tally third{{}, {}, first.shares};
  CHECK(third.add(piece, ends, held, "g"));
}
