#include "producers/cdc/identity.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;

namespace {

const std::vector<std::string> kColumns{"org", "agent", "v"};

using Places = std::vector<std::size_t>;

Identity identity(char kind, std::vector<bool> holds) { return {{"public", "t"}, kind, std::move(holds)}; }

Places places(const Identity& of, const std::vector<std::string>& primary, const std::vector<std::string>& last = {}) {
  return primary_places(of, kColumns, primary, last);
}

}  // namespace

TEST_CASE("an announcement says which columns old rows hold: all, the flagged ones, or none") {
  pgoutput::Relation relation{1, "public", "t", 'd', {{false, "org", 20, -1}, {true, "agent", 25, -1}, {false, "v", 25, -1}}};
  CHECK(identity_of(relation, kColumns).holds == std::vector<bool>{false, true, false});
  relation.identity = 'f';
  CHECK(identity_of(relation, kColumns).holds == std::vector<bool>{true, true, true});
  relation = {1, "public", "t", 'n', {{false, "org", 20, -1}}};
  CHECK(identity_of(relation, {"org"}).holds == std::vector<bool>{false});
}

TEST_CASE("where the identity is the primary key, the key is the flagged columns in the catalog's order") {
  const Identity both = identity('d', {true, true, false});
  CHECK(places(both, {"agent", "org"}) == Places{1, 0});
  CHECK(places(both, {"org", "agent"}) == Places{0, 1});
  // Where the primary key was changed or the table is gone, the key is the last announced one, or in the order of the columns.
  CHECK(places(both, {"v"}) == Places{0, 1});
  CHECK(places(both, {"v"}, {"agent", "org"}) == Places{1, 0});
  CHECK(places(both, {}) == Places{0, 1});
}

TEST_CASE("where the identity does not tell, the key is the present primary key, or the last known one") {
  CHECK(places(identity('f', {true, true, true}), {"v"}) == Places{2});
  CHECK(places(identity('f', {true, true, true}), {"renamed"}, {"agent"}) == Places{1});
  CHECK(places(identity('f', {true, true, true}), {"renamed"}) == Places{0, 1, 2});
  CHECK(places(identity('i', {false, true, false}), {"org"}) == Places{0});
  CHECK(places(identity('n', {false, false, false}), {"org"}) == Places{0});
  CHECK(places(identity('d', {false, false, false}), {"org"}) == Places{0});
}
