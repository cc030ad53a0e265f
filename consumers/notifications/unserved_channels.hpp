// Warns of channels that nobody serves: rules or addresses use them, and none of their providers has an account in the configuration.
#pragma once

#include "common/postgres/statements.hpp"
#include "common/process/side_by_side.hpp"
#include "common/telemetry/metrics.hpp"

#include <set>
#include <string>
#include <vector>

namespace weir::notifications {

inline constexpr telemetry::Metric<telemetry::Gauge> kUnservedChannel{
    "weir_notifications_unserved_channel",
    "1 where rules or addresses use a channel of which no provider has an account that is configured.",
    {"channel"}};

struct UnservedChannel {
  std::string channel;
  std::vector<std::string> providers;
};
/// `accounts`: the names of the configuration's accounts, as "sendgrid:default". Channels that organizations have set up themselves are not
/// looked at, because accounts of their own serve these.
[[nodiscard]] Result<std::vector<UnservedChannel>> find_unserved(postgres::Statements& connection, const std::set<std::string>& accounts);

/// Looks at the start and every few minutes, warns once of each channel, and keeps the metric.
[[nodiscard]] Result<void> watch_channels(process::Context& context);

}  // namespace weir::notifications
