#include "common/config/pattern.hpp"
#include "tests/unit/config/sample.hpp"

#include <doctest/doctest.h>

using namespace weir::config;

TEST_CASE("a key is found by its own row, else by a pattern whose name may hold dots") {
  const Schema schema = sample::schema();
  CHECK(schema.find("kafka.brokers")->key == "kafka.brokers");
  CHECK(schema.find("cdc.tables.public.agent_executions.key")->key == "cdc.tables.*.key");
  CHECK(schema.find("cdc.tables..key") == nullptr);
  CHECK(schema.find("cdc.tables.a") == nullptr);
  CHECK(schema.find("nothing") == nullptr);
}

TEST_CASE("a pattern and a name make a key, and a key gives its name back") {
  CHECK(key_of("cdc.tables.*.key", "public.agents") == "cdc.tables.public.agents.key");
  CHECK(name_in("cdc.tables.*.key", "cdc.tables.public.agents.key") == "public.agents");
  CHECK_FALSE(name_in("kafka.brokers", "kafka.brokers"));
}

TEST_CASE("a row stated by two components stands once") {
  Schema schema = sample::schema();
  const std::size_t rows = schema.fields().size();
  schema.add(Field{.key = "kafka.brokers", .help = "The same."});
  CHECK(schema.fields().size() == rows);
}

TEST_CASE("the variable of a key is its words in capitals") {
  CHECK(variable_of("kafka.brokers") == "WEIR_KAFKA_BROKERS");
  CHECK(variable_of("startup_timeout") == "WEIR_STARTUP_TIMEOUT");
}
