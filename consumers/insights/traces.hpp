// What `weir trace` is told: the intent and the insights that followed from an event, with their calls of models, and where the event of
// an insight is.
#pragma once

#include "common/host/consumer_host.hpp"
#include "consumers/insights/consumer.hpp"

#include <optional>
#include <vector>

namespace weir::insights {

[[nodiscard]] Result<std::vector<process::ResultRow>> results_of(postgres::Statements& connection, const runtime::Event& event);

/// None: the table holds no insights, drafts or calls, or no event caused the row.
[[nodiscard]] Result<std::optional<host::RowOrigin>> origin_of(const Options& options, postgres::Statements& connection,
                                                               const process::RowToTrace& asked);

}  // namespace weir::insights
