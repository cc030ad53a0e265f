#include "common/config/yaml_file.hpp"
#include "tests/unit/config/sample.hpp"

#include <doctest/doctest.h>

using namespace weir::config;

namespace {

FileSettings read(const std::string& text) { return read_yaml(sample::schema(), "weir.yaml", text); }

std::string only_fault(const std::string& text) {
  const FileSettings file = read(text);
  REQUIRE(file.faults.size() == 1);
  return file.faults[0];
}

}  // namespace

TEST_CASE("values of every kind are read with their places") {
  const FileSettings file = read(
      "kafka:\n"
      "  brokers: a:9092,b:9092\n"
      "  properties:\n"
      "    security.protocol: SSL\n"
      "startup_timeout: 5s\n"
      "cdc:\n"
      "  tables:\n"
      "    public.agents: {key: [organization_id, id]}\n");
  CHECK(file.faults.empty());
  CHECK(file.settings.at("kafka.brokers").value == "a:9092,b:9092");
  CHECK(file.settings.at("kafka.brokers").origin == "weir.yaml:2:12");
  CHECK(file.settings.at("kafka.properties").map.at("security.protocol") == "SSL");
  CHECK(file.settings.at("startup_timeout").value == "5s");
  CHECK(file.settings.at("cdc.tables.public.agents.key").list == std::vector<std::string>{"organization_id", "id"});
}

TEST_CASE("an empty file, and a section whose lines are all comments, are fine") {
  CHECK(read("").faults.empty());
  CHECK(read("# nothing yet\n").faults.empty());
  CHECK(read("kafka:\n  # brokers: a:9092\n").faults.empty());
}

TEST_CASE("each fault of the file has its line, column and a hint") {
  CHECK(only_fault("kafka:\n  brokrs: a\n") == "weir.yaml:2:3: kafka.brokrs: unknown key (did you mean brokers?)");
  CHECK(only_fault("kafak:\n  brokers: a\n") == "weir.yaml:1:1: kafak: unknown key (did you mean kafka?)");
  CHECK(only_fault("log:\n  pool_size: 3\n") == "weir.yaml:2:3: log.pool_size: unknown key (did you mean postgres.pool_size?)");
  CHECK(only_fault("log:\n  colour: red\n") == "weir.yaml:2:3: log.colour: unknown key (known here: format, sample)");
  CHECK(only_fault("kafka:\n  brokers:\n") == "weir.yaml:2:3: kafka.brokers: has no value (remove the line to keep the default)");
  CHECK(only_fault("kafka: localhost\n") == "weir.yaml:1:8: kafka: is a section; its keys are brokers, properties");
  CHECK(only_fault("cdc:\n  tables: all\n") == "weir.yaml:2:11: cdc.tables: is a section; its keys are names of your choice");
  CHECK(only_fault("postgres:\n  pool_size: [1]\n") == "weir.yaml:2:14: postgres.pool_size: must be a whole number, 1 to 100");
  CHECK(only_fault("postgres:\n  pool_size: 0\n") == "weir.yaml:2:14: postgres.pool_size: 0 is out of the range 1 to 100");
  CHECK(only_fault("kafka:\n  properties: {a: [1]}\n") == "weir.yaml:2:16: kafka.properties: must be a map of texts");
  CHECK(only_fault("kafka:\n  brokers: a\nkafka:\n  brokers: b\n") == "weir.yaml:3:1: kafka: given twice (first in line 1)");
  CHECK(only_fault("- a\n") == "weir.yaml:1:1: must be a map of sections, such as kafka: and postgres:");
  CHECK(only_fault("{a: 1}: 2\n") == "weir.yaml:1:1: a key must be a plain word");
  CHECK(only_fault("kafka:\n\tbrokers: a\n") == "weir.yaml:2:9: is not YAML: illegal map value");
  CHECK(only_fault("kafka: {}\n---\nlog: {}\n") == "weir.yaml:3:1: a second YAML document; the configuration is one");
}

TEST_CASE("a secret may stand in a file of its own, another key may not") {
  CHECK(read("postgres:\n  dsn_file: /run/dsn\n").settings.at("postgres.dsn_file").value == "/run/dsn");
  CHECK(only_fault("kafka:\n  brokers_file: x\n") == "weir.yaml:2:3: kafka.brokers_file: unknown key (known here: brokers, properties)");
}

TEST_CASE("all faults are told at once, in the order of the file") {
  const FileSettings file = read("kafka:\n  brokrs: a\npostgres:\n  pool_size: ten\nlog:\n  format: xml\n");
  REQUIRE(file.faults.size() == 3);
  CHECK(file.faults[0] == "weir.yaml:2:3: kafka.brokrs: unknown key (did you mean brokers?)");
  CHECK(file.faults[1] == "weir.yaml:4:14: postgres.pool_size: 'ten' is not a whole number");
  CHECK(file.faults[2] == "weir.yaml:6:11: log.format: 'xml' is not one of json, text");
}
