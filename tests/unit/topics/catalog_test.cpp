// topics.yaml is read strictly, and the file that is shipped is well.
#include "common/topics/catalog.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weir;
using namespace weir::topics;

namespace {

std::string faults_of(std::string_view text) {
  const auto read = read_topic_catalog(text, "topics.yaml");
  return read ? "" : read.error().message;
}

}  // namespace

TEST_CASE("an entry is read with all that it says") {
  const auto catalog = read_topic_catalog(R"(
topics:
  - name: a.b
    partitions: 6
    replication: 3
    owner: weir cdc
    key: id
    schema: some
    ordered_groups: [one, two]
    configuration:
      retention.ms: -1
  - name: a.*
    owner: weir cdc
    key: id
    schema: some
)",
                                          "topics.yaml")
                           .value();
  REQUIRE(catalog.size() == 2);
  CHECK(catalog[0].partitions == 6);
  CHECK(catalog[0].replication == 3);
  CHECK(catalog[0].ordered_groups == std::vector<std::string>{"one", "two"});
  CHECK(catalog[0].configuration == std::map<std::string, std::string>{{"retention.ms", "-1"}});
  CHECK_FALSE(catalog[0].is_pattern());
  CHECK(catalog[1].is_pattern());
  CHECK(catalog[1].replication == -1);
}

TEST_CASE("a topic is held to its own entry, else to the longest pattern that fits") {
  std::vector<TopicEntry> catalog(4);
  catalog[0].name = "weir.*";
  catalog[1].name = "weir.cdc.*";
  catalog[2].name = "weir.cdc.public.users";
  catalog[3].name = "weir.dlq";
  const auto name_for = [&](std::string_view topic) {
    const TopicEntry* entry = find_topic(catalog, topic);
    return entry == nullptr ? std::string("none") : entry->name;
  };
  CHECK(name_for("weir.cdc.public.users") == "weir.cdc.public.users");
  CHECK(name_for("weir.cdc.public.others") == "weir.cdc.*");
  CHECK(name_for("weir.outbox.order") == "weir.*");
  CHECK(name_for("weir.dlq") == "weir.dlq");
  CHECK(name_for("weirdo") == "none");
}

TEST_CASE("everything that is wrong is told at once, with its place") {
  CHECK(faults_of("topics:\n"
                  "  - name: a\n"
                  "    partitons: 6\n"
                  "    partitions: none\n"
                  "    owner: o\n"
                  "    key: k\n"
                  "    schema: s\n"
                  "  - name: b.*\n"
                  "    partitions: 3\n"
                  "    owner: o\n"
                  "    key: k\n") ==
        "topics.yaml:3:5: partitons: unknown key\n"
        "topics.yaml:4:17: partitions: a number from 1 to 10000 is expected\n"
        "topics.yaml:8:5: schema: a text is expected\n"
        "topics.yaml:9:17: partitions: a pattern makes no topic");
  CHECK(faults_of("topics:\n  - name: a\n    owner: o\n    key: k\n    schema: s\n") ==
        "topics.yaml:2:5: partitions: a number is expected");
  CHECK(faults_of("{}") == "topics.yaml:1:1: topics: a list of topics is expected");
  CHECK(faults_of("topics: [") != "");
  const std::string twice = "  - {name: a, partitions: 1, owner: o, key: k, schema: s}\n";
  CHECK(faults_of("topics:\n" + twice + twice) == "topics.yaml:3:5: topic a is listed twice");
}

TEST_CASE("the shipped catalog declares the topics that the components use") {
  const auto shipped = shipped_topics();
  INFO((shipped ? std::string() : shipped.error().message));
  REQUIRE(shipped.has_value());
  for (const std::string_view table : {"agent_executions", "agent_instances", "agent_task_queue", "organizations", "users"}) {
    const TopicEntry* entry = find_topic(*shipped, "weir.cdc.public." + std::string(table));
    REQUIRE(entry != nullptr);
    CHECK(entry->partitions == 6);
    CHECK(entry->configuration.at("cleanup.policy") == "delete");
    CHECK(entry->configuration.at("max.message.bytes") == std::to_string(9 << 20));
  }
  CHECK(find_topic(*shipped, "weir.actions.v1")->configuration.at("message.timestamp.type") == "LogAppendTime");
  CHECK(find_topic(*shipped, "weir.cdc.positions")->configuration.at("cleanup.policy") == "compact");
  CHECK(find_topic(*shipped, "weir.cdc.positions")->partitions == 1);
  CHECK(find_topic(*shipped, "weir.outbox.order")->is_pattern());
  CHECK_FALSE(find_topic(*shipped, "weir.dlq")->is_pattern());
}
