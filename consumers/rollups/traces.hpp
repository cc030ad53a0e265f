// What `weir trace` is told: the windows that hold an event, and where the events of a window are.
#pragma once

#include "common/host/consumer_host.hpp"
#include "consumers/rollups/consumer.hpp"

#include <optional>
#include <vector>

namespace weir::rollups {

[[nodiscard]] Result<std::vector<process::ResultRow>> results_of(const Options& options, postgres::Statements& connection,
                                                                 const runtime::Event& event);

/// None: the table holds no windows or alerts, or the row is not there.
[[nodiscard]] Result<std::optional<host::RowOrigin>> origin_of(const Options& options, postgres::Statements& connection,
                                                               const process::RowToTrace& asked);

}  // namespace weir::rollups
