#include "common/config/upgrade.hpp"

#include "tests/unit/config/sample.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::config;

namespace {

Schema schema() {
  Schema schema = sample::schema();
  schema.add(Field{.key = "consumers.rollups.retention", .type = Type::kDuration, .help = "How long.", .fallback = "30d"});
  schema.add(Field{.key = "consumers.rollups.topic_prefix", .help = "Whose.", .fallback = "weir.cdc"});
  return schema;
}

std::string fault_of(const Inputs& inputs) {
  const Schema of = schema();
  const auto loaded = load(of, inputs);
  return loaded ? "none" : loaded.error().message;
}

}  // namespace

TEST_CASE("a former key is refused with its present one: in the file, in the environment, on the command line") {
  const sample::Directory directory;
  Inputs inputs;
  inputs.path = directory.write("weir.yaml", "rollups:\n  retention: 7d\n  colour: red\n");
  CHECK(fault_of(inputs) == *inputs.path +
                                ":2:3: rollups.retention: is consumers.rollups.retention now (weir config --upgrade prints the file "
                                "rewritten)\n" +
                                *inputs.path + ":3:3: rollups.colour: unknown key");
  inputs.path = directory.write("empty.yaml", "");
  inputs.environment["WEIR_ROLLUPS_RETENTION"] = "7d";
  inputs.flags["rollups.topic_prefix"] = "app";
  CHECK(fault_of(inputs) ==
        "WEIR_ROLLUPS_RETENTION: is WEIR_CONSUMERS_ROLLUPS_RETENTION now\n"
        "--set rollups.topic_prefix: is consumers.rollups.topic_prefix now");
}

TEST_CASE("a file with former keys is printed with present ones, beside what stands there already, and variables are named") {
  const sample::Directory directory;
  Inputs inputs;
  inputs.path = directory.write("weir.yaml", R"(
kafka: {brokers: "a:1,b:2"}
rollups:
  retention: 7d   # shorter here
  topic_prefix: app
consumers:
  rollups:
    start: earliest
startup_timeout: 5s
)");
  inputs.environment["WEIR_ROLLUPS_TOPIC_PREFIX"] = "app";
  inputs.environment["WEIR_KAFKA_BROKERS"] = "c:3";
  const auto text = upgraded(schema(), inputs);
  REQUIRE(text);
  CHECK(text->ends_with("# in the environment: WEIR_ROLLUPS_TOPIC_PREFIX is WEIR_CONSUMERS_ROLLUPS_TOPIC_PREFIX now\n"));
  CHECK(text->find("WEIR_KAFKA") == std::string::npos);
  const Schema of = schema();
  Inputs present;
  present.path = directory.write("new.yaml", *text);
  const auto loaded = load(of, present);
  REQUIRE_MESSAGE(loaded, loaded.error().message);
  CHECK(loaded->text("kafka.brokers") == "a:1,b:2");
  CHECK(loaded->text("consumers.rollups.start") == "earliest");
  CHECK(loaded->text("consumers.rollups.topic_prefix") == "app");
  CHECK(loaded->duration("consumers.rollups.retention") == std::chrono::days{7});
  CHECK(loaded->duration("startup_timeout") == Seconds{5});
}

TEST_CASE("a file that needs nothing stays what it was, one that cannot be read is a fault, and none is nothing") {
  const sample::Directory directory;
  Inputs inputs;
  inputs.path = directory.write("weir.yaml", "kafka:\n  brokers: a:1\n");
  CHECK(*upgraded(schema(), inputs) == "kafka:\n  brokers: a:1\n");
  inputs.path = directory.write("broken.yaml", "a: [");
  CHECK_FALSE(upgraded(schema(), inputs));
  inputs.path = "/nowhere/weir.yaml";
  CHECK_FALSE(upgraded(schema(), inputs));
  inputs.path.reset();
  inputs.default_path = directory.path("none.yaml");
  CHECK(upgraded(schema(), inputs)->empty());
}
