// Tells others which rows of agent_metrics became final, and which final rows were corrected (consumers.rollups.publish_finals): one row of
// weir.outbox for each organization of a transaction, or for each thousand of its rows. It names rows and versions alone; whoever reads it
// fetches the rows.
//
//   payload := { "rows": [ { "agent_id", "window_start", "version" } … ] }
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/pure/metrics_row.hpp"

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::rollups {

/// Tells of the final rows among those that this transaction wrote. They come in parts, so that nobody copies rows to join them.
[[nodiscard]] Result<void> tell_corrections(postgres::Statements& connection, std::initializer_list<std::span<const MetricsRow>> written);
/// The first window with a row of these organizations that is not final; none: all are.
[[nodiscard]] Result<std::optional<Instant>> first_open_row(postgres::Statements& connection,
                                                            std::span<const OrganizationId> organizations);
/// Tells of the final rows of these organizations with windows in [from, to) that this transaction wrote at `now`.
[[nodiscard]] Result<void> tell_finals(postgres::Statements& connection, std::span<const OrganizationId> organizations, Instant from,
                                       Instant to, Instant now);
/// The statement that tells of final rows. `rows`: a query of organization_id, agent_id, window_start and version.
[[nodiscard]] std::string telling_of(std::string_view rows);

}  // namespace weir::rollups
