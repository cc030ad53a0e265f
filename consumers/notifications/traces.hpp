// What `weir trace` is told: the messages that were made of an event, with their attempts, and where the event of a message is.
#pragma once

#include "common/host/consumer_host.hpp"
#include "consumers/notifications/consumer.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace weir::notifications {

[[nodiscard]] Result<std::vector<process::ResultRow>> results_of(SettingsCache& settings, postgres::Statements& connection,
                                                                 const runtime::Event& event);

/// None: the table holds no messages or attempts, or the row is not there.
[[nodiscard]] Result<std::optional<host::RowOrigin>> origin_of(const std::shared_ptr<SettingsCache>& settings, const Options& options,
                                                               postgres::Statements& connection, const process::RowToTrace& asked);

}  // namespace weir::notifications
