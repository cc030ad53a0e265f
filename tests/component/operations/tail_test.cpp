// weir tail, run as a person runs it: which records it shows, and what it masks.
#include "common/core/await.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "common/postgres/connection.hpp"
#include "common/supervise/process.hpp"
#include "common/testing/migrated_database.hpp"
#include "tests/component/operations/program.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

using namespace weir;
using testing::run_weir;
using testing::Said;

namespace {

constexpr Seconds kSoon{30};

struct Sent {
  std::string key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers{};
};

struct Topic {
  explicit Topic(std::int32_t partitions = 1) : name(testing::topic_prefix() + "events") {
    kafka.brokers = testing::kafka().bootstrap();
    environment = {{"WEIR_KAFKA_BROKERS", kafka.brokers}};
    REQUIRE(kafka::Admin::open(kafka).value()->create_topics(
        {{.name = name, .partitions = partitions, .replication = 1, .configuration = {}}}));
  }
  void send(const std::vector<Sent>& records) {
    const auto producer = kafka::Producer::open(kafka, {}).value();
    for (const Sent& sent : records) {
      kafka::Message message;
      message.topic = name;
      message.key = sent.key;
      message.value = sent.value;
      const std::vector<std::pair<std::string_view, std::string_view>> headers(sent.headers.begin(), sent.headers.end());
      message.headers = headers;
      REQUIRE(producer->send(message));
    }
    REQUIRE(producer->flush(kSoon));
  }
  Said tail(std::vector<std::string> words = {}) {
    words.insert(words.begin(), {"tail", name});
    return run_weir(words, environment);
  }
  std::string name;
  kafka::Settings kafka;
  std::map<std::string, std::string> environment;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::ptrdiff_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

std::vector<Sent> numbered(int count) {
  std::vector<Sent> records;
  for (int i = 0; i < count; ++i) records.push_back({std::to_string(i), R"({"n":)" + std::to_string(i) + "}"});
  return records;
}

const Sent kAction{
    "user-7", R"({"what":"clicked","who":"ada@example.org"})", {{"ce_type", "user.action"}, {"ce_id", "a1"}, {"ce_userid", "user-7"}}};
const Sent kChange{R"({"id":"11111111-0000-4000-8000-000000000001"})",
                   R"({"before":null,"after":{"id":"11111111-0000-4000-8000-000000000001","email":"ada@example.org","full_name":"Ada"},)"
                   R"("source":{"schema":"public","table":"users"},"op":"c"})"};

}  // namespace

TEST_CASE("without a range the last records are shown, of all partitions together") {
  Topic topic(4);
  topic.send(numbered(30));
  CHECK(lines(topic.tail({"--json"}).out) == 10);
  CHECK(lines(topic.tail({"--json", "--limit", "30"}).out) == 30);
  CHECK(lines(topic.tail({"--json", "--limit", "30", "--partition", "0"}).out) < 30);
  CHECK(has(topic.tail({"--limit", "1"}).out, topic.name + " partition "));
}

TEST_CASE("the last records are those that are there, behind marks of transactions and records that were taken back") {
  Topic topic;
  const auto in_transaction = [&](int number, bool is_aborted) {
    kafka::ProducerOptions options;
    options.transactional_id = topic.name + ".tx";
    const auto producer = kafka::Producer::open(topic.kafka, options).value();
    REQUIRE(producer->begin());
    kafka::Message message;
    message.topic = topic.name;
    message.value = std::to_string(number);
    REQUIRE(producer->send(message));
    REQUIRE(producer->flush(kSoon));
    REQUIRE((is_aborted ? producer->abort(kSoon) : producer->commit(kSoon)));
  };
  topic.send(numbered(2));
  for (int i = 0; i < 3; ++i) in_transaction(i, false);
  for (int i = 0; i < 3; ++i) in_transaction(i, true);
  const auto said = topic.tail({"--json", "--limit", "4"});
  CHECK_MESSAGE(said.exit_code == 0, said.err);
  CHECK(lines(said.out) == 4);
  CHECK(has(said.out, "\"offset\":1,"));
  CHECK_FALSE(has(said.out, "\"offset\":0,"));
  CHECK(lines(topic.tail({"--json"}).out) == 5);
}

TEST_CASE("records are chosen by key, type, value at a JSON Pointer, and time") {
  Topic topic;
  topic.send(numbered(30));
  topic.send({kAction, kChange});
  CHECK(has(topic.tail({"--json", "--key", "3"}).out, "\"offset\":3,"));
  CHECK(lines(topic.tail({"--json", "--key", "3"}).out) == 1);
  CHECK(has(topic.tail({"--json", "--type", "user.action"}).out, "\"offset\":30,"));
  CHECK(has(topic.tail({"--json", "--type", "c"}).out, "\"offset\":31,"));
  CHECK(has(topic.tail({"--json", "--where", "/n=7"}).out, "\"offset\":7,"));
  CHECK(lines(topic.tail({"--json", "--from", "2020-01-01"}).out) == 10);
  CHECK(lines(topic.tail({"--json", "--from", "2020-01-01", "--limit", "100"}).out) == 32);
  CHECK(topic.tail({"--from", "2020-01-01", "--to", "2020-01-02"}).out.empty());
  CHECK(topic.tail({"--from", "2099-01-01"}).out.empty());
}

TEST_CASE("what may tell of a person is masked: personal columns, data of actions, keys, and headers that name somebody") {
  Topic topic;
  topic.send({kAction, kChange});
  for (const std::string& out : {topic.tail().out, topic.tail({"--json"}).out}) {
    CHECK_FALSE(has(out, "ada@example.org"));
    CHECK_FALSE(has(out, "user-7"));
    CHECK_FALSE(has(out, "clicked"));
    CHECK_FALSE(has(out, "\"Ada\""));
    CHECK(has(out, "user.action"));
    CHECK(has(out, "users"));
  }
  CHECK(has(topic.tail({"--json"}).out, "\"masked\":true"));
}

TEST_CASE("what is shown unmasked is kept in weir.operator_actions, with who and why, and is not shown without") {
  Topic topic;
  topic.send({kAction});
  const auto silent = topic.tail({"--unmask"});
  CHECK(silent.exit_code == 64);
  CHECK(silent.out.empty());
  CHECK(topic.tail({"--unmask", "--why", "case 17"}).exit_code == 78);  // without a database it cannot be kept
  topic.environment["WEIR_POSTGRES_DSN"] = testing::migrated_database();
  const auto whole = topic.tail({"--unmask", "--why", "case 17", "--by", "ada", "--key", "user-7"});
  CHECK(has(whole.out, "ada@example.org"));
  postgres::Settings settings;
  settings.dsn = topic.environment["WEIR_POSTGRES_DSN"];
  auto connection = postgres::Connection::open(settings).value();
  const auto kept =
      connection.script("SELECT concat_ws(' ', acted_by, command, filter ->> 'topic', filter ->> 'key', why) FROM weir.operator_actions");
  REQUIRE(kept->size() == 1);
  CHECK((*kept)[0].text(0) == "ada tail --unmask " + topic.name + " *** case 17");
}

TEST_CASE("with --follow records are shown as they come, up to the limit") {
  Topic topic;
  topic.send(numbered(2));
  const std::jthread later([&] { topic.send({{"k", R"({"n":"late"})"}}); });
  const auto said = topic.tail({"--json", "--follow", "--limit", "3"});
  CHECK(said.exit_code == 0);
  CHECK(lines(said.out) == 3);
  CHECK(has(said.out, "\"offset\":2,"));
}

TEST_CASE("a tail ends when its reader leaves, and a full disk is a fault") {
  Topic topic;
  topic.send(numbered(3));
  const auto shell = [&](const std::string& words) {
    supervise::Command command;
    command.arguments = {"/bin/bash", "-o", "pipefail", "-c", testing::weir_executable() + " tail " + topic.name + words};
    command.environment = topic.environment;
    command.output = testing::scratch() / "tail-shell";
    return supervise::Process::spawn(testing::guardian(), command).value().wait().code;
  };
  CHECK(shell(" --follow | head -n 1") == 0);
  CHECK(shell(" --json > /dev/full") == 69);
}

TEST_CASE("a terminal obeys nothing that a record holds, and sees all of it") {
  Topic topic;
  topic.send({{"k", "{}", {{"ce_id", "\x1b]0;mine\x07"}}}});
  CHECK(has(topic.tail().out, "header     ce_id: \\u001b]0;mine\\u0007\n"));
  topic.environment["WEIR_POSTGRES_DSN"] = testing::migrated_database();
  topic.send({{std::string("a\0b", 3), "whole"}});
  CHECK(has(topic.tail({"--unmask", "--why", "case 17"}).out, "key        a\\u0000b\nvalue      whole\n"));
}

TEST_CASE("a time before all records is no special offset") {
  Topic topic;
  topic.send(numbered(3));
  CHECK(lines(topic.tail({"--json", "--from", "1969-12-31T23:59:59.999Z"}).out) == 3);
}

TEST_CASE("what cannot be meant is refused in one line") {
  Topic topic;
  CHECK(run_weir({"tail"}, topic.environment).err == "weir tail: TOPIC: one topic must be named, for example weir.actions.v1\n");
  CHECK(topic.tail({"--where", "status=x"}).exit_code == 64);
  CHECK(topic.tail({"--follow", "--to", "2026-01-01"}).exit_code == 64);
  CHECK(topic.tail({"--partition", "9"}).err == "weir tail: --partition 9: " + topic.name + " has 1 partitions\n");
  CHECK(run_weir({"tail", topic.name + ".none"}, topic.environment).err ==
        "weir tail: topic " + topic.name + ".none does not exist (create it: weir topics apply)\n");
}
