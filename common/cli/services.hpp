// From the common rows of the configuration to the clients' settings.
#pragma once

#include "common/config/config.hpp"
#include "common/kafka/client.hpp"
#include "common/postgres/connection.hpp"

#include <string>

namespace weir::cli {

/// The `kafka` section. `client_id` shows in the brokers' logs: "weir-cdc".
[[nodiscard]] kafka::Settings kafka_settings(const config::Configuration& configuration, std::string client_id);

/// The `postgres` section; `application_name` shows in pg_stat_activity: "weir rollups". `dsn_key` names another database (cdc.dsn).
[[nodiscard]] postgres::Settings postgres_settings(const config::Configuration& configuration, std::string application_name,
                                                   std::string_view dsn_key = "postgres.dsn");

}  // namespace weir::cli
