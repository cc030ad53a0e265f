// weir trace, run as a person runs it: a record is found, its hops are told, and its group's rules are asked how it ends.
#include "common/core/await.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "common/postgres/connection.hpp"
#include "common/testing/migrated_database.hpp"
#include "tests/component/operations/program.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>

using namespace weir;
using testing::run_weir;
using testing::Said;

namespace {

constexpr Seconds kSoon{30};
constexpr const char* kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Group weir.rollups reads a topic of actions, in which one action has no source: its rules refuse it.
struct Scene {
  Scene() : dsn(testing::migrated_database()), topic(testing::topic_prefix() + "actions") {
    kafka::Settings kafka;
    kafka.brokers = testing::kafka().bootstrap();
    environment = {{"WEIR_POSTGRES_DSN", dsn}, {"WEIR_KAFKA_BROKERS", kafka.brokers}, {"WEIR_CONSUMERS_ROLLUPS_ACTIONS_TOPIC", topic}};
    REQUIRE(kafka::Admin::open(kafka).value()->create_topics({{.name = topic, .partitions = 1, .replication = 1, .configuration = {}}}));
    const auto producer = kafka::Producer::open(kafka, {}).value();
    const std::string parent = std::string("00-") + kTrace + "-00f067aa0ba902b7-01";
    const std::vector<std::pair<std::string_view, std::string_view>> headers{
        {"ce_specversion", "1.0"}, {"ce_id", "a1"}, {"ce_type", "user.action"}, {"traceparent", parent}};
    kafka::Message message;
    message.topic = topic;
    message.key = "user-7";
    message.value = "{}";
    message.headers = headers;
    REQUIRE(producer->send(message));
    message.headers = {};
    REQUIRE(producer->send(message));
    REQUIRE(producer->flush(kSoon));
  }
  void run(const std::string& sql) {
    postgres::Settings settings;
    settings.dsn = dsn;
    REQUIRE(postgres::Connection::open(settings)->script(sql));
  }
  void position(int next_offset) {
    run("INSERT INTO weir.consumer_offsets (group_id, topic, partition, topic_uuid, next_offset) VALUES ('weir.rollups', '" + topic +
        "', 0, '00000000-0000-4000-8000-000000000001', " + std::to_string(next_offset) + ")");
  }
  Said trace(std::vector<std::string> words) {
    words.insert(words.begin(), "trace");
    return run_weir(words, environment);
  }
  std::string dsn;
  std::string topic;
  std::map<std::string, std::string> environment;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a record is found by its trace id, its event's id, its key, and its place") {
  Scene scene;
  scene.position(2);
  for (const std::vector<std::string>& words : {std::vector<std::string>{kTrace}, {"--event", "a1"}}) {
    const Said said = scene.trace(words);
    CHECK_MESSAGE(said.exit_code == 0, said.err);
    CHECK(has(said.out, std::string("trace ") + kTrace));
    CHECK(has(said.out, scene.topic + " partition 0 offset 0"));
    CHECK_FALSE(has(said.out, "offset 1"));
  }
  CHECK(has(scene.trace({"--topic", scene.topic, "--key", "user-7"}).out, "offset 1"));
  CHECK(has(scene.trace({"--topic", scene.topic, "--partition", "0", "--offset", "1"}).out, "offset 1"));
  CHECK(has(scene.trace({"--event", "a1", "--json"}).out, "\"trace_id\":\"" + std::string(kTrace) + "\",\"hops\":[{\"hop\":"));
}

TEST_CASE("what a group has passed without a letter is judged by its rules again; what it has not, waits") {
  Scene scene;
  scene.position(1);
  CHECK(has(scene.trace({"--event", "a1"}).out, "dead: "));
  CHECK(has(scene.trace({"--topic", scene.topic, "--partition", "0", "--offset", "1"}).out, "waits for its turn"));
  scene.run(
      "INSERT INTO weir.operator_actions (acted_by, command, why) VALUES ('ada', 'groups pause', 'x');"
      "INSERT INTO weir.group_pauses (group_id, action_id) SELECT 'weir.rollups', max(id) FROM weir.operator_actions");
  CHECK(
      has(scene.trace({"--topic", scene.topic, "--partition", "0", "--offset", "1"}).out, "waits: an operator has paused the group here"));
}

TEST_CASE("a letter says how the record ended, and when") {
  Scene scene;
  scene.position(1);
  scene.run(
      "INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, occurred_at, kind, reason, fault_path, "
      "trace_id) "
      "VALUES ('weir.rollups', '" +
      scene.topic + "', '00000000-0000-4000-8000-000000000001', 0, 0, now(), 'decode', 'missing_field', '/source', '" + kTrace + "')");
  CHECK(has(scene.trace({kTrace}).out, "letter 1 is dead: missing_field at /source (decode)"));
  const Said later = scene.trace({kTrace, "--from", "2020-01-01", "--to", "2020-01-02"});
  CHECK(later.exit_code == 0);
  CHECK(has(later.out, "Letters of records that were not found"));
}

TEST_CASE("marks of the position say between which times a record has ended") {
  Scene scene;
  scene.position(2);
  scene.run(
      "INSERT INTO weir.position_marks (group_id, topic, partition, topic_uuid, marked_at, next_offset, counts) SELECT 'weir.rollups', '" +
      scene.topic +
      "', 0, '00000000-0000-4000-8000-000000000001', at::timestamptz, next_offset, '{}' FROM (VALUES "
      "('2026-11-28T09:00:00Z', 0), ('2026-11-28T10:00:00Z', 1), ('2026-11-28T11:00:00Z', 2)) m (at, next_offset)");
  CHECK(has(scene.trace({"--event", "a1", "--json"}).out,
            "\"at\":null,\"seconds\":null,\"after\":\"2026-11-28T09:00:00.000000Z\",\"before\":\"2026-11-28T10:00:00.000000Z\""));
}

TEST_CASE("no hop is told to be earlier than the record that it follows") {
  Scene scene;
  scene.position(2);
  // The mark before the record was made an hour before it; the next one is due in an hour. A letter's clock is a minute behind.
  scene.run(
      "INSERT INTO weir.position_marks (group_id, topic, partition, topic_uuid, marked_at, next_offset, counts) SELECT 'weir.rollups', '" +
      scene.topic +
      "', 0, '00000000-0000-4000-8000-000000000001', now() + at::interval, next_offset, '{}' FROM (VALUES ('-1 hour', 0), ('1 hour', 2)) m "
      "(at, next_offset);"
      "INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, occurred_at, created_at, kind, reason) VALUES "
      "('weir.rollups', '" +
      scene.topic + "', '00000000-0000-4000-8000-000000000001', 0, 1, now(), now() - interval '1 minute', 'decode', 'missing_field')");
  const auto time_after = [](const std::string& text, const std::string& part) {
    const std::size_t at = text.find(part);
    REQUIRE_MESSAGE(at != std::string::npos, part << " in " << text);
    return text.substr(at + part.size(), std::string_view("2026-11-28T09:00:00.000000Z").size());
  };
  const std::string passed = scene.trace({"--event", "a1", "--json"}).out;
  const std::string recorded = time_after(passed, "partition 0 offset 0\",\"at\":\"");
  CHECK(time_after(passed, "\"at\":null,\"seconds\":null,\"after\":\"") == recorded);
  const std::string letter = scene.trace({"--topic", scene.topic, "--partition", "0", "--offset", "1", "--json"}).out;
  CHECK_FALSE(has(letter, "\"seconds\":-"));
  CHECK(has(letter, "\"trace_id\":null"));
}

TEST_CASE("a list of places is answered in pages, before its end is there") {
  Scene scene;
  scene.position(2);
  const auto folder = testing::scratch();
  std::string command = "cd " + testing::shell_quoted(folder.string()) + " && touch weir.yaml && env";
  for (const auto& [name, value] : scene.environment) command += " " + testing::shell_quoted(name + "=" + value);
  command += " " + testing::shell_quoted(testing::weir_executable()) + " trace --stdin --json >out 2>err";
  std::FILE* const input = ::popen(command.c_str(), "w");
  REQUIRE(input != nullptr);
  const auto lines = [&folder] { return std::ranges::count(testing::text_of(folder / "out"), '\n'); };
  for (int i = 0; i < 1'000; ++i) std::fprintf(input, "%s 0 %d\n", scene.topic.c_str(), i % 2);
  std::fflush(input);
  CHECK(await(Milliseconds{60'000}, [&] { return lines() == 1'000; }));
  for (int i = 0; i < 100'000; ++i) std::fprintf(input, "%s%s 0 99\n", scene.topic.c_str(), i % 1'000 == 7 ? ".gone" : "");
  CHECK(WEXITSTATUS(::pclose(input)) == 65);
  CHECK(lines() == 101'000);
  CHECK(has(testing::text_of(folder / "err"), "100000 of 101000 places have no record"));
}

TEST_CASE("what is not found, or cannot be meant, is one line with its exit code") {
  Scene scene;
  scene.position(0);
  CHECK(scene.trace({"--event", "none"}).exit_code == 65);
  CHECK(scene.trace({}).exit_code == 64);
  CHECK(scene.trace({kTrace, "--event", "a1"}).exit_code == 64);
  CHECK(scene.trace({"--topic", scene.topic, "--partition", "0", "--offset", "9"}).err ==
        "weir trace: " + scene.topic + " partition 0 offset 9: the log holds 0 to 2\n");
  CHECK(scene.trace({"--topic", scene.topic + ".none", "--key", "k"}).exit_code == 69);
  // 2^32 is partition 0 in a number of 32 bits.
  CHECK(scene.trace({"--topic", scene.topic, "--partition", "4294967296", "--offset", "0"}).exit_code == 64);
  CHECK(scene.trace({"4bf9"}).err == "weir trace: TRACE: is no trace id of 32 hexadecimal digits, and no traceparent\n");
  const std::vector<std::vector<std::string>> halves{
      {kTrace, "--partition", "0"},   {"--topic", scene.topic, "--key", "k", "--offset", "1"},
      {kTrace, "--source", "//shop"}, {kTrace, "--key", "k"},
      {kTrace, "--topic", ""},        {"--table", "public.users", "--key", "k", "--topic", scene.topic},
      {"--stdin", "--event", "a1"}};
  for (const auto& words : halves) CHECK(scene.trace(words).exit_code == 64);
  CHECK(scene.trace({"--event", "a1", "--from", "1969-12-31T23:59:59.999Z"}).exit_code == 0);
}
