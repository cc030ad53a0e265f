// Tells of channels that messages go to and nobody serves: there are rules or addresses for them, and no provider of theirs has an account.
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

/// A channel with its providers, as "email (sendgrid, smtp)". `accounts`: names of the platform's own, "sendgrid:default". Organizations
/// with accounts of their own are served by these, and not looked at.
struct UnservedChannel {
  std::string channel;
  std::vector<std::string> providers;
};
[[nodiscard]] Result<std::vector<UnservedChannel>> find_unserved(postgres::Statements& connection, const std::set<std::string>& accounts);

/// Looks at the start and every few minutes, warns once of each channel, and keeps the metric.
[[nodiscard]] Result<void> watch_channels(process::Context& context);

}  // namespace weir::notifications
