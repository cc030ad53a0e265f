#include "tests/unit/config/sample.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::config;

namespace {

Inputs no_file() { return Inputs{.path = std::nullopt, .default_path = "/nowhere/weir.yaml", .environment = {}, .flags = {}}; }

std::string fault_of(const Inputs& inputs) {
  const Schema schema = sample::schema();
  const auto loaded = load(schema, inputs);
  REQUIRE_FALSE(loaded.has_value());
  CHECK(loaded.error().exit_code() == ExitCode::kConfiguration);
  return loaded.error().line();
}

std::string fault_of_variable(const std::string& name, const std::string& value) {
  Inputs inputs = no_file();
  inputs.environment[name] = value;
  return fault_of(inputs);
}

}  // namespace

TEST_CASE("a flag wins over the environment, that over the file, that over the default") {
  const Schema schema = sample::schema();
  const sample::Directory directory;
  Inputs inputs = no_file();
  CHECK(load(schema, inputs)->text("kafka.brokers") == "localhost:9092");
  CHECK(load(schema, inputs)->origin("kafka.brokers") == "default");
  inputs.path = directory.write("weir.yaml", "kafka:\n  brokers: file:1\n");
  CHECK(load(schema, inputs)->text("kafka.brokers") == "file:1");
  CHECK(load(schema, inputs)->origin("kafka.brokers") == *inputs.path + ":2:12");
  inputs.environment["WEIR_KAFKA_BROKERS"] = "variable:1";
  CHECK(load(schema, inputs)->text("kafka.brokers") == "variable:1");
  CHECK(load(schema, inputs)->origin("kafka.brokers") == "WEIR_KAFKA_BROKERS");
  inputs.flags["kafka.brokers"] = "flag:1";
  CHECK(load(schema, inputs)->text("kafka.brokers") == "flag:1");
  CHECK(load(schema, inputs)->origin("kafka.brokers") == "--brokers");
}

TEST_CASE("a named file must be there; the default one need not") {
  Inputs inputs = no_file();
  CHECK(load(sample::schema(), inputs).has_value());
  inputs.path = "/nowhere/other.yaml";
  CHECK(fault_of(inputs) == "/nowhere/other.yaml: cannot be read: No such file or directory");
  inputs.path = "/";
  CHECK(fault_of(inputs) == "/: is a directory, not a file");
}

TEST_CASE("faults of file, environment and flags are told together") {
  const sample::Directory directory;
  Inputs inputs = no_file();
  inputs.path = directory.write("weir.yaml", "kafka:\n  brokrs: a\n");
  inputs.environment["WEIR_POSTGRES_POOL_SIZE"] = "0";
  inputs.flags["log.format"] = "xml";
  CHECK(fault_of(inputs) == *inputs.path +
                                ":2:3: kafka.brokrs: unknown key (did you mean brokers?)\n"
                                "WEIR_POSTGRES_POOL_SIZE: postgres.pool_size: 0 is out of the range 1 to 100\n"
                                "--set log.format: log.format: 'xml' is not one of json, text");
}

TEST_CASE("a variable that is nearly ours, or of one of our sections, is a fault; a stranger's is not") {
  CHECK(fault_of_variable("WEIR_KAFAK_BROKERS", "a") == "WEIR_KAFAK_BROKERS: unknown variable (did you mean WEIR_KAFKA_BROKERS?)");
  CHECK(fault_of_variable("WEIR_KAFKA_COLOUR", "a") == "WEIR_KAFKA_COLOUR: unknown variable (weir config --reference lists every key)");
  for (const auto& [name, value] : std::map<std::string, std::string>{{"WEIR_EXECUTABLE", "/bin/weir"},
                                                                      {"WEIR_SERVICE_HOST", "10.0.0.1"},
                                                                      {"WEIR_KAFKA_SERVICE_HOST", "10.0.0.1"},
                                                                      {"WEIR_KAFKA_PORT", "tcp://10.0.0.1:9092"},
                                                                      {"WEIR_KAFKA_PORT_9092_TCP_ADDR", "10.0.0.1"}}) {
    CAPTURE(name);
    Inputs inputs = no_file();
    inputs.environment[name] = value;
    CHECK(load(sample::schema(), inputs).has_value());
  }
}

TEST_CASE("an unknown key of --set is a fault with a suggestion") {
  Inputs inputs = no_file();
  inputs.flags["kafka.broker"] = "a";
  CHECK(fault_of(inputs) == "--set kafka.broker: unknown key (did you mean kafka.brokers?)");
}

TEST_CASE("a variable of a pattern takes the name that the file uses, else the lower-case one") {
  const Schema schema = sample::schema();
  const sample::Directory directory;
  Inputs inputs = no_file();
  inputs.environment["WEIR_CONSUMERS_ROLLUPS_START"] = "latest";
  CHECK(load(schema, inputs)->text("consumers.rollups.start") == "latest");
  inputs.path = directory.write("weir.yaml", "consumers:\n  Rollups: {start: earliest}\n");
  CHECK(load(schema, inputs)->text("consumers.Rollups.start") == "latest");
}

TEST_CASE("a secret is read from its file, without the line's end") {
  const Schema schema = sample::schema();
  const sample::Directory directory;
  const std::string secret = directory.write("dsn", "host=db password=hidden\n");
  Inputs inputs = no_file();
  inputs.environment["WEIR_POSTGRES_DSN_FILE"] = secret;
  const auto loaded = load(schema, inputs);
  REQUIRE(loaded.has_value());
  CHECK(loaded->text("postgres.dsn") == "host=db password=hidden");
  CHECK(loaded->origin("postgres.dsn") == "WEIR_POSTGRES_DSN_FILE (" + secret + ")");
  inputs.flags["postgres.dsn"] = "host=other";
  CHECK(load(schema, inputs)->text("postgres.dsn") == "host=other");
}

TEST_CASE("a secret's file that is missing, empty or beside the secret itself is a fault") {
  const sample::Directory directory;
  CHECK(fault_of_variable("WEIR_POSTGRES_DSN_FILE", "/nowhere/dsn") ==
        "WEIR_POSTGRES_DSN_FILE: postgres.dsn_file: /nowhere/dsn: cannot be read: No such file or directory");
  const std::string empty = directory.write("empty", "\n");
  CHECK(fault_of_variable("WEIR_POSTGRES_DSN_FILE", empty) == "WEIR_POSTGRES_DSN_FILE: postgres.dsn_file: " + empty + " is empty");
  Inputs inputs = no_file();
  inputs.environment = {{"WEIR_POSTGRES_DSN", "host=a"}, {"WEIR_POSTGRES_DSN_FILE", empty}};
  CHECK(fault_of(inputs) == "WEIR_POSTGRES_DSN_FILE: postgres.dsn_file: given beside postgres.dsn; keep one of them");
}
