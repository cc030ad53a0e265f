// system_health: computed anew from agent_metrics, the agents' statuses and the lengths of queues. A row is written only where it changes.
// The caller holds the lock of deriving of each organization.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/derive.hpp"
#include "consumers/rollups/pure/health.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weir::rollups {

/// The issue of one alert changed in a window that was final before.
struct CorrectedIssue {
  OrganizationWindow window;
  std::string kind;
  std::optional<AgentId> agent;
};

/// Writes the health of the windows in `scope`. A window has a row where an agent has one in agent_metrics, or where the organization's
/// queue is not empty or changed. `queues_known_from`: windows that begin before it have no length of a queue.
[[nodiscard]] Result<std::vector<CorrectedIssue>> write_health(postgres::Statements& connection, const DeriveScope& scope,
                                                               const HealthSettings& defaults, std::optional<Instant> queues_known_from,
                                                               Instant now);

}  // namespace weir::rollups
