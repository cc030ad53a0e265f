#include "tests/component/ledger/severing_proxy.hpp"
#include "tests/component/runtime/stage.hpp"

#include <fmt/format.h>

using namespace weir;
using namespace weir::testing;

TEST_CASE("commits whose request or answer is lost again and again leave every record written once") {
  Stage stage;
  SeveringProxy proxy(testing::postgres().port());
  Instance instance(stage, fmt::format("{} port={} hostaddr=127.0.0.1 sslmode=disable", stage.dsn, proxy.port()));
  int produced = 0;
  for (int round = 0; round < 6; ++round) {
    proxy.sever_next(round % 2 == 0 ? SeveringProxy::Sever::kCommitAnswer : SeveringProxy::Sever::kCommitRequest);
    stage.produce(produced, 300);
    produced += 300;
    CHECK(stage.caught_up());
  }
  stage.check_exact(produced);
}

TEST_CASE("where Postgres crashes and comes back nothing is lost or doubled, and readiness says why meanwhile") {
  Stage stage;
  stage.produce(0, 3'000);
  const auto instance = stage.start();
  REQUIRE(await(kPatience, [&] { return stage.number("SELECT count(*) FROM result") > 200; }));
  REQUIRE(testing::postgres().stop(local::Postgres::Shutdown::kImmediate));
  stage.produce(3'000, 500);
  REQUIRE(await(kPatience, [&] { return !instance->health.is_ready(); }));
  REQUIRE(testing::postgres().resume());
  CHECK(stage.caught_up());
  stage.check_exact(3'500);
  CHECK(await(kPatience, [&] { return instance->health.is_ready(); }));
}

TEST_CASE("where the broker restarts under two instances nothing is lost or doubled") {
  Stage stage;
  stage.produce(0, 3'000);
  const auto first = stage.start();
  const auto second = stage.start();
  REQUIRE(await(kPatience, [&] { return stage.number("SELECT count(*) FROM result") > 200; }));
  REQUIRE(testing::kafka().restart(local::Kafka::Shutdown::kKill));
  stage.produce(3'000, 500);
  CHECK(stage.caught_up());
  stage.check_exact(3'500);
}
