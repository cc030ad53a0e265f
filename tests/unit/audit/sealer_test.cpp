// How rows become links; what needs Postgres is in tests/component/audit.
#include "operations/audit/sealer.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::audit;

TEST_CASE("rows of several organizations go to chains of their own, each going on from its head") {
  const Uuid a = Uuid::random();
  const Uuid b = Uuid::random();
  std::vector<Link> rows;
  for (const Uuid& organization : {a, b, a}) rows.push_back({organization, 0, static_cast<std::int64_t>(rows.size()), {}, {}, {}});
  std::unordered_map<Uuid, Head> heads;
  heads[a] = {a, 7, {}};
  heads[a].hash.fill(9);
  const Hash before = heads[a].hash;
  const auto sealed = chain(rows, heads);
  REQUIRE(sealed.size() == 3);
  CHECK(sealed[0].link.number == 8);
  CHECK(sealed[0].hash == link_hash(before, sealed[0].link));
  CHECK(sealed[1].link.number == 1);
  CHECK(sealed[1].hash == link_hash({}, sealed[1].link));
  CHECK(sealed[2].link.number == 9);
  CHECK(sealed[2].hash == link_hash(sealed[0].hash, sealed[2].link));
  CHECK(heads[a].hash == sealed[2].hash);
  CHECK(heads[b].number == 1);
}
