#include "common/kafka/rdkafka.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace weir;
using namespace weir::kafka;

namespace {

std::string value_of(const ConfPtr& conf, const char* name) {
  std::array<char, 64> text{};
  std::size_t size = text.size();
  REQUIRE(rd_kafka_conf_get(conf.get(), name, text.data(), &size) == RD_KAFKA_CONF_OK);
  return text.data();
}

}  // namespace

TEST_CASE("a silent connection is given up after thirty seconds by every client, unless the user says otherwise") {
  Settings settings{.brokers = "127.0.0.1:1", .client_id = "test", .properties = {}};
  CHECK(value_of(make_conf(settings, {}).value(), "socket.timeout.ms") == "30000");
  settings.properties["socket.timeout.ms"] = "20000";
  CHECK(value_of(make_conf(settings, {}).value(), "socket.timeout.ms") == "20000");
}

TEST_CASE("a user's property wins over weir's, but not over one that a guarantee rests on") {
  const std::array<Property, 2> own{{{"linger.ms", "5"}, {"enable.idempotence", "true", true}}};
  Settings settings{.brokers = "127.0.0.1:1", .client_id = "test", .properties = {{"linger.ms", "7"}}};
  CHECK(value_of(make_conf(settings, own).value(), "linger.ms") == "7");
  settings.properties["enable.idempotence"] = "false";
  const auto refused = make_conf(settings, own);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == FaultKind::kConfiguration);
}
