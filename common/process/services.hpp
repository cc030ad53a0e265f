// From the common rows of the configuration to the clients' settings.
#pragma once

#include "common/kafka/client.hpp"
#include "common/postgres/connection.hpp"
#include "common/process/component.hpp"

#include <string>

namespace weir::process {

/// The `kafka` section. `client_id` shows in the brokers' logs: "weir-cdc".
[[nodiscard]] kafka::Settings kafka_settings(const config::Configuration& configuration, std::string client_id);

/// The `postgres` section; `application_name` shows in pg_stat_activity: "weir rollups". `dsn_key` names another database (cdc.dsn).
[[nodiscard]] postgres::Settings postgres_settings(const config::Configuration& configuration, std::string application_name,
                                                   std::string_view dsn_key = "postgres.dsn");

/// Asks any broker until one answers, under the rule of startup_timeout (start_retry.hpp). Short attempts, so that the first failure is
/// told at once and by the brokers' names.
[[nodiscard]] Result<void> await_kafka(const Context& context, const kafka::Settings& settings);

}  // namespace weir::process
