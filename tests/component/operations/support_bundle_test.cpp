// weir support-bundle over a real Kafka and a real Postgres: what it holds, what it must not hold, and what it says of what is missing.
#include "common/kafka/admin.hpp"
#include "common/postgres/connection.hpp"
#include "common/testing/migrated_database.hpp"
#include "tests/component/operations/program.hpp"
#include "tests/support/ports.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <regex>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr const char* kPersons = R"(
INSERT INTO weir.consumer_offsets (group_id, topic, partition, topic_uuid, next_offset)
VALUES ('weir.scoring', '{0}', 0, gen_random_uuid(), 7);
INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, record_key, headers, value, occurred_at, kind, reason,
                               message)
VALUES ('weir.scoring', '{0}', gen_random_uuid(), 0, 3, 'key of Ada Lovelace', '[["h", "header of Ada Lovelace"]]', 'value of Ada Lovelace',
        now(), 'decode', 'missing_field', 'message about Ada Lovelace');
INSERT INTO weir.operator_actions (acted_by, command, filter, counts, why)
VALUES ('Ada Lovelace', 'dlq redrive', '{{"group": "weir.scoring", "key": "key of Ada Lovelace"}}', '{{"letters": 1}}', 'Ada Lovelace called');
INSERT INTO weir.group_pauses (group_id, action_id) SELECT 'weir.scoring', id FROM weir.operator_actions;
INSERT INTO weir.refused_wakeups (group_id, wakeup, key, reason, table_name, column_name, constraint_name, tries, next_try)
VALUES ('weir.scoring', 'closing', 'Ada Lovelace', 'pg_constraint', '', '', '', 1, now()))";

struct Site {
  Site() : dsn(migrated_database()), folder(scratch() / ("bundle-" + dsn.substr(dsn.rfind('=') + 1))) {
    std::filesystem::create_directories(folder);
    auto connection = postgres::Connection::open({.dsn = dsn, .application_name = "test"}).value();
    const std::string topic = topic_prefix() + "t";
    weir::kafka::Settings broker;
    broker.brokers = weir::testing::kafka().bootstrap();
    REQUIRE(weir::kafka::Admin::open(broker).value()->create_topics({weir::kafka::TopicSpec{topic, 1, 1, {}}}));
    const auto done = connection.script(fmt::format(kPersons, topic));
    REQUIRE_MESSAGE(done, done.error().line());
    std::ofstream(folder / "rollups.log") << "line with ada@lovelace.example and rosebud\n";
    environment = {
        {"WEIR_POSTGRES_DSN", dsn}, {"WEIR_KAFKA_BROKERS", weir::testing::kafka().bootstrap()}, {"WEIR_HTTP_OPS_LISTEN", ops_listen}};
  }
  Said make(std::vector<std::string> more = {}) {
    std::vector<std::string> words{"support-bundle", "--output", archive()};
    words.insert(words.end(), more.begin(), more.end());
    std::filesystem::remove(archive());
    return run_weir(words, environment);
  }
  [[nodiscard]] std::string archive() const { return (folder / "bundle.tar.gz").string(); }
  /// Every file of the archive with its name, as tar gives them.
  [[nodiscard]] std::string everything() const {
    const std::string into = (folder / "text").string();
    const std::string command =
        "tar -tzf " + shell_quoted(archive()) + " > " + into + " && tar -xzOf " + shell_quoted(archive()) + " >> " + into;
    REQUIRE(std::system(command.c_str()) == 0);
    return text_of(into);
  }
  std::string dsn;
  std::filesystem::path folder;
  // Where no component answers, whatever else runs on this machine: it is asked for those of weir up, on so many ports in a row.
  const std::string ops_listen = "127.0.0.1:" + std::to_string(free_ports(16));
  std::map<std::string, std::string> environment;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The variables of all secrets that weir has, from its reference.
std::vector<std::string> variables_of_secrets() {
  const std::string reference = run_weir({"config", "--reference"}).out;
  const std::regex line(R"(\(text; secret, [^;]*; (WEIR_[A-Z0-9_]+))");
  std::vector<std::string> names;
  for (std::sregex_iterator match(reference.begin(), reference.end(), line), end; match != end; ++match) names.push_back((*match)[1].str());
  return names;
}

}  // namespace

TEST_CASE("an archive holds what somebody needs who helps, and nothing of records and persons") {
  Site site;
  const Said said = site.make({"--log", site.folder / "rollups.log"});
  const std::string all = site.everything();
  CHECK_MESSAGE(said.exit_code == 69, said.out);  // no component runs here
  CHECK(has(said.out, "missing: components: no component answers at " + site.ops_listen));
  for (const char* part : {"contents.json", "configuration.yaml", "versions.json", "postgres.json", "sessions.json", "tables.json",
                           "migrations.json", "positions.json", "outcomes.json", "gaps.json", "pauses.json", "operator_actions.json",
                           "letters.json", "refused_wakeups.json", "lag.json", "slots.json", "topics.json", "logs/1_rollups.log"}) {
    CHECK_MESSAGE(has(all, std::string("Z/") + part + "\n"), std::string(part));
  }
  for (const char* held :
       {R"("librdkafka":"2.)", R"("group_id": "weir.scoring")", R"("letters": 1)", R"("command": "dlq redrive")", "line with ***@***"}) {
    CHECK_MESSAGE(has(all, held), std::string(held));
  }
  CHECK_FALSE(has(all, "Lovelace"));
  CHECK_FALSE(has(all, "ada@"));
  CHECK((std::filesystem::status(site.archive()).permissions() & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  const Said again = run_weir({"support-bundle", "--output", site.archive()}, site.environment);
  CHECK(again.exit_code != 0);
  CHECK(has(again.err, "File exists"));
}

TEST_CASE("no secret of a configuration that has every secret is in the archive") {
  Site site;
  const auto names = variables_of_secrets();
  REQUIRE(names.size() > 15);
  std::ofstream log(site.folder / "rollups.log", std::ios::app);
  std::vector<std::string> secrets;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string secret = fmt::format("sec\"ret-{:03}-of-weir", i);
    const bool is_dsn = names[i].ends_with("_DSN");
    site.environment[names[i]] = is_dsn ? site.dsn + " password='" + secret + "'" : secret;
    secrets.push_back(secret);
    log << names[i] << " is " << secret << "\n";
  }
  log.close();
  std::ofstream(site.folder / "weir.yaml")
      << "kafka:\n  properties:\n    ssl.keystore.password: hidden-property\n"
      << "consumers:\n  rollups:\n    sources:\n      weir.cdc:\n        dsn: host=h password=hidden-source\n";
  const Said said = site.make({"--log", site.folder / "rollups.log", "--config", site.folder / "weir.yaml"});
  REQUIRE_MESSAGE(std::filesystem::exists(site.archive()), said.err);
  const std::string all = site.everything() + said.out + said.err;
  CHECK(has(all, "WEIR_POSTGRES_DSN"));  // where a value came from is shown
  CHECK(has(all, names.back() + " is ***"));
  for (const std::string& secret : secrets) {
    CHECK_MESSAGE(!has(all, secret), secret);
    CHECK_MESSAGE(!has(all, secret.substr(4)), secret);
  }
  CHECK_FALSE(has(all, "hidden-"));
}

TEST_CASE("what cannot be had is named in the archive with its reason, and the exit code says so") {
  Site site;
  site.environment["WEIR_POSTGRES_DSN"] = "host=127.0.0.1 port=1 dbname=x";
  const std::string far = std::string(60, 'a') + "." + std::string(60, 'b') + ".svc.cluster.invalid:9464";
  const Said said = site.make({"--log", "/nowhere/weir.log", "--ops", "127.0.0.1:1," + far});
  CHECK(said.exit_code == 69);
  const std::string all = site.everything();
  for (const char* missing :
       {R"({"part":"positions.json","reason":")", R"({"part":"logs/1_weir.log","reason":"cannot read /nowhere/weir.log)",
        R"({"part":"components/127.0.0.1_1/metrics.txt","reason":"127.0.0.1:1 does not answer)"}) {
    CHECK(has(all, missing));
  }
  CHECK(has(all, "components/" + std::string(36, 'a') + "_"));  // the name of a file, from a long name of a host
  CHECK(has(all, "topics.json\n"));
}
