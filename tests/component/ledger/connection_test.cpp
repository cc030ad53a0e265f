#include "common/core/await.hpp"
#include "tests/component/ledger/bench_of_two.hpp"

#include <csignal>

using namespace weir;
using namespace weir::testing;
using postgres::Params;

namespace {

/// Halts a session's backend, like a server or a link that hangs with the connection open.
class Halted {
 public:
  explicit Halted(postgres::Connection& connection) : pid_(connection.identity().value().pid) {}
  Halted(const Halted&) = delete;
  Halted& operator=(const Halted&) = delete;
  ~Halted() { go_on(); }
  void halt() { REQUIRE(kill(pid_, SIGSTOP) == 0); }
  void go_on() { static_cast<void>(kill(pid_, SIGCONT)); }

 private:
  pid_t pid_;
};

postgres::Settings hasty(const std::string& dsn) {
  postgres::Settings settings = settings_for(dsn);
  settings.statement_timeout = Milliseconds{1'000};  // what is answered is answered sooner on a busy machine, too
  settings.answer_grace = Milliseconds{500};
  return settings;
}

}  // namespace

TEST_CASE("every kind of parameter arrives as it was sent") {
  auto connection = postgres::Connection::open(settings_for(fresh_database())).value();
  const Uuid id = Uuid::random();
  const Instant instant = *parse_instant("1999-12-31T23:59:59.999999Z");
  Params params;
  params.add(-7).add(true).add(0.1).add("é\"\\").add(id).add(instant).add_bytes(std::string_view("\0\xff", 2)).add_json(R"({"a": 1})");
  params.add_array(std::vector<std::int64_t>{1, -2}).add_array(std::vector<std::string>{"a,b", "", "\"q\\"}).add(std::optional<int>{});
  const auto rows = connection.query("echo", "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::bigint", params);
  REQUIRE_MESSAGE(rows, rows.error().line());
  const postgres::Row row = (*rows)[0];
  CHECK(row.get<int>(0) == -7);
  CHECK(row.get<bool>(1));
  CHECK(row.get<double>(2) == 0.1);
  CHECK(row.get<std::string>(3) == "é\"\\");
  CHECK(row.get<Uuid>(4) == id);
  CHECK(row.get<Instant>(5) == instant);
  CHECK(row.bytes(6) == std::string_view("\0\xff", 2));
  CHECK(row.text(7) == R"({"a": 1})");
  CHECK(row.get<std::vector<std::int64_t>>(8) == std::vector<std::int64_t>{1, -2});
  CHECK(row.get<std::vector<std::string>>(9) == std::vector<std::string>{"a,b", "", "\"q\\"});
  CHECK(row.is_null(10));
}

TEST_CASE("a session is as weir needs it, whatever the database sets for others") {
  const std::string dsn = fresh_database();
  auto owner = postgres::Connection::open(settings_for(dsn)).value();
  const std::string database(owner.script("SELECT current_database()").value()[0].text(0));
  for (const std::string setting :
       {"idle_session_timeout = '1s'", "default_transaction_isolation = 'serializable'", "array_nulls = off", "bytea_output = 'escape'",
        "standard_conforming_strings = off", "datestyle = 'German, DMY'", "timezone = 'Asia/Kathmandu'", "extra_float_digits = -5"}) {
    REQUIRE(owner.script("ALTER DATABASE " + database + " SET " + setting));
  }
  auto connection = postgres::Connection::open(settings_for(dsn)).value();
  const auto shown = [&](const std::string& setting) { return std::string(connection.script("SHOW " + setting).value()[0].text(0)); };
  CHECK(shown("idle_session_timeout") == "0");
  CHECK(shown("transaction_isolation") == "read committed");
  CHECK(shown("standard_conforming_strings") == "on");
  Params params;
  params.add(*parse_instant("1999-12-31T23:59:59.999999Z")).add_bytes(std::string_view("\0\xff", 2));
  const auto rows =
      connection.query("echo", "SELECT '{a,NULL}'::text[] = ARRAY['a', NULL], $1::timestamptz, $2::bytea, 0.1::float8", params);
  REQUIRE_MESSAGE(rows, rows.error().line());
  CHECK((*rows)[0].get<bool>(0));
  CHECK((*rows)[0].get<Instant>(1) == *parse_instant("1999-12-31T23:59:59.999999Z"));
  CHECK((*rows)[0].bytes(2) == std::string_view("\0\xff", 2));
  CHECK((*rows)[0].get<double>(3) == 0.1);
}

TEST_CASE("binary COPY writes what was put into the buffer") {
  auto connection = postgres::Connection::open(settings_for(fresh_database())).value();
  REQUIRE(
      connection.script("CREATE TABLE copied (a int2, b int4, c int8, d float8, e bool, f uuid, g timestamptz, h text, i jsonb, j int4[], "
                        "k numeric, l int)"));
  postgres::CopyBuffer buffer;
  buffer.begin_row(12);
  buffer.int2(-1);
  buffer.int4(2);
  buffer.int8(-3);
  buffer.real8(1.5);
  buffer.boolean(true);
  buffer.uuid(*Uuid::parse("7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f"));
  buffer.instant(*parse_instant("2026-11-18T01:02:03.123456Z"));
  buffer.text("text");
  buffer.jsonb("[1]");
  buffer.int4_array(std::vector<std::int32_t>{1, -2});
  buffer.numeric(static_cast<__int128>(-123'456'789'012'345'678) * 10'000'000'000);
  buffer.int8({});
  CHECK(connection.copy_in("COPY copied FROM STDIN (FORMAT binary)", buffer).value() == 1);
  const auto rows = connection.script("SELECT copied::text FROM copied").value();
  CHECK(rows[0].text(0) ==
        "(-1,2,-3,1.5,t,7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f,\"2026-11-18 "
        "01:02:03.123456+00\",text,[1],\"{1,-2}\",-1234567890123456780000000000,)");
}

TEST_CASE("rows of a composite type arrive as they were sent") {
  auto connection = postgres::Connection::open(settings_for(fresh_database())).value();
  REQUIRE(connection.script(
      "CREATE TYPE row_in AS (a int2, b int4, c int8, d float8, e bool, f uuid, g timestamptz, h text, i jsonb, j int4[], "
      "k numeric, l float8, m timestamptz, n text)"));
  REQUIRE(connection.script("CREATE TABLE taken OF row_in"));
  int left = 1;
  const auto taken = connection.execute_over("take", "INSERT INTO taken SELECT * FROM unnest($1)", "row_in", [&](postgres::RowArray& rows) {
    if (left-- == 0) return false;
    rows.begin_row(14);
    rows.int2(-1);
    rows.int4(2);
    rows.int8(-3);
    rows.real8(1.5);
    rows.boolean(true);
    rows.uuid(*Uuid::parse("7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f"));
    rows.instant(*parse_instant("2026-11-18T01:02:03.123456Z"));
    rows.text("text");
    rows.jsonb("[1]");
    rows.int4_array(std::vector<std::int32_t>{1, -2});
    rows.numeric(-7);
    rows.real8({});
    rows.instant({});
    rows.text({});
    return true;
  });
  CHECK(taken.value() == 1);
  CHECK(connection.script("SELECT taken::text FROM taken").value()[0].text(0) ==
        "(-1,2,-3,1.5,t,7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f,\"2026-11-18 01:02:03.123456+00\",text,[1],\"{1,-2}\",-7,,,)");
}

TEST_CASE(
    "a statement goes over rows that are made meanwhile, each once, and what Postgres refuses in their midst leaves the session usable") {
  auto connection = postgres::Connection::open(settings_for(fresh_database())).value();
  REQUIRE(connection.script("CREATE TYPE row_in AS (n int8, t text); CREATE TABLE taken (n int8 CHECK (n <> 70000), t text)"));
  int waits = 0;
  connection.meanwhile([&] {
    ++waits;
    return std::optional(Milliseconds{1});
  });
  const auto take = [&](std::int64_t from, std::int64_t to) {
    return connection.execute_over("take", "INSERT INTO taken SELECT * FROM unnest($1)", "row_in",
                                   [&, from](postgres::RowArray& rows) mutable {
                                     if (from == to) return false;
                                     rows.begin_row(2);
                                     rows.int8(from++);
                                     rows.text("of many, so that they do not fit into one piece");
                                     return true;
                                   });
  };
  CHECK(take(0, 0).value() == 0);
  CHECK(take(0, 50'000).value() == 50'000);
  CHECK(waits > 0);
  REQUIRE(connection.begin());
  const auto refused = take(50'000, 100'000);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().sqlstate == "23514");
  REQUIRE(connection.rollback());
  CHECK(take(50'000, 50'001).value() == 1);
  CHECK(connection.script("SELECT count(*), count(DISTINCT n), sum(n) FROM taken").value()[0].text(2) == "1250025000");

  CHECK(connection.execute_over("other", "SELECT * FROM unnest($1)", "no_type", [](postgres::RowArray&) { return false; }).error().line() ==
        "the database lacks the type no_type (run: weir migrate up)");
}

TEST_CASE("what fails within a savepoint leaves nothing, and the transaction goes on; one savepoint may stand in another") {
  auto connection = postgres::Connection::open(settings_for(fresh_database())).value();
  postgres::Statements& statements = connection;
  REQUIRE(connection.script("CREATE TABLE scoped (n int PRIMARY KEY)"));
  REQUIRE(connection.begin());
  const auto insert = [&](int number) -> Result<void> {
    WEIR_TRY(statements.execute("insert_scoped", "INSERT INTO scoped VALUES ($1::bigint)", Params().add(number)));
    return {};
  };
  CHECK(statements.within_savepoint([&] { return insert(1); }));
  const auto outer = statements.within_savepoint([&]() -> Result<void> {
    WEIR_TRY(insert(2));
    const auto inner = statements.within_savepoint([&]() -> Result<void> {
      WEIR_TRY(insert(3));
      return insert(1);
    });
    REQUIRE_FALSE(inner);
    CHECK(inner.error().sqlstate == "23505");
    return insert(4);
  });
  CHECK(outer);
  REQUIRE(connection.commit());
  CHECK(connection.query("scoped", "SELECT string_agg(n::text, ' ' ORDER BY n) FROM scoped").value()[0].text(0) == "1 2 4");
}

TEST_CASE("a staging table is made once, and is empty whenever it is asked for and when the transaction ends") {
  auto connection = postgres::Connection::open(settings_for(fresh_database())).value();
  postgres::Statements& statements = connection;
  REQUIRE(connection.script("CREATE TABLE kept (n bigint, word text)"));
  constexpr postgres::StagingTable kNumbers{"numbers_in", "n bigint NOT NULL"};
  constexpr postgres::StagingTable kLike{"kept_in", "LIKE kept"};
  const auto count = [&] { return connection.query("count_staged", "SELECT count(*) FROM numbers_in").value()[0].get<int>(0); };
  for (int transaction = 0; transaction < 2; ++transaction) {
    REQUIRE(connection.begin());
    for (int time = 0; time < 2; ++time) {
      REQUIRE(statements.make_staging({kNumbers, kLike}));
      CHECK(count() == 0);
      REQUIRE(statements.execute("stage_numbers", "INSERT INTO numbers_in VALUES (1), (2)"));
      CHECK(statements.execute("stage_like", "INSERT INTO kept_in VALUES (1, 'a')").value() == 1);
    }
    CHECK(count() == 2);
    REQUIRE(connection.commit());
    CHECK(count() == 0);
  }
}

TEST_CASE("a session that ends while rows are being read is a fault at once") {
  auto connection = postgres::Connection::open(settings_for(fresh_database())).value();
  REQUIRE(connection.script("CREATE TYPE row_in AS (n int8); CREATE TABLE taken (n int8)"));
  auto other = postgres::Connection::open(settings_for(fresh_database())).value();
  const std::int32_t pid = connection.identity().value().pid;
  std::int64_t made = 0;
  const auto taken = connection.execute_over("take", "INSERT INTO taken SELECT * FROM unnest($1)", "row_in", [&](postgres::RowArray& rows) {
    if (made == 100'000) REQUIRE(other.query("end", "SELECT pg_terminate_backend($1::int, 10000)", Params().add(pid)));
    rows.begin_row(1);
    rows.int8(made++);
    return made < 1'000'000;
  });
  REQUIRE_FALSE(taken);
  CHECK(taken.error().kind == FaultKind::kPgConnection);
  CHECK_FALSE(connection.usable());
}

TEST_CASE("the COMMIT of an aborted transaction is a fault, though Postgres raises no error") {
  auto connection = postgres::Connection::open(settings_for(fresh_database())).value();
  REQUIRE(connection.begin());
  CHECK_FALSE(connection.script("SELECT 1/0"));
  const auto committed = connection.commit();
  REQUIRE_FALSE(committed);
  CHECK(committed.error().line() == "COMMIT was answered with ROLLBACK: the transaction had failed before");
}

TEST_CASE("a refused statement names itself, its SQLSTATE, constraint and table") {
  auto connection = postgres::Connection::open(settings_for(fresh_database())).value();
  REQUIRE(connection.script("CREATE TABLE r (score int CONSTRAINT score_range CHECK (score < 5))"));
  const auto refused = connection.execute("insert_score", "INSERT INTO r VALUES ($1)", Params().add(7));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().line() == "statement insert_score: new row for relation \"r\" violates check constraint \"score_range\" [23514]");
  CHECK(refused.error().constraint == "score_range");
  CHECK(refused.error().table == "r");
}

TEST_CASE("a missing server, a missing database and a lost session are different faults") {
  postgres::Settings nowhere = settings_for("host=127.0.0.1 port=1 dbname=x");
  CHECK(postgres::Connection::open(nowhere).error().kind == FaultKind::kPgConnection);
  postgres::Settings missing = settings_for(testing::postgres().dsn("no_such_database"));
  CHECK(postgres::Connection::open(missing).error().kind == FaultKind::kPgSchema);
  auto connection = postgres::Connection::open(settings_for(fresh_database())).value();
  CHECK_FALSE(connection.script("SELECT pg_terminate_backend(pg_backend_pid())"));
  CHECK_FALSE(connection.usable());
}

TEST_CASE("a server that hangs with its connection open is given up once the server's own timeouts are over") {
  auto connection = postgres::Connection::open(hasty(fresh_database())).value();
  Halted backend(connection);
  backend.halt();
  const auto asked = connection.query("ask", "SELECT 1");
  REQUIRE_FALSE(asked);
  CHECK(asked.error().kind == FaultKind::kPgConnection);
  CHECK(asked.error().message == "statement ask: no answer within 1500 ms: Postgres, or the way to it, hangs");
  CHECK_FALSE(connection.usable());
}

TEST_CASE("other work is done while an answer takes its time, as often as it asks for, and the answer is the statement's own") {
  auto connection = postgres::Connection::open(hasty(fresh_database())).value();
  int done = 0;
  REQUIRE(connection.query("slow", "SELECT 7 FROM pg_sleep(0.05)"));  // prepared
  connection.meanwhile([&]() -> std::optional<Milliseconds> { return ++done < 5 ? std::optional(Milliseconds{1}) : std::nullopt; });
  CHECK(connection.query("slow", "SELECT 7 FROM pg_sleep(0.05)").value()[0].get<int>(0) == 7);
  REQUIRE(done == 5);
  connection.meanwhile({});
  CHECK(connection.query("slow", "SELECT 7 FROM pg_sleep(0.05)").value().size() == 1);
  CHECK(done == 5);
  SUBCASE("a server that hangs is given up all the same") {
    Halted backend(connection);
    backend.halt();
    connection.meanwhile([] { return std::optional(Milliseconds{1}); });
    const auto asked = connection.query("ask", "SELECT 1");
    REQUIRE_FALSE(asked);
    CHECK(asked.error().kind == FaultKind::kPgConnection);
  }
}

TEST_CASE("a COMMIT that is not answered is in doubt, and may have come through") {
  const std::string dsn = fresh_database();
  auto connection = postgres::Connection::open(hasty(dsn)).value();
  REQUIRE(connection.script("CREATE TABLE kept (n int)"));
  REQUIRE(connection.begin());
  REQUIRE(connection.script("INSERT INTO kept VALUES (1)"));
  Halted backend(connection);
  backend.halt();
  const auto committed = connection.commit();
  REQUIRE_FALSE(committed);
  CHECK(committed.error().kind == FaultKind::kCommitInDoubt);
  backend.go_on();
  auto another = postgres::Connection::open(settings_for(dsn)).value();
  CHECK(await(Milliseconds{30'000}, [&] { return another.script("SELECT * FROM kept").value().size() == 1; }));
}

TEST_CASE("a statement that its own timeout ends is answered, and the session goes on") {
  auto connection = postgres::Connection::open(hasty(fresh_database())).value();
  const auto slept = connection.script("SELECT pg_sleep(60)");
  REQUIRE_FALSE(slept);
  CHECK(slept.error().kind == FaultKind::kPgStatementTimeout);
  CHECK(connection.script("SELECT 1"));
}

TEST_CASE("the server probes a silent client within seconds, so that a lost session's locks do not stay") {
  auto connection = postgres::Connection::open(settings_for(fresh_database())).value();
  CHECK(connection.script("SHOW tcp_keepalives_idle").value()[0].text(0) == "10");
  CHECK(connection.script("SHOW tcp_keepalives_interval").value()[0].text(0) == "5");
  CHECK(connection.script("SHOW tcp_keepalives_count").value()[0].text(0) == "3");
  CHECK(connection.script("SHOW tcp_user_timeout").value()[0].text(0) == "15000");
}

TEST_CASE("a role with no connection left is a lack of resources, which time mends, and not a refusal") {
  const std::string dsn = fresh_database();
  auto owner = postgres::Connection::open(settings_for(dsn)).value();
  REQUIRE(owner.script("CREATE ROLE weir_narrow LOGIN CONNECTION LIMIT 1"));
  {
    const auto first = postgres::Connection::open(settings_for(dsn + " user=weir_narrow"));
    REQUIRE(first);
    const auto second = postgres::Connection::open(settings_for(dsn + " user=weir_narrow"));
    REQUIRE_FALSE(second);
    CHECK(second.error().message.find("too many connections for role \"weir_narrow\"") != std::string::npos);
    CHECK(second.error().kind == FaultKind::kPgResources);
  }
  CHECK(owner.script("DROP ROLE weir_narrow"));
}

TEST_CASE("a session to a standby is not used again: the next one may find the primary") {
  const std::string dsn = fresh_database();
  auto owner = postgres::Connection::open(settings_for(dsn)).value();
  auto connection = postgres::Connection::open(settings_for(dsn)).value();
  REQUIRE(connection.script("SET default_transaction_read_only = on"));
  const auto refused = connection.script("CREATE TABLE never (n int)");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == FaultKind::kPgReadOnly);
  CHECK_FALSE(connection.usable());
}
