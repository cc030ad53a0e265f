// A producer's limits of time against those of the consumers of its topic.
#include "operations/commands/check_times.hpp"

#include <doctest/doctest.h>

using namespace weir;
using operations::Finding;

namespace {

config::Field row(std::string key, config::Type type, std::string fallback) {
  config::Field field;
  field.key = std::move(key);
  field.type = type;
  field.fallback = std::move(fallback);
  return field;
}

/// A component named `name` with the topic "actions", 29 days back and 9 minutes ahead.
process::Component component(const std::string& name, const std::string& max_age, const std::string& max_future) {
  process::Component made;
  made.name = name;
  made.fields = {row(name + ".topic", config::Type::kText, "actions"), row(name + ".max_age", config::Type::kDuration, max_age),
                 row(name + ".max_future", config::Type::kDuration, max_future)};
  return made;
}

process::EventTimes times_of(const std::string& name) {
  return {.topic = name + ".topic", .max_age = name + ".max_age", .max_future = name + ".max_future"};
}

operations::Findings check(const std::map<std::string, std::string>& flags) {
  std::vector<process::Component> components{component("door", "29d", "9m"), component("counts", "30d", "10m"),
                                             component("scores", "90d", "10m")};
  components[0].admits = times_of("door");
  components[1].takes = times_of("counts");
  components[2].takes = times_of("scores");
  config::Schema schema;
  for (const auto& made : components) schema.add(made.fields);
  const auto configuration = config::load(schema, {.path = {}, .default_path = "", .environment = {}, .flags = flags});
  REQUIRE(configuration.has_value());
  return operations::check_event_times(*configuration, components);
}

}  // namespace

TEST_CASE("a producer within the limits of every consumer is fine") {
  const auto findings = check({});
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].state == Finding::State::kOk);
  CHECK(findings[0].detail == "counts takes what door accepts");
  CHECK(findings[1].detail == "scores takes what door accepts");
}

TEST_CASE("a wider limit is named with the consumer that would refuse, and what to change") {
  const auto findings = check({{"door.max_age", "60d"}, {"door.max_future", "10m"}});
  REQUIRE(findings.size() == 3);
  CHECK(findings[0].state == Finding::State::kWarning);
  CHECK(findings[0].check == "door.max_age");
  CHECK(findings[0].detail ==
        "is 60d, and counts takes events up to 30d (counts.max_age): some that are accepted become dead letters there");
  CHECK(findings[0].hint == "keep door.max_age at least 1m below counts.max_age");
  CHECK(findings[1].check == "door.max_future");
  CHECK(findings[1].detail.starts_with("is 10m, and counts takes events up to 10m (counts.max_future)"));
  CHECK(findings[2].check == "door.max_future");
  CHECK(findings[2].detail.starts_with("is 10m, and scores takes events up to 10m (scores.max_future)"));
}

TEST_CASE("a consumer of another topic is not asked") {
  CHECK(check({{"counts.topic", "others"}, {"door.max_age", "60d"}}).size() == 1);
  CHECK(check({{"door.topic", "others"}, {"door.max_age", "60d"}}).empty());
}
