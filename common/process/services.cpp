#include "common/process/services.hpp"

#include "common/kafka/admin.hpp"
#include "common/process/start_retry.hpp"

#include <array>
#include <utility>

namespace weir::process {

kafka::Settings kafka_settings(const config::Configuration& configuration, std::string client_id) {
  kafka::Settings settings;
  settings.brokers = configuration.text("kafka.brokers");
  settings.client_id = std::move(client_id);
  const bool tls = configuration.boolean("kafka.tls.enabled");
  const std::string mechanism = configuration.text("kafka.sasl.mechanism");
  const bool sasl = mechanism != "none";
  if (tls || sasl) settings.properties["security.protocol"] = sasl ? (tls ? "SASL_SSL" : "SASL_PLAINTEXT") : "SSL";
  if (sasl) settings.properties["sasl.mechanism"] = mechanism;
  constexpr std::array<std::pair<const char*, const char*>, 6> kTexts{{{"kafka.tls.ca_file", "ssl.ca.location"},
                                                                       {"kafka.tls.certificate_file", "ssl.certificate.location"},
                                                                       {"kafka.tls.private_key_file", "ssl.key.location"},
                                                                       {"kafka.tls.private_key_password", "ssl.key.password"},
                                                                       {"kafka.sasl.username", "sasl.username"},
                                                                       {"kafka.sasl.password", "sasl.password"}}};
  for (const auto& [key, property] : kTexts) {
    if (configuration.has(key)) settings.properties[property] = configuration.text(key);
  }
  for (const auto& [name, value] : configuration.map("kafka.properties")) settings.properties[name] = value;
  return settings;
}

postgres::Settings postgres_settings(const config::Configuration& configuration, std::string application_name, std::string_view dsn_key) {
  const auto milliseconds = [&](std::string_view key) { return std::chrono::ceil<Milliseconds>(configuration.duration(key)); };
  postgres::Settings settings;
  settings.dsn = configuration.text(dsn_key);
  settings.application_name = std::move(application_name);
  settings.statement_timeout = milliseconds("postgres.statement_timeout");
  settings.lock_timeout = milliseconds("postgres.lock_timeout");
  settings.idle_in_transaction_timeout = milliseconds("postgres.idle_in_transaction_timeout");
  settings.connect_timeout = milliseconds("postgres.connect_timeout");
  return settings;
}

Result<void> await_kafka(const Context& context, const kafka::Settings& settings) {
  constexpr Milliseconds kPatience{2'000};
  const auto admin = WEIR_TRY(kafka::Admin::open(settings));
  return retry_at_start(context, "Kafka", [&] { return admin->ping(kPatience); });
}

}  // namespace weir::process
