#include "operations/console/settings.hpp"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("without a word the console listens on this machine alone, and nobody can log in") {
  config::Schema schema;
  schema.add(console::fields());
  const auto configuration = config::load(schema, {.path = {}, .default_path = "", .environment = {}, .flags = {}});
  REQUIRE(configuration);
  const auto settings = console::settings_of(*configuration);
  CHECK(settings.listen == "127.0.0.1:8088");
  CHECK(settings.tokens_file.empty());
  CHECK(settings.allowed_hosts.empty());
  CHECK(settings.max_viewers == 50);
}
