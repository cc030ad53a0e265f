// weir check against a server and tables that are right, and against each way in which they are wrong.
#include "operations/commands/check_source.hpp"
#include "tests/component/operations/program.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::operations;
using testing::run_weir;

namespace {

postgres::Connection connect(const std::string& dsn) {
  postgres::Settings settings;
  settings.dsn = dsn;
  return postgres::Connection::open(settings).value();
}

std::string told(const Findings& findings) {
  std::string text;
  for (const Finding& row : findings) {
    text += row.check +
            (row.state == Finding::State::kOk        ? " ok"
             : row.state == Finding::State::kWarning ? " warning"
                                                     : " failed") +
            ": " + row.detail + (row.hint.empty() ? "" : " (" + row.hint + ")") + "\n";
  }
  return text;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A file with 32 bytes of 0.
std::string some_master_key() {
  const std::filesystem::path file = testing::scratch() / "check_master.key";
  std::filesystem::remove(file);
  std::ofstream(file) << std::string(43, 'A') << "=\n";
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  return file;
}

}  // namespace

TEST_CASE("a server with logical WAL is fine, but for unlimited slots") {
  auto source = connect(testing::fresh_database());
  const std::string text = told(check_server(source).value());
  CHECK(has(text, "source version ok: PostgreSQL "));
  CHECK(has(text, "wal_level ok: logical\n"));
  CHECK(has(text, "max_slot_wal_keep_size warning: is unlimited: a slot that nobody reads fills the server's disk"));
  CHECK(has(text, "replication right ok: weir\n"));
  CHECK(has(text, "the server's log ok: holds no row and no statement that was refused\n"));
  for (const char* loose : {"SET log_error_verbosity = verbose", "SET log_error_verbosity = terse; SET log_min_error_statement = error"}) {
    REQUIRE(source.script(loose).has_value());
    CHECK(has(told(check_server(source).value()), "the server's log warning: holds rows and statements that were refused"));
  }
}

TEST_CASE("a role that may not replicate is told, with the statement that mends it") {
  const std::string dsn = testing::fresh_database();
  auto source = connect(dsn);
  REQUIRE(source.script("DROP ROLE IF EXISTS weir_no_replication; CREATE ROLE weir_no_replication LOGIN").has_value());
  auto limited = connect(dsn + " user=weir_no_replication");
  const Findings findings = check_server(limited).value();
  CHECK(has(told(findings),
            "replication right failed: role weir_no_replication may not replicate (ALTER ROLE \"weir_no_replication\" REPLICATION)"));
  REQUIRE(source.script("DROP ROLE weir_no_replication").has_value());
}

TEST_CASE("weir check goes from failed to passed as an operator does what it says") {
  const std::map<std::string, std::string> environment{{"WEIR_POSTGRES_DSN", testing::fresh_database()},
                                                       {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()},
                                                       {"WEIR_CDC_TABLES", "public.users,public.agent_executions"},
                                                       {"WEIR_CONSUMERS_ROLLUPS_START", "earliest"},
                                                       {"WEIR_CONSUMERS_SCORING_START", "earliest"},
                                                       {"WEIR_CONSUMERS_NOTIFICATIONS_START", "earliest"},
                                                       {"WEIR_CONSUMERS_INSIGHTS_START", "earliest"},
                                                       {"WEIR_ENCRYPTION_MASTER_KEY_FILE", some_master_key()}};
  const auto before = run_weir({"check"}, environment);
  CHECK(before.exit_code != 0);
  CHECK(has(before.out, "run weir topics apply"));
  CHECK(has(before.out, "run weir migrate up"));
  CHECK(has(before.out, "weir rollups waits for weir.cdc.public.agent_executions, weir.cdc.public.agent_instances, "));
  CHECK(has(before.err, "checks failed, first: topic "));
  REQUIRE(run_weir({"topics", "apply"}, environment).exit_code == 0);
  REQUIRE(run_weir({"migrate", "up"}, environment).exit_code == 0);
  const auto after = run_weir({"check"}, environment);
  CHECK_MESSAGE(after.exit_code == 0, after.out, after.err);
  CHECK(after.err.empty());
  auto renamed = environment;
  renamed["WEIR_CONSUMERS_SCORING_TOPIC_PREFIX"] = "other";
  const auto told_of_prefix = run_weir({"check"}, renamed);
  CHECK(told_of_prefix.exit_code == 0);
  CHECK(has(told_of_prefix.out, "weir scoring waits for other.public.assessment_responses, "));
  CHECK(has(run_weir({"check", "--json"}, renamed).out, R"({"check":"topics of rollups","state":"ok","detail":"are there","hint":null})"));
  CHECK(has(run_weir({"check", "--json"}, environment).out,
            "{\"check\":\"table public.users\",\"state\":\"ok\",\"detail\":\"primary key\",\"hint\":null}"));
}

TEST_CASE("what ends weir up with exit code 78 is a failure of weir check, for the components that are asked about") {
  std::map<std::string, std::string> environment{{"WEIR_POSTGRES_DSN", testing::fresh_database()},
                                                 {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()}};
  REQUIRE(run_weir({"migrate", "up"}, environment).exit_code == 0);
  REQUIRE(run_weir({"topics", "apply"}, environment).exit_code == 0);
  const auto said = run_weir({"check"}, environment);
  CHECK(said.exit_code == 78);
  for (const char* lacking : {"consumers.rollups.start", "consumers.scoring.start", "consumers.notifications.start",
                              "consumers.insights.start", "published tables", "master key"}) {
    CHECK_MESSAGE(has(said.out, lacking), said.out);
  }
  for (const char* component : {"cdc", "rollups", "scoring", "notifications", "insights"}) {
    const auto checked = run_weir({"check", component}, environment);
    CAPTURE(component);
    CHECK(checked.exit_code == 78);
    CHECK(run_weir({component, "--ops-listen", "127.0.0.1:0"}, environment).exit_code == 78);
  }
  CHECK(run_weir({"check", "gateway", "sealer"}, environment).exit_code == 0);
  environment["WEIR_CONSUMERS_ROLLUPS_START"] = "earliest";
  CHECK(run_weir({"check", "gateway", "rollups:2"}, environment).exit_code == 0);
  const auto unknown = run_weir({"check", "rolups"}, environment);
  CHECK(unknown.exit_code == 64);
  CHECK(has(unknown.err, "rolups: no such component"));
}

TEST_CASE("a process that row security would show nothing fails weir check with 77, as it does at its start") {
  const std::string dsn = testing::fresh_database();
  const std::string name = dsn.substr(dsn.rfind('=') + 1);
  std::map<std::string, std::string> environment{{"WEIR_POSTGRES_DSN", dsn}, {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()}};
  REQUIRE(run_weir({"migrate", "up"}, environment).exit_code == 0);
  REQUIRE(run_weir({"topics", "apply"}, environment).exit_code == 0);
  auto owner = connect(dsn);
  REQUIRE(owner
              .script("DROP ROLE IF EXISTS check_blind; CREATE ROLE check_blind LOGIN; GRANT USAGE ON SCHEMA weir TO check_blind; "
                      "GRANT ALL ON ALL TABLES IN SCHEMA public, weir TO check_blind")
              .has_value());
  environment["WEIR_POSTGRES_DSN"] = testing::postgres().dsn(name, "check_blind");
  environment["WEIR_CONSUMERS_ROLLUPS_START"] = "earliest";
  const auto said = run_weir({"check", "rollups"}, environment);
  CHECK(said.exit_code == 77);
  CHECK(has(said.out, "row security hides rows of public.agent_metrics"));
  CHECK(run_weir({"rollups", "--ops-listen", "127.0.0.1:0"}, environment).exit_code == 77);
  REQUIRE(owner.script("DROP OWNED BY check_blind; DROP ROLE check_blind").has_value());
}

TEST_CASE("on a database that only has the application's tables weir check asks for no migrations") {
  const std::string dsn = testing::fresh_database();
  auto application = connect(dsn);
  REQUIRE(application.script("CREATE TABLE orders (id int PRIMARY KEY)").has_value());
  std::map<std::string, std::string> environment{
      {"WEIR_CDC_DSN", dsn}, {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()}, {"WEIR_CDC_TABLES", "public.orders"}};
  REQUIRE(run_weir({"topics", "apply"}, environment).exit_code == 0);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"check"}, {"check", "cdc"}}) {
    const auto said = run_weir(words, environment);
    CHECK_MESSAGE(said.exit_code == 0, said.out);
    CHECK_FALSE(has(said.out, "migrat"));
    CHECK_FALSE(has(said.out, "postgres.dsn"));
  }
  environment["WEIR_POSTGRES_DSN"] = dsn;
  CHECK_FALSE(has(run_weir({"check", "cdc"}, environment).out, "migrat"));
}

TEST_CASE("weir check says who each process is that has a connection string of its own, and warns of a superuser") {
  const std::string dsn = testing::fresh_database();
  const std::string name = dsn.substr(dsn.rfind('=') + 1);
  std::map<std::string, std::string> environment{{"WEIR_POSTGRES_DSN", dsn}, {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()}};
  REQUIRE(run_weir({"migrate", "up"}, environment).exit_code == 0);
  CHECK_FALSE(has(run_weir({"check"}, environment).out, "connects as"));
  environment["WEIR_GATEWAY_DSN"] = testing::postgres().dsn(name, "weir_gateway");
  environment["WEIR_AUDIT_DSN"] = dsn + " options=-cwork_mem=8MB";
  environment["WEIR_CONSUMERS_ROLLUPS_DSN"] = testing::postgres().dsn(name, "nobody_at_all");
  const std::string said = run_weir({"check", "--json"}, environment).out;
  CHECK(has(said, R"({"check":"gateway.dsn","state":"ok","detail":"connects as weir_gateway","hint":null})"));
  CHECK(has(said, R"({"check":"audit.dsn","state":"warning","detail":"connects as weir, a superuser")"));
  CHECK(has(said, R"({"check":"consumers.rollups.dsn","state":"failed")"));
  environment["WEIR_CONSUMERS_ROLLUPS_DSN"] = testing::postgres().dsn(name, "weir_gateway");
  CHECK(has(run_weir({"check"}, environment).out, "connects as weir_gateway, which may not write public.agent_metrics, "));
  environment["WEIR_CONSUMERS_ROLLUPS_DSN"] = testing::postgres().dsn(name, "weir_rollups");
  CHECK(has(run_weir({"check", "--json"}, environment).out,
            R"({"check":"consumers.rollups.dsn","state":"ok","detail":"connects as weir_rollups","hint":null})"));
}

TEST_CASE("weir check as weir_operator asks nothing for components whose connection strings are elsewhere, unless they are named") {
  const std::string dsn = testing::fresh_database();
  std::map<std::string, std::string> environment{{"WEIR_POSTGRES_DSN", dsn}, {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()}};
  REQUIRE(run_weir({"migrate", "up"}, environment).exit_code == 0);
  environment["WEIR_POSTGRES_DSN"] = dsn + " user=weir_operator";
  environment["WEIR_CONSUMERS_INSIGHTS_DSN"] = dsn + " user=weir_insights";
  const std::string said = run_weir({"check", "--json"}, environment).out;
  CHECK(has(said, R"("check":"components elsewhere","state":"warning","detail":"cdc, gateway, rollups, )"));
  CHECK(has(said, R"({"check":"consumers.insights.dsn","state":"ok","detail":"connects as weir_insights","hint":null})"));
  CHECK_FALSE(has(said, "connects as weir_operator"));
  CHECK_FALSE(has(said, "GRANT "));
  CHECK(has(run_weir({"check", "rollups"}, environment).out, "connects as weir_operator, which may not write public.agent_metrics, "));
}

TEST_CASE("weir check of a component whose role may not read gaps tells none") {
  const std::string dsn = testing::fresh_database();
  std::map<std::string, std::string> environment{{"WEIR_POSTGRES_DSN", dsn}, {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()}};
  REQUIRE(run_weir({"migrate", "up"}, environment).exit_code == 0);
  for (const std::string component : {"gateway", "sealer"}) {
    environment["WEIR_POSTGRES_DSN"] = dsn + " user=weir_" + component;
    CHECK_FALSE(has(run_weir({"check", component}, environment).out, "gaps"));
  }
}

TEST_CASE("as shipped the gateway accepts what rollups takes; where it accepts more, weir check says what to change") {
  std::map<std::string, std::string> environment{
      {"WEIR_POSTGRES_DSN", "host=127.0.0.1"}, {"WEIR_KAFKA_BROKERS", "127.0.0.1:1"}, {"WEIR_CONSUMERS_ROLLUPS_START", "earliest"}};
  CHECK(has(run_weir({"check", "--offline", "--json", "gateway", "rollups"}, environment).out,
            R"({"check":"event times","state":"ok","detail":"rollups takes what gateway accepts","hint":null})"));
  environment["WEIR_CONSUMERS_ROLLUPS_RETENTION"] = "7d";
  const auto said = run_weir({"check", "--offline", "gateway", "rollups"}, environment);
  CHECK(said.exit_code == 0);
  CHECK(has(said.out, "is 719h, and rollups takes events up to 7d (consumers.rollups.retention)"));
  CHECK(has(said.out, "keep gateway.max_age at least 1m below consumers.rollups.retention"));
}

TEST_CASE("a master key that is not set, or cannot be used, is a failure where weir scoring is asked about, which alone needs it") {
  std::map<std::string, std::string> environment{
      {"WEIR_POSTGRES_DSN", "host=127.0.0.1"}, {"WEIR_KAFKA_BROKERS", "127.0.0.1:1"}, {"WEIR_CONSUMERS_ROLLUPS_START", "earliest"}};
  environment["WEIR_CONSUMERS_SCORING_START"] = "earliest";
  CHECK(run_weir({"check", "--offline", "gateway", "rollups"}, environment).exit_code == 0);
  const auto without = run_weir({"check", "--offline", "scoring"}, environment);
  CHECK(without.exit_code == 78);
  CHECK(has(without.out, "is not set: weir scoring does not start without it (run weir keys init, and set encryption.master_key_file)"));
  environment["WEIR_ENCRYPTION_MASTER_KEY_FILE"] = testing::scratch() / "no_master.key";
  const auto missing = run_weir({"check", "--offline", "scoring"}, environment);
  CHECK(missing.exit_code == 78);
  CHECK(has(missing.err, "first: master key: "));
  environment["WEIR_ENCRYPTION_MASTER_KEY_FILE"] = some_master_key();
  const auto there = run_weir({"check", "--offline", "--json", "scoring"}, environment);
  CHECK(there.exit_code == 0);
  CHECK(has(there.out, R"({"check":"master key","state":"ok","detail":"is there","hint":null})"));
}

TEST_CASE("weir check names the file that it has read") {
  CHECK(has(run_weir({"check", "--offline"}).out, "weir.yaml reads without a fault\n"));
  const std::filesystem::path file = testing::scratch() / "other.yaml";
  std::ofstream(file) << "drain_timeout: 30s\n";
  CHECK(has(run_weir({"check", "--offline", "--config", file}).out, file.string() + " reads without a fault\n"));
}

TEST_CASE("services that are away are failures with exit code 69; offline none is asked for") {
  const std::map<std::string, std::string> away{
      {"WEIR_POSTGRES_DSN", "host=127.0.0.1 port=1"}, {"WEIR_KAFKA_BROKERS", "127.0.0.1:1"}, {"WEIR_CONSUMERS_ROLLUPS_START", "earliest"}};
  const auto said = run_weir({"check", "cdc", "gateway", "rollups"}, away);
  CHECK(said.exit_code == 69);
  CHECK(has(said.err, " checks failed, first: kafka: Kafka at 127.0.0.1:1"));
  CHECK(run_weir({"check", "--offline", "cdc", "gateway", "rollups"}, away).exit_code == 0);
  CHECK(run_weir({"check", "--offline"}).exit_code == 78);
}
