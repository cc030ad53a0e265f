// Configures a librdkafka client: first the properties that weir requires, then the user's.
#include "common/kafka/rdkafka.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace weir::kafka {

namespace {

constexpr int kLowestVersion = 0x020d02ff;  // 2.13.2: 2.2 to 2.13.1 skip or repeat records after some rebalances
constexpr std::string_view kLowestVersionText = "2.13.2";

/// librdkafka would write its log to stderr in another format. Everything important also arrives as an error or an event, which the
/// client's user logs. So librdkafka's own lines are kept only where `debug` is set.
void drop_log(const rd_kafka_t*, int, const char*, const char*) {}

Result<void> set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value, std::string_view origin) {
  std::array<char, 512> text{};
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size()) == RD_KAFKA_CONF_OK) return {};
  // librdkafka repeats the value, which may be a secret.
  std::string why = text.data();
  for (std::size_t at = value.empty() ? std::string::npos : why.find(value); at != std::string::npos; at = why.find(value, at + 3)) {
    why.replace(at, value.size(), "***");
  }
  return fail(FaultKind::kConfiguration, std::string(origin) + name + ": " + why,
              "see librdkafka's CONFIGURATION for the names and ranges of its properties");
}

}  // namespace

Result<void> check_library_version() {
  if (rd_kafka_version() >= kLowestVersion) return {};
  return fail(FaultKind::kConfiguration,
              "librdkafka " + std::string(rd_kafka_version_str()) + " is older than " + std::string(kLowestVersionText) +
                  ", and such versions can skip or repeat records",
              "build weir with librdkafka " + std::string(kLowestVersionText) + " or newer (./dev deps)");
}

Result<ConfPtr> make_conf(const Settings& settings, std::span<const Property> properties) {
  WEIR_TRY(check_library_version());
  if (settings.brokers.empty()) {
    return fail(FaultKind::kConfiguration, "kafka.brokers has no value", "set kafka.brokers or WEIR_KAFKA_BROKERS to host:port,…");
  }
  ConfPtr conf{rd_kafka_conf_new()};
  const auto put = [&](const std::string& name, const std::string& value, std::string_view origin) {
    return set(conf.get(), name, value, origin);
  };
  WEIR_TRY(put("bootstrap.servers", settings.brokers, "kafka.brokers: "));
  WEIR_TRY(put("client.id", settings.client_id, ""));
  WEIR_TRY(put("socket.timeout.ms", std::to_string(kSocketTimeout.count()), ""));
  for (const Property& property : properties) WEIR_TRY(put(property.name, property.value, ""));
  for (const auto& [name, value] : settings.properties) {
    const auto own =
        std::find_if(properties.begin(), properties.end(), [&name = name](const Property& p) { return p.name == name && p.guarantee; });
    if (own != properties.end() && own->value != value) {
      return fail(FaultKind::kConfiguration,
                  "kafka.properties." + name + ": cannot be \"" + value + "\": weir's guarantees rest on \"" + own->value + "\"",
                  "remove it from kafka.properties");
    }
    WEIR_TRY(put(name, value, "kafka.properties."));
  }
  if (!settings.properties.contains("debug")) rd_kafka_conf_set_log_cb(conf.get(), drop_log);
  return conf;
}

Result<ClientPtr> make_client(rd_kafka_type_t type, ConfPtr conf) {
  std::array<char, 512> text{};
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), text.data(), text.size());
  if (client == nullptr) return fail(FaultKind::kConfiguration, std::string("Kafka client: ") + text.data(), "check the kafka section");
  // On success librdkafka owns the configuration.
  static_cast<void>(conf.release());
  return ClientPtr{client};
}

void bootstrap_again(rd_kafka_t* client) {
  std::size_t size = 0;
  if (rd_kafka_conf_get(rd_kafka_conf(client), "bootstrap.servers", nullptr, &size) != RD_KAFKA_CONF_OK || size <= 1) return;
  std::string servers(size, '\0');  // with the zero that ends a C string
  rd_kafka_conf_get(rd_kafka_conf(client), "bootstrap.servers", servers.data(), &size);
  rd_kafka_brokers_add(client, servers.c_str());
}

Uuid to_uuid(const rd_kafka_Uuid_t* id) {
  Uuid uuid;
  if (id == nullptr) return uuid;
  const auto high = static_cast<std::uint64_t>(rd_kafka_Uuid_most_significant_bits(id));
  const auto low = static_cast<std::uint64_t>(rd_kafka_Uuid_least_significant_bits(id));
  for (std::size_t i = 0; i < 8; ++i) {
    const auto shift = 8U * (7U - static_cast<unsigned>(i));
    uuid.bytes[i] = static_cast<std::uint8_t>(high >> shift);
    uuid.bytes[8 + i] = static_cast<std::uint8_t>(low >> shift);
  }
  return uuid;
}

int to_ms(Milliseconds patience) {
  return static_cast<int>(std::clamp<std::int64_t>(patience.count(), 0, std::numeric_limits<int>::max()));
}

}  // namespace weir::kafka
