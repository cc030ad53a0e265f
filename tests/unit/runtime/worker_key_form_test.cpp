// A producer that changes the form of its keys moves them to other partitions, which do not know the changes that it sends again.
#include "tests/unit/runtime/world.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;
using Strings = std::vector<std::string>;

namespace {

/// A world that has taken two bare changes of P0, at offsets 0 and 1.
struct Started : World {
  Started() {
    assign({kP0, kP1});
    take(kP0, 0, {"b 10 x", "b 11 x"});
  }
  /// Fetches the records. Where reading stopped at a key of another form and was started again, they are fetched again.
  void take(const TopicPartition& partition, std::int64_t first, const Strings& values) {
    fetch(partition, first, values);
    REQUIRE(flush());
    fetch(partition, first, values);
    REQUIRE(flush());
  }
  [[nodiscard]] bool held(const std::string& condition) const { return health.reasons().contains(condition); }
};

}  // namespace

TEST_CASE("the first form of keys that a group meets counts for its source, and each partition asks for it once") {
  Started world;
  CHECK(world.ledger.committed == Strings{"b 10 x", "b 11 x"});
  CHECK(world.ledger.key_forms.at("src").form == runtime::KeyForm::kBare);
  const std::int64_t claims = world.ledger.rows.at(kP0).claim.epoch;
  world.fetch(kP0, 2, {"b 12 x"});
  REQUIRE(world.flush());
  CHECK(world.stored(kP0) == 3);
  CHECK(world.ledger.rows.at(kP0).claim.epoch == claims);
  CHECK(world.ledger.gaps.empty());
}

TEST_CASE("a key of another form holds its partition before its change is applied, even if another partition took the form") {
  Started world;
  world.take(kP1, 0, {"b 9 y", "w 11 x", "w 12 x"});  // P0 has taken w 11
  CHECK(world.ledger.committed == Strings{"b 10 x", "b 11 x", "b 9 y"});
  CHECK(world.stored(kP1) == 1);
  REQUIRE_FALSE(world.ledger.gaps.empty());
  CHECK(world.ledger.gaps[0].kind == "key_form_changed");
  CHECK(world.ledger.gaps[0].next_offset == 1);
  REQUIRE(world.held("gap:t/1"));
  CHECK(world.health.reasons().at("gap:t/1").find("from offset 1 on the keys of changes have another form") != std::string::npos);
  CHECK(world.metrics.text().find("weir_gap_records{partition=\"1\",topic=\"t\"} 1") != std::string::npos);
  world.take(kP0, 2, {"b 13 z"});  // changes of the old form go on
  CHECK(world.stored(kP0) == 3);

  SUBCASE("it stays held until an operator has accepted it") {
    world.clock.advance(Seconds{10});
    REQUIRE(world.settle());
    CHECK(world.held("gap:t/1"));
    world.ledger.accept_key_form();
    world.clock.advance(Seconds{10});
    REQUIRE(world.settle());
    CHECK_FALSE(world.held("gap:t/1"));
    world.take(kP1, 1, {"w 11 x", "w 12 x"});
    CHECK(world.stored(kP1) == 3);
    world.take(kP0, 3, {"w 14 z"});  // the acceptance holds for all partitions
    CHECK(world.stored(kP0) == 4);
    CHECK_FALSE(world.held("gap:t/0"));
    world.take(kP0, 4, {"b 15 z"});  // going back to the old form is another change of form
    CHECK(world.stored(kP0) == 4);
    CHECK(world.held("gap:t/0"));
  }
}

TEST_CASE("after a form was accepted, the earlier form may still come into a partition that has met no change yet") {
  Started world;
  world.take(kP0, 2, {"w 12 x"});
  world.ledger.accept_key_form();
  world.take(kP1, 0, {"b 8 y", "w 13 y"});
  world.take(kP1, 1, {"w 13 y"});
  CHECK(world.stored(kP1) == 2);
  CHECK_FALSE(world.held("gap:t/1"));
}

TEST_CASE("a form is asked for and refused also where changes are taken one at a time") {
  World world;
  world.inherit({kP0}, 2, 0);
  for (int i = 0; i < 2; ++i) {
    world.fetch(kP0, 0, {"b 10 x", "w 10 x", "b 11 x"});
    REQUIRE(world.flush());
  }
  world.fetch(kP0, 1, {"w 10 x", "b 11 x"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"b 10 x"});
  CHECK(world.stored(kP0) == 1);
  CHECK(world.health.reasons().contains("gap:t/0"));
}

TEST_CASE("a key of another form holds its partition also where the decoder refuses the change, so that it dies only once") {
  Started world;
  world.take(kP0, 2, {"w 12 broken"});
  CHECK(world.stored(kP0) == 2);
  CHECK(world.ledger.buried.empty());
}
