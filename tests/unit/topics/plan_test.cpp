// What is done about each difference: things are added, nothing is taken without being asked for.
#include "common/topics/plan.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::topics;

namespace {

TopicEntry entry(std::map<std::string, std::string> configuration = {}) {
  TopicEntry made;
  made.name = "t";
  made.partitions = 6;
  made.owner = "weir cdc";
  made.ordered_groups = {"weir.rollups"};
  made.configuration = std::move(configuration);
  return made;
}

kafka::TopicState state(std::int32_t partitions, std::map<std::string, std::string> configuration = {}) {
  kafka::TopicState made;
  made.name = "t";
  made.partitions = partitions;
  made.configuration = std::move(configuration);
  return made;
}

}  // namespace

TEST_CASE("a topic that matches differs in nothing; what is not declared is left alone") {
  CHECK(compare_topics({entry({{"retention.ms", "5"}})}, {state(6, {{"retention.ms", "5"}, {"segment.ms", "7"}})}).empty());
  kafka::TopicState other = state(1);
  other.name = "someone.elses";
  CHECK(compare_topics({entry()}, {state(6), other}).empty());
}

TEST_CASE("a missing topic is made, a missing pattern is not") {
  TopicEntry pattern = entry();
  pattern.name = "p.*";
  pattern.partitions = 0;
  const auto found = compare_topics({entry(), pattern}, {});
  REQUIRE(found.size() == 1);
  CHECK(found[0].step == TopicStep::kCreate);
  CHECK(found[0].wanted == "6 partitions");
  CHECK(is_applied(found[0], {}));
}

TEST_CASE("topics of a pattern are held to its configuration, not to a number of partitions") {
  TopicEntry pattern = entry({{"cleanup.policy", "delete"}});
  pattern.name = "p.*";
  pattern.partitions = 0;
  kafka::TopicState some = state(17, {{"cleanup.policy", "compact"}});
  some.name = "p.x";
  const auto found = compare_topics({pattern}, {some});
  REQUIRE(found.size() == 1);
  CHECK(found[0].topic == "p.x");
  CHECK(found[0].setting == "cleanup.policy");
}

TEST_CASE("a raise of partitions needs --raise and names the groups that rely on key order") {
  const auto found = compare_topics({entry()}, {state(3)});
  REQUIRE(found.size() == 1);
  CHECK(found[0].step == TopicStep::kRaise);
  CHECK(found[0].is == "3");
  CHECK(found[0].wanted == "6");
  CHECK(found[0].note ==
        "moves keys to other partitions while old records wait: needs --raise; weir.rollups relies on key order until those records are "
        "done");
  CHECK_FALSE(is_applied(found[0], {}));
  CHECK(is_applied(found[0], {.raise = true}));
}

TEST_CASE("partitions are never taken back") {
  const auto found = compare_topics({entry()}, {state(9)});
  REQUIRE(found.size() == 1);
  CHECK(found[0].step == TopicStep::kKeep);
  CHECK_FALSE(is_applied(found[0], {.raise = true, .shrink = true}));
}

TEST_CASE("a setting that throws records away needs --shrink, one that keeps more does not") {
  struct Case {
    const char* setting;
    const char* is;
    const char* wanted;
    TopicStep step;
  };
  const Case cases[] = {
      {"retention.ms", "1000", "2000", TopicStep::kConfigure},
      {"retention.ms", "2000", "1000", TopicStep::kShrink},
      {"retention.ms", "-1", "1000", TopicStep::kShrink},
      {"retention.ms", "1000", "-1", TopicStep::kConfigure},
      {"max.message.bytes", "9", "8", TopicStep::kShrink},
      {"cleanup.policy", "delete", "compact", TopicStep::kShrink},
      {"cleanup.policy", "compact", "delete", TopicStep::kShrink},
      {"segment.ms", "9", "8", TopicStep::kConfigure},
      {"message.timestamp.type", "CreateTime", "LogAppendTime", TopicStep::kConfigure},
  };
  for (const auto& [setting, is, wanted, step] : cases) {
    CAPTURE(setting);
    CAPTURE(wanted);
    const auto found = compare_topics({entry({{setting, wanted}})}, {state(6, {{setting, is}})});
    REQUIRE(found.size() == 1);
    CHECK(found[0].step == step);
    CHECK(is_applied(found[0], {}) == (step == TopicStep::kConfigure));
    CHECK(is_applied(found[0], {.shrink = true}));
  }
}

TEST_CASE("a topic of three replicas acknowledges with two of them, unless it says otherwise") {
  const auto with = [](std::int32_t replicas, const char* in_sync) {
    kafka::TopicState made = state(6, {{"min.insync.replicas", in_sync}});
    made.replication = made.in_sync = replicas;
    return made;
  };
  const auto found = compare_topics({entry()}, {with(3, "1")});
  REQUIRE(found.size() == 1);
  CHECK(found[0].setting == "min.insync.replicas");
  CHECK(found[0].wanted == "2");
  CHECK(is_applied(found[0], {}));
  CHECK(compare_topics({entry()}, {with(3, "2")}).empty());
  CHECK(compare_topics({entry()}, {with(2, "1")}).empty());  // else no replica could be away
  CHECK(compare_topics({entry({{"min.insync.replicas", "1"}})}, {with(3, "1")}).empty());
}

TEST_CASE("replicas that are away or differ from the declaration are told, and left to Kafka") {
  kafka::TopicState some = state(6);
  some.replication = 3;
  some.in_sync = 2;
  const auto away = compare_topics({entry()}, {some});
  REQUIRE(away.size() == 1);
  CHECK(away[0].setting == "in-sync replicas");
  CHECK(away[0].is == "2");
  CHECK(away[0].wanted == "3");
  CHECK_FALSE(is_applied(away[0], {.raise = true, .shrink = true}));
  some.in_sync = 3;
  TopicEntry declared = entry();
  declared.replication = 5;
  const auto fewer = compare_topics({declared}, {some});
  REQUIRE(fewer.size() == 1);
  CHECK(fewer[0].setting == "replication");
  CHECK(fewer[0].wanted == "5");
  CHECK(fewer[0].step == TopicStep::kKeep);
}
