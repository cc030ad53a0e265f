#include "tests/component/ledger/bench_of_two.hpp"
#include "tests/component/ledger/severing_proxy.hpp"

#include <fmt/format.h>

using namespace weir;
using namespace weir::testing;

namespace {

struct Doubtful : TwoOwners {
  SeveringProxy proxy{testing::postgres().port()};
  ledger::PostgresLedger owner{settings_for(fmt::format("{} port={} hostaddr=127.0.0.1 sslmode=disable", dsn, proxy.port())),
                               {"g", Milliseconds{60'000}}};
};

}  // namespace

TEST_CASE("a commit whose answer was lost is in doubt, and Postgres says that it came through") {
  Doubtful world;
  REQUIRE(world.owner.ensure_connected({}));
  const auto claim = world.owner.claim(kPartition).value();
  world.proxy.sever_next(SeveringProxy::Sever::kCommitAnswer);
  const auto answer = TwoOwners::work(world.owner, claim, "a");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == FaultKind::kCommitInDoubt);
  world.owner.rollback();
  const auto standing = world.owner.standings(std::vector{claim}).value()[0];
  CHECK(standing.mine);
  CHECK(standing.next_offset == 1);
  CHECK(world.results() == 1);
}

TEST_CASE("a commit that never reached Postgres is in doubt too, and Postgres says that it did not come through") {
  Doubtful world;
  REQUIRE(world.owner.ensure_connected({}));
  const auto claim = world.owner.claim(kPartition).value();
  world.proxy.sever_next(SeveringProxy::Sever::kCommitRequest);
  const auto answer = TwoOwners::work(world.owner, claim, "a");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == FaultKind::kCommitInDoubt);
  world.owner.rollback();
  const auto standing = world.owner.standings(std::vector{claim}).value()[0];
  CHECK(standing.mine);
  CHECK(standing.next_offset == 0);
  REQUIRE(TwoOwners::work(world.owner, claim, "a"));
  CHECK(world.results() == 1);
}

TEST_CASE("after a lost session the new one owns the partitions, so that a claim ends the right backend") {
  Doubtful world;
  REQUIRE(world.owner.ensure_connected({}));
  const auto claim = world.owner.claim(kPartition).value();
  const auto owner_now = [&] { return world.sql->script("SELECT owner FROM weir.consumer_offsets").value()[0].get<std::string>(0); };
  const std::string before = owner_now();
  world.proxy.sever_next(SeveringProxy::Sever::kCommitRequest);
  CHECK_FALSE(TwoOwners::work(world.owner, claim, "a"));
  world.owner.rollback();
  REQUIRE(world.owner.ensure_connected(std::vector{claim}));
  CHECK(owner_now() != before);
}
