// What the demo's own client of Postgres does with values, transactions and faults.
#include "demo/clients/sql_session.hpp"

#include "common/testing/services.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::demo;

namespace {

SqlSession open() { return SqlSession::open(testing::fresh_database(), "test").value(); }

}  // namespace

TEST_CASE("a value comes back as it went") {
  SqlSession session = open();
  const Uuid id = *Uuid::parse("00000000-0000-4000-8000-0000000000b1");
  const std::vector<std::string> texts{"plain", R"(a "quote", a \\ and {})", ""};
  const std::vector<std::int64_t> numbers{-1, 2};
  const auto rows =
      session.ask("SELECT $1::uuid, $2::double precision, $3::timestamptz, $4::bytea, ($5::text[])[2], $6::bigint[], $7::text IS NULL",
                  {id, 0.1, *parse_instant("2026-01-01T00:00:10Z"), Parameter::bytes(std::string("\0\xff", 2)), Parameter::array(texts),
                   Parameter::array(numbers), std::optional<std::string>()});
  REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
  const auto row = (*rows)[0];
  CHECK(row[0].c_str() == id.text());
  CHECK(row[1].as<double>() == 0.1);
  CHECK(row[2].as<std::string>() == "2026-01-01 00:00:10+00");
  CHECK(row[3].as<std::string>() == "\\x00ff");
  CHECK(row[4].c_str() == texts[1]);
  CHECK(row[5].as<std::string>() == "{-1,2}");
  CHECK(row[6].as<bool>());
}

TEST_CASE("a transaction is whole or nothing, and one that is discarded is nothing") {
  SqlSession session = open();
  REQUIRE(session.script("CREATE TABLE t (n int PRIMARY KEY)").has_value());
  const auto insert = [](pqxx::transaction_base& transaction) { execute(transaction, "INSERT INTO t VALUES ($1)", {1}); };
  REQUIRE(session.discarded(insert).has_value());
  REQUIRE(session.committed(insert).has_value());
  const auto twice = session.committed([&](pqxx::transaction_base& transaction) {
    execute(transaction, "INSERT INTO t VALUES (2)");
    insert(transaction);
  });
  REQUIRE_FALSE(twice.has_value());
  CHECK(twice.error().kind == FaultKind::kPgOther);
  CHECK(twice.error().sqlstate == "23505");
  CHECK(session.ask("SELECT count(*) FROM t").value()[0][0].as<int>() == 1);
}

TEST_CASE("a lost session is a fault of the connection, and the next use opens another") {
  SqlSession session = open();
  CHECK(session.ask("SELECT pg_terminate_backend(pg_backend_pid())").error().kind == FaultKind::kPgConnection);
  CHECK(session.ask("SELECT 1").has_value());
}

TEST_CASE("a server that is not there is a fault") {
  const auto none = SqlSession::open("host=127.0.0.1 port=1 dbname=none", "test");
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().kind == FaultKind::kPgConnection);
}
