// What `weir trace` is told: the rows that weir scoring has made of an event, and where the events of a row are.
#pragma once

#include "common/host/consumer_host.hpp"
#include "consumers/scoring/consumer.hpp"

#include <optional>
#include <vector>

namespace weir::scoring {

[[nodiscard]] Result<std::vector<process::ResultRow>> results_of(postgres::Statements& connection, const runtime::Event& event);

/// None: the table holds no results of scoring, or the row is not there.
[[nodiscard]] Result<std::optional<host::RowOrigin>> origin_of(const Topics& topics, postgres::Statements& connection,
                                                               const process::RowToTrace& asked);

}  // namespace weir::scoring
