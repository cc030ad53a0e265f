// The operator's commands, run as a person runs them against a real Kafka and a real Postgres.
#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "common/migrations/migrator.hpp"
#include "tests/component/operations/program.hpp"

#include <doctest/doctest.h>

using namespace weir;
using testing::run_weir;

namespace {

struct System {
  System() : dsn(testing::fresh_database()), topic(testing::topic_prefix() + "events") {
    kafka.brokers = testing::kafka().bootstrap();
    environment = {{"WEIR_POSTGRES_DSN", dsn}, {"WEIR_KAFKA_BROKERS", kafka.brokers}};
  }
  void migrate() { REQUIRE(run_weir({"migrate", "up"}, environment).exit_code == 0); }
  void fill(int records) {
    const auto admin = kafka::Admin::open(kafka).value();
    REQUIRE(admin->create_topics({{.name = topic, .partitions = 1, .replication = 1, .configuration = {}}}).has_value());
    const auto producer = kafka::Producer::open(kafka, {}).value();
    for (int i = 0; i < records; ++i) REQUIRE(producer->send({.topic = topic, .key = "k", .value = "v", .headers = {}}).has_value());
    REQUIRE(producer->flush(Seconds{30}).has_value());
  }
  void position(int next_offset) {
    postgres::Settings settings;
    settings.dsn = dsn;
    auto connection = postgres::Connection::open(settings).value();
    REQUIRE(connection
                .script("INSERT INTO weir.consumer_offsets (group_id, topic, partition, next_offset) VALUES ('g', '" + topic + "', 0, " +
                        std::to_string(next_offset) + ")")
                .has_value());
  }
  std::string dsn;
  std::string topic;
  kafka::Settings kafka;
  std::map<std::string, std::string> environment;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A table without its padding, which is as wide as the longest of all names.
std::string unpadded(std::string table) {
  for (std::size_t at = table.find("  "); at != std::string::npos; at = table.find("  ")) table.erase(at, 1);
  return table;
}

}  // namespace

TEST_CASE("migrate up, status and down tell what they did, to a person and to a program") {
  const System system;
  CHECK(has(unpadded(run_weir({"migrate", "status"}, system.environment).out), "runtime pending"));
  CHECK(has(run_weir({"migrate", "up", "--to", "1"}, system.environment).out, "applied 0001_runtime\n"));
  CHECK(has(run_weir({"migrate", "up"}, system.environment).out, "applied 0002_application\n"));
  CHECK(run_weir({"migrate", "up"}, system.environment).out == "nothing to apply: the database is up to date\n");
  CHECK(run_weir({"migrate", "up", "--json"}, system.environment).out == "[]\n");
  CHECK(has(run_weir({"migrate", "status", "--json"}, system.environment).out,
            "{\"version\":2,\"name\":\"application\",\"state\":\"applied\",\"applied_at\":\"2"));
  CHECK(has(run_weir({"migrate", "down", "--to", "1"}, system.environment).out, "took back 0002_application\n"));
  const auto unknown = run_weir({"migrate", "down", "--to", "9999"}, system.environment);
  CHECK(unknown.exit_code == 64);
  CHECK(unknown.err == "weir migrate down: --to 9999: there is no migration 9999 (weir migrate status lists them)\n");
}

TEST_CASE("lag counts what waits and says how old it is") {
  System system;
  system.migrate();
  CHECK(run_weir({"lag"}, system.environment).out == "no group has a position yet\n");
  system.fill(5);
  system.position(2);
  const auto person = run_weir({"lag"}, system.environment);
  CHECK(person.exit_code == 0);
  CHECK(has(person.out, "group  topic"));
  CHECK(has(person.out, "total 3\n"));
  const auto program = run_weir({"lag", "--json", "--group", "g"}, system.environment);
  CHECK(has(program.out, "\"next_offset\":2,\"log_end\":5,\"lag\":3,\"seconds\":"));
  CHECK_FALSE(has(program.out, "\"seconds\":null"));
  CHECK(run_weir({"lag", "--json", "--group", "other"}, system.environment).out == "[]\n");
}

TEST_CASE("lag is 0, and nothing is old, where all was taken") {
  System system;
  system.migrate();
  system.fill(2);
  system.position(2);
  CHECK(has(run_weir({"lag", "--json"}, system.environment).out, "\"lag\":0,\"seconds\":0,\"owner\":null"));
}

TEST_CASE("a topic that is gone takes nothing else from lag, and a group that is not there is named") {
  System system;
  system.migrate();
  system.fill(5);
  system.position(2);
  postgres::Settings settings;
  settings.dsn = system.dsn;
  auto connection = postgres::Connection::open(settings).value();
  REQUIRE(connection.script("INSERT INTO weir.consumer_offsets (group_id, topic, partition, next_offset) VALUES ('old', 'gone', 0, 7)"));
  const auto person = run_weir({"lag"}, system.environment);
  CHECK(person.exit_code == 69);
  CHECK(has(person.out, "total 3, as far as logs are known\n"));
  CHECK(has(person.err, "gone/0"));
  const auto program = run_weir({"lag", "--json"}, system.environment);
  CHECK(has(program.out, "\"next_offset\":2,\"log_end\":5,\"lag\":3,"));
  CHECK(has(program.out, "\"next_offset\":7,\"log_end\":null,\"lag\":null,\"seconds\":null,"));
  const std::string none = "other has no position: weir offsets show lists the groups that have one\n";
  CHECK(run_weir({"lag", "--group", "other"}, system.environment).out == none);
  CHECK(run_weir({"offsets", "show", "--group", "other"}, system.environment).out == none);
}

TEST_CASE("status shows what it knows where the source is away") {
  System system;
  system.migrate();
  system.position(2);
  system.environment["WEIR_CDC_DSN"] = "host=127.0.0.1 port=1 dbname=x";
  const auto person = run_weir({"status"}, system.environment);
  CHECK(person.exit_code == 69);
  CHECK(has(person.out, "\nno gaps\n"));
  CHECK(has(person.err, "replication slots are not known: "));
  CHECK(has(person.err, "(check cdc.dsn and that the server is up)\n"));
  const auto program = run_weir({"status", "--json"}, system.environment);
  CHECK(program.exit_code == 69);
  CHECK(has(program.out, "{\"groups\":[{\"group\":\"g\""));
  CHECK(has(program.out, "\"slots\":null}\n"));
}

TEST_CASE("letters are asked for by words that letters have, and nothing done about a named letter is a fault") {
  System system;
  system.migrate();
  const auto dlq = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "dlq");
    return run_weir(words, system.environment);
  };
  CHECK(dlq({"list", "--status", "daed"}).err == "weir dlq list: --status daed: is none of dead, parked, redriving, resolved, discarded\n");
  CHECK(dlq({"list", "--kind", "x"}).exit_code == 64);
  CHECK(dlq({"list", "--from", "2026-11-02", "--to", "2026-11-01"}).exit_code == 64);
  CHECK(dlq({"list", "--from", "2026-11-01", "--to", "2026-11-02"}).exit_code == 0);
  for (const char* what : {"redrive", "discard"}) {
    CHECK(dlq({what, "--id", "999", "--why", "x"}).exit_code == 65);
    const auto none = dlq({what, "--group", "g", "--why", "x"});
    CHECK(none.exit_code == 0);
    CHECK(none.out == "no letter that could be taken matches: nothing was done\n");
  }
}

TEST_CASE("status shows groups, gaps and slots, and a gap is accepted by name") {
  System system;
  system.migrate();
  system.position(2);
  CHECK(has(run_weir({"status"}, system.environment).out, "\nno gaps\n"));
  CHECK(has(run_weir({"status", "--json"}, system.environment).out, "{\"groups\":[{\"group\":\"g\",\"partitions\":1,\"owned\":0"));
  postgres::Settings settings;
  settings.dsn = system.dsn;
  auto connection = postgres::Connection::open(settings).value();
  REQUIRE(connection
              .script("INSERT INTO weir.offset_gaps (group_id, topic, partition, kind, next_offset, log_begin, log_end) VALUES ('g', '" +
                      system.topic + "', 0, 'below_log_start', 2, 9, 20)")
              .has_value());
  CHECK(has(run_weir({"status"}, system.environment).out, "below_log_start"));
  const std::vector<std::string> accept{"offsets",    "accept-gap",  "--group", "g",    "--topic",
                                        system.topic, "--partition", "0",       "--by", "ada"};
  const auto silent = run_weir(accept, system.environment);
  CHECK(silent.exit_code == 64);
  CHECK(has(silent.err, "--why is required"));
  auto with_reason = accept;
  with_reason.insert(with_reason.end(), {"--why", "too old"});
  CHECK(run_weir(with_reason, system.environment).out ==
        "accepted: g goes on in " + system.topic + " partition 0 at offset 9 (below_log_start, 7 records lost)\n");
  CHECK(run_weir(with_reason, system.environment).exit_code == 65);
  CHECK(has(run_weir({"offsets", "show", "--all"}, system.environment).out, "ada"));
}

TEST_CASE("a group is paused and resumed by name, and status and lag say so") {
  System system;
  system.migrate();
  system.fill(5);
  system.position(2);
  const std::vector<std::string> by{"--by", "ada", "--why", "INC-1"};
  const auto decide = [&](std::vector<std::string> words) {
    words.insert(words.end(), by.begin(), by.end());
    return run_weir(words, system.environment);
  };
  CHECK(decide({"groups", "pause", "g", "--topic", system.topic}).out ==
        "paused: g in " + system.topic + ", 1 partitions; running instances obey within 2 seconds\n");
  CHECK(has(run_weir({"status"}, system.environment).out, "Paused by an operator"));
  CHECK(has(run_weir({"status", "--json"}, system.environment).out,
            "\"pauses\":[{\"group\":\"g\",\"topic\":\"" + system.topic + "\",\"partition\":null,\"since\":"));
  CHECK(has(run_weir({"status", "--json"}, system.environment).out, "\"owned\":0,\"paused\":1,"));
  CHECK(has(run_weir({"lag", "--json"}, system.environment).out, "\"lag\":3,"));
  CHECK(has(run_weir({"lag", "--json"}, system.environment).out, "\"paused\":true"));
  CHECK(decide({"groups", "pause", "other"}).exit_code == 65);
  CHECK(decide({"groups", "resume", "g", "--json"}).out == "[{\"group\":\"g\",\"topic\":null,\"partition\":null,\"pauses\":1}]\n");
  CHECK(has(run_weir({"lag", "--json"}, system.environment).out, "\"paused\":false"));
  CHECK(decide({"groups", "pause"}).err == "weir groups pause: GROUP: one group must be named, for example weir.rollups\n");
  CHECK(decide({"groups", "pause", "g", "--partition", "0"}).exit_code == 64);
  CHECK(run_weir({"groups", "pause", "g"}, system.environment).exit_code == 64);
}

TEST_CASE("deaths are accepted by group, topic, reason and path, below an offset, with who and why") {
  System system;
  system.migrate();
  system.position(2);
  const auto accept = [&](const std::string& topic, const std::string& until, std::vector<std::string> more = {"--why", "a bad release"}) {
    std::vector<std::string> words{"offsets",       "accept-deaths", "--group",       "g",    "--topic", topic,     "--reason",
                                   "missing_field", "--path",        "/after/status", "--by", "ada",     "--until", until};
    words.insert(words.end(), more.begin(), more.end());
    return run_weir(words, system.environment);
  };
  CHECK(accept(system.topic, "9", {}).exit_code == 64);
  CHECK(accept(system.topic, "0").exit_code == 64);
  const auto passed = accept(system.topic, "2");
  CHECK(passed.exit_code == 64);
  CHECK(has(passed.err, "--until 2: g has passed it in every partition of " + system.topic));
  const auto unknown = accept("nowhere", "9");
  CHECK(unknown.exit_code == 65);
  CHECK(has(unknown.err, "g has no position in topic nowhere"));
  CHECK(accept(system.topic, "9").out == "accepted: what dies for missing_field /after/status below offset 9 of " + system.topic +
                                             " becomes a dead letter of g, at most 7 records; start g again\n");
  postgres::Settings settings;
  settings.dsn = system.dsn;
  auto connection = postgres::Connection::open(settings).value();
  const auto kept =
      connection.script("SELECT concat_ws(' ', acted_by, command, filter - 'topic', counts, why) FROM weir.operator_actions").value();
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].text(0) ==
        "ada offsets accept-deaths {\"path\": \"/after/status\", \"group\": \"g\", \"until\": 9, \"reason\": \"missing_field\"} "
        "{\"records\": 7} a "
        "bad release");
}

TEST_CASE("each failure is one line with what to do, and its exit code") {
  const System system;
  const auto unmigrated = run_weir({"status"}, system.environment);
  CHECK(unmigrated.exit_code == 78);
  CHECK(has(unmigrated.err, "weir status: "));
  CHECK(has(unmigrated.err, "(run weir migrate up)\n"));
  const auto away = run_weir({"status"}, {{"WEIR_POSTGRES_DSN", "host=127.0.0.1 port=1 user=weir"}});
  CHECK(away.exit_code == 69);
  CHECK(has(away.err, "(check postgres.dsn and that the server is up)\n"));
  CHECK(std::count(away.err.begin(), away.err.end(), '\n') == 1);
  const auto patient =
      run_weir({"migrate", "up", "--startup-timeout", "300ms"}, {{"WEIR_POSTGRES_DSN", "host=127.0.0.1 port=1 user=weir"}});
  CHECK(patient.exit_code == 69);
  CHECK(has(patient.err, "waiting_for_service service=Postgres"));
  CHECK(has(patient.err, "gave up after startup_timeout, 300ms"));
  const auto refused = run_weir({"status"}, {{"WEIR_POSTGRES_DSN", system.dsn + " dbname=nowhere"}});
  CHECK(refused.exit_code == 78);
}

TEST_CASE("what is lacking or mistyped is refused before anything is done, and the line says what to do") {
  System system;
  system.migrate();
  system.fill(1);
  system.position(1);
  const auto refused = [&system](const std::vector<std::string>& words, int exit_code, const std::string& part) {
    const auto said = run_weir(words, system.environment);
    CHECK_MESSAGE(said.exit_code == exit_code, words[0] << ' ' << words[1] << ": " << said.err);
    CHECK_MESSAGE(has(said.err, part), said.err);
  };
  // A shell's variable that is not set would otherwise choose all topics, or a group of no name.
  refused({"offsets", "reset", "weir.scoring", "--topic", "", "--to", "begin", "--dry-run"}, 64, "--topic: must not be empty");
  refused({"groups", "pause", "", "--why", "x"}, 64, "GROUP: must not be empty");
  refused({"dlq", "list", "--group", "g\xff"}, 64, "--group g\\xff: is no text in UTF-8");
  refused({"verify", "--group", "g2"}, 64, "--group g2: there is no such group (weir offsets show lists the groups)");
  refused({"offsets", "accept-gap", "--group", "g", "--topic", "t", "--partition", "0", "--at", "x", "--why", "w"}, 64,
          "--at x: is neither begin, end nor an offset");
  system.environment["WEIR_ENCRYPTION_MASTER_KEY_FILE"] = (testing::scratch() / "master.key").string();
  REQUIRE(run_weir({"keys", "init"}, system.environment).exit_code == 0);
  for (const char* command : {"rotate", "index", "init"}) {
    refused({"keys", command, "--organization", "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f"}, 64,
            "there is no organization 7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f");
  }
  refused({"topics", "diff", "--file", "/"}, 64, "--file /: cannot be read");
  refused({"instruments", "check", "/"}, 69, "cannot read /");
  refused({"console", "--tokens-file", "/"}, 78, "console.tokens_file /: cannot be read");
  CHECK(has(run_weir({"support-bundle", "--log", "/"}, system.environment).out, "cannot read /"));
  refused({"config", "--reference", "--example"}, 64, "say one");
  CHECK(run_weir({"verify", "--group", "g"}, system.environment).exit_code == 0);
  CHECK(run_weir({"dlq", "list", "--path", ""}, system.environment).exit_code == 0);
}

TEST_CASE("a role that may not do it is told whose work it is, and a command that looks waits for no service") {
  System system;
  system.migrate();
  const auto as = [](const std::string& dsn, const char* role, const std::vector<std::string>& words) {
    return run_weir(words, {{"WEIR_POSTGRES_DSN", testing::postgres().dsn(dsn.substr(dsn.rfind('=') + 1), role)}});
  };
  const auto refused = as(testing::fresh_database(), "weir_operator", {"migrate", "up"});
  CHECK(refused.exit_code == 77);
  CHECK_MESSAGE(has(refused.err, "the owner of the database makes its tables: postgres.dsn must name the owner for this"), refused.err);
  const auto other = as(system.dsn, "weir_gateway", {"lag"});
  CHECK(other.exit_code == 77);
  CHECK_MESSAGE(has(other.err, "commands work as weir_operator"), other.err);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"migrate", "status"}, {"topics", "diff"}, {"keys", "list"}, {"keys", "revoke", "weir_x"}}) {
    const auto said = run_weir(words, {{"WEIR_POSTGRES_DSN", "host=127.0.0.1 port=1 user=weir"}, {"WEIR_KAFKA_BROKERS", "127.0.0.1:1"}});
    CHECK_MESSAGE(said.exit_code == 69, words[0] << ' ' << words[1] << ": " << said.err);
    CHECK_FALSE(has(said.err, "waiting_for_service"));
  }
}
