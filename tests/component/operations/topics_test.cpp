// weir topics, run as an operator runs it against a real Kafka.
#include "common/kafka/admin.hpp"
#include "common/postgres/connection.hpp"
#include "tests/component/operations/program.hpp"

#include <doctest/doctest.h>

using namespace weir;
using testing::run_weir;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::map<std::string, std::string> environment() { return {{"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()}}; }

std::string write_catalog(const std::string& name, const std::string& text) {
  const auto path = testing::scratch() / name;
  std::ofstream(path) << text;
  return path.string();
}

std::string entry(const std::string& topic, int partitions, const std::string& retention) {
  return "topics:\n  - name: " + topic + "\n    partitions: " + std::to_string(partitions) +
         "\n    owner: a test\n    key: none\n    schema: text\n    ordered_groups: [weir.rollups]\n    configuration:\n"
         "      retention.ms: " +
         retention + "\n";
}

}  // namespace

TEST_CASE("topics diff and apply bring a broker to what is declared, and say so") {
  const std::string topic = testing::topic_prefix() + "declared";
  const std::string file = write_catalog("declared.yaml", entry(topic, 2, "1000000"));
  const auto before = run_weir({"topics", "diff", "--file", file}, environment());
  CHECK(before.exit_code == 65);
  CHECK(has(before.out, topic + "  topic    -   2 partitions  create"));
  CHECK(has(before.err, "weir topics diff: topics: 1 difference from the declaration (weir topics apply)\n"));
  CHECK(run_weir({"topics", "apply", "--file", file}, environment()).exit_code == 0);
  const auto after = run_weir({"topics", "diff", "--file", file}, environment());
  CHECK(after.exit_code == 0);
  CHECK(after.out == "nothing differs: the topics are as declared\n");
  CHECK(run_weir({"topics", "diff", "--file", file, "--json"}, environment()).out == "[]\n");

  const std::string more = write_catalog("more.yaml", entry(topic, 4, "1000"));
  const auto kept = run_weir({"topics", "apply", "--file", more}, environment());
  CHECK(kept.exit_code == 0);
  CHECK(has(kept.out, "needs --raise; weir.rollups relies on key order until those records are done"));
  CHECK(has(kept.out, "needs --shrink"));
  CHECK(run_weir({"topics", "diff", "--file", more}, environment()).exit_code == 65);
  CHECK(run_weir({"topics", "apply", "--raise", "--shrink", "--file", more}, environment()).exit_code == 0);
  const auto admin = kafka::Admin::open({.brokers = testing::kafka().bootstrap(), .client_id = "test", .properties = {}}).value();
  CHECK(admin->describe_topics({topic}).value().at(0).partitions == 4);
}

TEST_CASE("before partitions are raised the letters that are parked of the topic are counted, by group") {
  const std::string topic = testing::topic_prefix() + "with_letters";
  std::map<std::string, std::string> with_database = environment();
  with_database["WEIR_POSTGRES_DSN"] = testing::fresh_database();
  REQUIRE(run_weir({"topics", "apply", "--file", write_catalog("one.yaml", entry(topic, 1, "1000000"))}, environment()).exit_code == 0);
  const std::string more = write_catalog("two.yaml", entry(topic, 2, "1000000"));
  const std::string unknown = run_weir({"topics", "diff", "--file", more}, with_database).out;
  CHECK(has(unknown, "how many of them are parked letters is not known, "));
  CHECK(has(unknown, "(run weir migrate up)"));
  REQUIRE(run_weir({"migrate", "up"}, with_database).exit_code == 0);
  CHECK(has(run_weir({"topics", "diff", "--file", more}, with_database).out, "until those records are done\n"));
  auto connection = postgres::Connection::open({.dsn = with_database["WEIR_POSTGRES_DSN"], .application_name = "test"}).value();
  REQUIRE(connection.script(R"(
INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, occurred_at, kind, reason, status, parked_at)
SELECT 'weir.rollups', ')" + topic +
                            R"(', gen_random_uuid(), 0, n, now(), 'database', 'missing_row', 'parked', now()
  FROM generate_series(1, 3) n)"));
  CHECK(has(run_weir({"topics", "diff", "--file", more}, with_database).out,
            "until those records are done: 3 of them are parked letters of weir.rollups"));
}

TEST_CASE("a catalog that is wrong is told with its places; an unreachable Kafka is one clear line") {
  const std::string file =
      write_catalog("wrong.yaml", "topics:\n  - name: a\n    partitions: many\n    owner: o\n    key: k\n    schema: s\n");
  const auto wrong = run_weir({"topics", "apply", "--file", file}, environment());
  CHECK(wrong.exit_code == 78);
  CHECK(has(wrong.err, file + ":3:17: partitions: a number from 1 to 10000 is expected"));
  const auto missing = run_weir({"topics", "apply", "--file", "/nowhere.yaml"}, environment());
  CHECK(missing.exit_code == 64);
  CHECK(missing.err == "weir topics apply: --file /nowhere.yaml: cannot be read (name a file in the form of schemas/topics.yaml)\n");
  const auto away = run_weir({"topics", "diff", "--brokers", "127.0.0.1:1", "--startup-timeout", "1s"});
  CHECK(away.exit_code == 69);
  CHECK(has(away.err, "127.0.0.1:1"));
}
