#include "tests/unit/config/sample.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace weir;
using namespace weir::config;

namespace {

Configuration with(const Schema& schema, std::map<std::string, std::string> flags) {
  return load(schema, Inputs{.path = std::nullopt, .default_path = "/nowhere/weir.yaml", .environment = {}, .flags = std::move(flags)})
      .value();
}

}  // namespace

TEST_CASE("settings are read by their types") {
  const Schema schema = sample::schema();
  const Configuration configuration =
      with(schema, {{"postgres.pool_size", "7"}, {"cdc.tables.public.agents.key", "organization_id,id"}, {"kafka.properties", "a=b"}});
  CHECK(configuration.integer("postgres.pool_size") == 7);
  CHECK(configuration.real("log.sample") == 1.5);
  CHECK(configuration.boolean("cdc.snapshot"));
  CHECK(configuration.duration("startup_timeout") == Seconds{60});
  CHECK(configuration.bytes("cdc.limit") == 8U << 20U);
  CHECK(configuration.list("cdc.tables.public.agents.key") == std::vector<std::string>{"organization_id", "id"});
  CHECK(configuration.map("kafka.properties").at("a") == "b");
  CHECK(configuration.names("cdc.tables.*.key") == std::vector<std::string>{"public.agents"});
}

TEST_CASE("what has neither value nor default is absent") {
  const Schema schema = sample::schema();
  const Configuration configuration = with(schema, {});
  CHECK_FALSE(configuration.has("postgres.dsn"));
  CHECK(configuration.text("postgres.dsn").empty());
  CHECK(configuration.has("kafka.brokers"));
  CHECK(configuration.names("cdc.tables.*.key").empty());
}

TEST_CASE("a key that another one stands for has its value until it is set itself") {
  const Schema schema = sample::schema();
  const Configuration shared = with(schema, {{"postgres.dsn", "host=db"}});
  CHECK(shared.text("cdc.dsn") == "host=db");
  CHECK(shared.origin("cdc.dsn") == "--dsn");
  CHECK(with(schema, {{"postgres.dsn", "host=db"}, {"cdc.dsn", "host=app"}}).text("cdc.dsn") == "host=app");
  constexpr std::array<std::string_view, 1> kKey{"cdc.dsn"};
  CHECK(shared.require(kKey).has_value());
  CHECK(with(schema, {}).require(kKey).error().line() ==
        "cdc.dsn: has no value, and this command needs it: set it in weir.yaml, or by WEIR_CDC_DSN, WEIR_CDC_DSN_FILE or --set cdc.dsn=…, "
        "or set postgres.dsn");
}

TEST_CASE("every required key without a value is named, with each way to give it") {
  const Schema schema = sample::schema();
  const Configuration configuration = with(schema, {});
  constexpr std::array<std::string_view, 3> kKeys{"postgres.dsn", "kafka.brokers", "consumers.rollups.start"};
  const auto required = configuration.require(kKeys);
  REQUIRE_FALSE(required.has_value());
  CHECK(required.error().exit_code() == ExitCode::kConfiguration);
  CHECK(required.error().line() ==
        "postgres.dsn: has no value, and this command needs it: set it in weir.yaml, or by WEIR_POSTGRES_DSN, WEIR_POSTGRES_DSN_FILE or "
        "--dsn\n"
        "consumers.rollups.start: has no value, and this command needs it: set it in weir.yaml, or by WEIR_CONSUMERS_ROLLUPS_START or "
        "--set consumers.rollups.start=…");
}
