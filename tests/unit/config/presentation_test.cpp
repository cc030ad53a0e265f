#include "tests/unit/config/sample.hpp"

#include "common/config/yaml_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weir::config;

TEST_CASE("the effective configuration names each origin and hides secrets") {
  const Schema schema = sample::schema();
  const auto loaded = load(schema, Inputs{.path = std::nullopt,
                                          .default_path = "/nowhere/weir.yaml",
                                          .environment = {{"WEIR_POSTGRES_DSN", "host=db password=hidden"}},
                                          .flags = {{"kafka.brokers", "a:1"}, {"cdc.tables.public.agents.key", "id"}}});
  REQUIRE(loaded.has_value());
  CHECK(loaded->show() ==
        "kafka:\n"
        "  brokers: \"a:1\"  # --brokers\n"
        "  properties:  # no value\n"
        "\n"
        "postgres:\n"
        "  dsn: \"***\"  # WEIR_POSTGRES_DSN\n"
        "  pool_size: 10  # default\n"
        "\n"
        "log:\n"
        "  format: json  # default\n"
        "  sample: 1.5  # default\n"
        "\n"
        "startup_timeout: 60s  # default\n"
        "\n"
        "cdc:\n"
        "  dsn:  # that of postgres.dsn\n"
        "  limit: 8MiB  # default\n"
        "  snapshot: true  # default\n"
        "  tables:\n"
        "    public.agents:\n"
        "      key: [id]  # --set cdc.tables.public.agents.key\n");
}

TEST_CASE("the reference states every row with its help, domain, variable and flag") {
  Schema schema;
  schema.add(Field{.key = "postgres.dsn", .help = "Where Postgres is.", .secret = true, .required = true, .flag = "--dsn"});
  schema.add(Field{.key = "cdc.dsn", .help = "Where the source is.", .secret = true, .instead = "postgres.dsn"});
  schema.add(Field{.key = "log.level", .type = Type::kChoice, .help = "Level.", .fallback = "info", .choices = {"info", "error"}});
  schema.add(Field{
      .key = "postgres.pool_size", .type = Type::kInteger, .help = "Connections.", .fallback = "10", .minimum = "1", .maximum = "100"});
  CHECK(reference(schema) ==
        "#postgres:\n"
        "  # Where Postgres is.\n"
        "  # (text; secret, also as dsn_file; WEIR_POSTGRES_DSN, --dsn; required)\n"
        "  #dsn:\n"
        "  # Connections.\n"
        "  # (whole number, 1 to 100; WEIR_POSTGRES_POOL_SIZE)\n"
        "  #pool_size: 10\n"
        "\n"
        "#cdc:\n"
        "  # Where the source is.\n"
        "  # (text; secret, also as dsn_file; WEIR_CDC_DSN; postgres.dsn where not set)\n"
        "  #dsn:\n"
        "\n"
        "#log:\n"
        "  # Level.\n"
        "  # (one of info, error; WEIR_LOG_LEVEL)\n"
        "  #level: info\n");
}

TEST_CASE("the reference without its comment marks is a valid file") {
  const Schema schema = sample::schema();
  std::string text = reference(schema);
  std::string uncommented;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at);
    std::string line = text.substr(at, end - at);
    at = end + 1;
    const std::size_t mark = line.find('#');
    if (mark != std::string::npos && line.substr(mark, 2) != "# ") line.erase(mark, 1);
    uncommented += line + "\n";
  }
  for (const std::string& fault : read_yaml(schema, "weir.yaml", uncommented).faults) {
    CAPTURE(uncommented);
    CHECK(fault.find("has no value") != std::string::npos);  // rows without a default stand empty
  }
}

TEST_CASE("of a map with names that are harmless the other values are shown as ***, however they were given") {
  Schema schema;
  schema.add(Field{.key = "kafka.properties", .type = Type::kTextMap, .help = "Properties.", .harmless = {"client.rack"}});
  Inputs inputs;
  inputs.default_path.clear();
  inputs.environment = {{"WEIR_KAFKA_PROPERTIES", "client.rack=r1,sasl.password=hush,ssl.key.pem=hush"}};
  const std::string shown = load(schema, inputs).value().show();
  CHECK(shown == "kafka:\n  properties: {client.rack: r1, sasl.password: \"***\", ssl.key.pem: \"***\"}  # WEIR_KAFKA_PROPERTIES\n");
}

TEST_CASE("lines written by a program become a file that reads as they say, with an item a line") {
  const Schema schema = sample::schema();
  const std::vector<Line> lines{{"log.format", "text"},
                                {"kafka.properties", "client.rack=a,linger.ms=5", "As the brokers need it."},
                                {"kafka.brokers", "a:1"},
                                {"cdc.tables.public.agents.key", "id,name"}};
  const std::string text = yaml_of(schema, lines);
  CHECK(text ==
        "kafka:\n"
        "  brokers: \"a:1\"\n"
        "  # As the brokers need it.\n"
        "  properties:\n"
        "    client.rack: a\n"
        "    linger.ms: \"5\"\n"
        "\n"
        "log:\n"
        "  format: text\n"
        "\n"
        "cdc:\n"
        "  tables:\n"
        "    public.agents:\n"
        "      key:\n"
        "        - id\n"
        "        - name\n");
  const FileSettings read = read_yaml(schema, "weir.yaml", text);
  CHECK(read.faults.empty());
  CHECK(read.settings.at("kafka.properties").map == std::map<std::string, std::string>{{"client.rack", "a"}, {"linger.ms", "5"}});
  CHECK(read.settings.at("cdc.tables.public.agents.key").list == std::vector<std::string>{"id", "name"});
}
