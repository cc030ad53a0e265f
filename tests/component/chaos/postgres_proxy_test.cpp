// That each trap at a statement really goes off between a client and a real Postgres.
#include "common/core/await.hpp"
#include "common/postgres/connection.hpp"
#include "common/testing/services.hpp"
#include "tests/chaos/harness/proxy.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr Milliseconds kPatience{20'000};

struct Bench {
  Bench() { REQUIRE(direct.script("CREATE TABLE t (v int)")); }

  static postgres::Settings settings(const std::string& dsn) {
    postgres::Settings settings;
    settings.dsn = dsn;
    settings.application_name = "proxied";
    return settings;
  }
  /// A later host or port in a connection string wins.
  postgres::Settings proxied() { return settings(dsn + " port=" + std::to_string(proxy.port())); }
  postgres::Connection open() { return postgres::Connection::open(proxied()).value(); }
  std::int64_t rows() { return direct.script("SELECT count(*) FROM t").value()[0].get<std::int64_t>(0); }

  std::string dsn = testing::fresh_database();
  Proxy proxy{Protocol::kPostgres, testing::postgres().port()};
  postgres::Connection direct = postgres::Connection::open(settings(dsn)).value();
};

constexpr const char* kInsert = "INSERT INTO t VALUES (1)";

}  // namespace

TEST_CASE("a session goes through: simple and extended statements, and COPY") {
  Bench bench;
  auto connection = bench.open();
  REQUIRE(connection.begin());
  CHECK(bench.proxy.open_transactions() == 1);
  CHECK(connection.execute("insert", "INSERT INTO t VALUES ($1)", postgres::Params().add(7)).value() == 1);
  postgres::CopyBuffer buffer;
  for (int i = 0; i < 10'000; ++i) {
    buffer.begin_row(1);
    buffer.int4(i);
  }
  CHECK(connection.copy_in("COPY t FROM STDIN (FORMAT binary)", buffer).value() == 10'000);
  REQUIRE(connection.commit());
  CHECK(bench.rows() == 10'001);
  CHECK(bench.proxy.open_transactions() == 0);
  CHECK(bench.proxy.counters().commits == 1);
}

TEST_CASE("a cut before COMMIT leaves nothing, one after it leaves everything, and the client is in doubt of both") {
  Bench bench;
  for (const CommitCut when : {CommitCut::kBefore, CommitCut::kAfter}) {
    auto connection = bench.open();
    bench.proxy.set(CommitTrap{.when = when});
    REQUIRE(connection.begin());
    REQUIRE(connection.script(kInsert));
    const auto committed = connection.commit();
    REQUIRE_FALSE(committed);
    CHECK(committed.error().kind == FaultKind::kCommitInDoubt);
    CHECK_FALSE(connection.usable());
    CHECK(bench.rows() == (when == CommitCut::kAfter ? 1 : 0));
  }
  CHECK(bench.proxy.counters().commits_cut_before == 1);
  CHECK(bench.proxy.counters().commits_cut_after == 1);
  CHECK(bench.proxy.traps_waiting() == 0);
}

TEST_CASE("a trap for one kind of transaction lets others commit") {
  Bench bench;
  auto connection = bench.open();
  bench.proxy.set(CommitTrap{.of = "insert_one"});
  REQUIRE(connection.begin());
  REQUIRE(connection.script(kInsert));
  REQUIRE(connection.commit());
  REQUIRE(connection.begin());
  REQUIRE(connection.execute("insert_one", kInsert));
  CHECK_FALSE(connection.commit());
  CHECK(bench.rows() == 1);
}

TEST_CASE("a refused statement has failed on both sides, as often as it was asked for") {
  Bench bench;
  auto connection = bench.open();
  for (const char* sqlstate : {"40001", "40P01", "55P03", "57014", "23514"}) {
    CAPTURE(sqlstate);
    bench.proxy.set(Refusal{.sqlstate = sqlstate, .times = 2, .in_transaction = true});
    for (const bool extended : {false, true}) {
      REQUIRE(connection.begin());
      const auto refused =
          extended ? connection.execute("insert", kInsert).map([](std::uint64_t) {}) : connection.script(kInsert).map([](const auto&) {});
      REQUIRE_FALSE(refused);
      CHECK(refused.error().sqlstate == sqlstate);
      CHECK(connection.usable());
      // The transaction is aborted: its COMMIT is a ROLLBACK.
      CHECK_FALSE(connection.commit());
    }
  }
  CHECK(bench.proxy.counters().refusals == 10);
  REQUIRE(connection.begin());
  REQUIRE(connection.execute("insert", kInsert));
  REQUIRE(connection.commit());
  CHECK(bench.rows() == 1);
}

TEST_CASE("a refused COMMIT has rolled back, and is not in doubt") {
  Bench bench;
  auto connection = bench.open();
  bench.proxy.set(Refusal{.sqlstate = "40001", .of = "COMMIT"});
  REQUIRE(connection.begin());
  REQUIRE(connection.script(kInsert));
  const auto committed = connection.commit();
  REQUIRE_FALSE(committed);
  CHECK(committed.error().sqlstate == "40001");
  CHECK_FALSE(connection.in_transaction());
  CHECK(bench.rows() == 0);
}

TEST_CASE("a refusal can wait for its statement") {
  Bench bench;
  auto connection = bench.open();
  bench.proxy.set(Refusal{.sqlstate = "55P03", .after = 2, .of = "insert"});
  REQUIRE(connection.execute("insert", kInsert));  // its preparation was the first
  CHECK(bench.proxy.counters().refusals == 0);
  CHECK_FALSE(connection.execute("insert", kInsert));
  CHECK(connection.execute("insert", kInsert));
}

TEST_CASE("a backend that is told to go ends its session, and a server that is full refuses one") {
  Bench bench;
  auto connection = bench.open();
  bench.proxy.set(Refusal{.sqlstate = "57P01", .of = "INSERT"});
  REQUIRE(connection.begin());
  const auto ended = connection.script(kInsert);
  REQUIRE_FALSE(ended);
  CHECK(ended.error().kind == FaultKind::kPgConnection);
  CHECK_FALSE(connection.usable());
  for (const char* sqlstate : {"53300", "57P03"}) {
    bench.proxy.set(Refusal{.sqlstate = sqlstate});
    const auto opened = postgres::Connection::open(bench.proxied());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().message.find(sqlstate) != std::string::npos);
    CHECK(postgres::Connection::open(bench.proxied()));
  }
}

TEST_CASE("a client that goes in an open transaction is counted") {
  Bench bench;
  {
    auto connection = bench.open();
    REQUIRE(connection.script(kInsert));
  }
  CHECK(await(kPatience, [&] { return bench.proxy.open_links() == 0; }));
  CHECK(bench.proxy.counters().ended_in_transaction == 0);
  {
    auto connection = bench.open();
    REQUIRE(connection.begin());
    REQUIRE(connection.script(kInsert));
  }
  CHECK(await(kPatience, [&] { return bench.proxy.open_links() == 0; }));
  CHECK(bench.proxy.counters().ended_in_transaction == 1);
}
