// From rows of configuration to what weir cdc works with.
#include "producers/cdc/settings.hpp"

#include "producers/cdc/component.hpp"

#include <doctest/doctest.h>

using namespace weir;

namespace {

cdc::Settings settings(std::map<std::string, std::string> flags) {
  const process::Component component = cdc::cdc_component();
  config::Schema schema;
  schema.add(config::common_fields()).add(component.fields);
  flags.try_emplace("cdc.dsn", "host=source");
  const auto configuration =
      config::load(schema, {.path = std::nullopt, .default_path = "/nowhere/weir.yaml", .environment = {}, .flags = std::move(flags)});
  REQUIRE_MESSAGE(configuration.has_value(), (configuration ? "" : configuration.error().message));
  auto read = cdc::read_settings(*configuration);
  REQUIRE(read.has_value());
  return std::move(*read);
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
