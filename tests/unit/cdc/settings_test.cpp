// From rows of configuration to what weir cdc works with.
#include "producers/cdc/settings.hpp"

#include "producers/cdc/component.hpp"

#include <doctest/doctest.h>

using namespace weir;

namespace {

Result<cdc::Settings> read(std::map<std::string, std::string> flags) {
  const process::Component component = cdc::cdc_component();
  config::Schema schema;
  schema.add(config::common_fields()).add(component.fields);
  flags.try_emplace("cdc.dsn", "host=source");
  const auto configuration =
      config::load(schema, {.path = std::nullopt, .default_path = "/nowhere/weir.yaml", .environment = {}, .flags = std::move(flags)});
  REQUIRE_MESSAGE(configuration.has_value(), (configuration ? "" : configuration.error().message));
  return cdc::read_settings(*configuration);
}

cdc::Settings settings(std::map<std::string, std::string> flags) {
  auto done = read(std::move(flags));
  REQUIRE(done.has_value());
  return *std::move(done);
}

}  // namespace

TEST_CASE("sessions in the source have the timeouts of all others") {
  const postgres::Settings source = settings({{"postgres.connect_timeout", "7s"},
                                              {"postgres.statement_timeout", "8s"},
                                              {"postgres.lock_timeout", "9s"},
                                              {"postgres.idle_in_transaction_timeout", "11s"}})
                                        .postgres;
  CHECK(source.dsn == "host=source");
  CHECK(source.application_name == "weir cdc");
  CHECK(source.connect_timeout == Seconds{7});
  CHECK(source.statement_timeout == Seconds{8});
  CHECK(source.lock_timeout == Seconds{9});
  CHECK(source.idle_in_transaction_timeout == Seconds{11});
}

TEST_CASE("the outbox is weir.outbox with its topics, and any other table that is published") {
  const cdc::OutboxSettings by_default = settings({{"cdc.tables", "public.orders"}}).tables.outbox;
  CHECK(by_default.table == cdc::TableName{"weir", "outbox"});
  CHECK(by_default.topic_prefix == "weir.outbox");
  CHECK(by_default.dlq_topic == "weir.dlq");
  CHECK(by_default.types.empty());
  const cdc::Settings other =
      settings({{"cdc.tables", "public.orders,public.events"}, {"cdc.outbox.table", "events"}, {"cdc.outbox.types", "order,invoice"}});
  CHECK(other.tables.outbox.types == std::vector<std::string>{"order", "invoice"});
  CHECK(other.publisher.outbox == "public.events");
  CHECK(read({{"cdc.tables", "public.orders"}, {"cdc.outbox.table", "public.events"}}).error().message ==
        "cdc.outbox.table names public.events, which cdc.tables does not name");
}

TEST_CASE("events of the outbox reach neither positions nor changes, whatever their type is") {
  const auto refuses = [](const std::string& key, const std::string& topic) {
    const auto done = read({{"cdc.outbox." + key, topic}});
    return !done && done.error().kind == FaultKind::kConfiguration;
  };
  for (const char* prefix : {"weir", "weir.cdc", "weir.cdc.public"}) CHECK(refuses("topic_prefix", prefix));
  for (const char* topic : {"weir.cdc.positions", "weir.cdc.public.orders"}) CHECK(refuses("dlq_topic", topic));
  CHECK_FALSE(refuses("topic_prefix", "weir.cdcx"));
  CHECK_FALSE(refuses("dlq_topic", "dead.letters"));
}
