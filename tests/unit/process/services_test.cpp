#include "common/testing/default_configuration.hpp"

#include "common/process/services.hpp"

#include <doctest/doctest.h>

using namespace weir;

namespace {

config::Configuration with(const config::Schema& schema, std::map<std::string, std::string> flags) {
  return config::load(schema, {.path = {}, .default_path = "/nowhere/weir.yaml", .environment = {}, .flags = std::move(flags)}).value();
}

config::Schema common() {
  config::Schema schema;
  schema.add(config::common_fields());
  return schema;
}

}  // namespace

TEST_CASE("a connection whose limits nobody has set has those of the configuration's rows") {
  const auto read = [](const config::Configuration& from) { return process::postgres_settings(from, "weir", "postgres.dsn"); };
  const auto settings = testing::by_default({}, read);
  const postgres::Settings bare;
  CHECK(settings.statement_timeout == bare.statement_timeout);
  CHECK(settings.lock_timeout == bare.lock_timeout);
  CHECK(settings.idle_in_transaction_timeout == bare.idle_in_transaction_timeout);
  CHECK(settings.connect_timeout == bare.connect_timeout);
}

TEST_CASE("plain text to the brokers needs no property") {
  const config::Schema schema = common();
  const auto settings = process::kafka_settings(with(schema, {{"kafka.brokers", "a:1,b:2"}}), "weir-cdc");
  CHECK(settings.brokers == "a:1,b:2");
  CHECK(settings.client_id == "weir-cdc");
  CHECK(settings.properties.empty());
}

TEST_CASE("encryption and signing in become librdkafka's properties; those that are named win") {
  const config::Schema schema = common();
  const auto settings = process::kafka_settings(with(schema, {{"kafka.tls.enabled", "true"},
                                                              {"kafka.tls.ca_file", "/ca.pem"},
                                                              {"kafka.sasl.mechanism", "SCRAM-SHA-512"},
                                                              {"kafka.sasl.username", "u"},
                                                              {"kafka.sasl.password", "p"},
                                                              {"kafka.properties", "client.rack=r1,sasl.username=other"}}),
                                                "weir");
  CHECK(settings.properties == std::map<std::string, std::string>{{"security.protocol", "SASL_SSL"},
                                                                  {"sasl.mechanism", "SCRAM-SHA-512"},
                                                                  {"ssl.ca.location", "/ca.pem"},
                                                                  {"sasl.username", "other"},
                                                                  {"sasl.password", "p"},
                                                                  {"client.rack", "r1"}});
}

TEST_CASE("the postgres section becomes a session's settings") {
  const config::Schema schema = common();
  const auto settings =
      process::postgres_settings(with(schema, {{"postgres.dsn", "host=db"}, {"postgres.lock_timeout", "3s"}}), "weir rollups");
  CHECK(settings.dsn == "host=db");
  CHECK(settings.application_name == "weir rollups");
  CHECK(settings.lock_timeout == Seconds{3});
  CHECK(settings.statement_timeout == Seconds{30});
  CHECK(settings.idle_in_transaction_timeout == Seconds{5});
}
