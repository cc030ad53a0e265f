// Agents' lives and statuses in SQL. Rows are locked in primary-key order.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/pure/agent.hpp"

#include <map>
#include <span>
#include <vector>

namespace weir::rollups {

/// Writes the facts of changes of agent_instances, which may come in any order, and sets settled_until back to the first window that they
/// touch.
[[nodiscard]] Result<void> record_agents(postgres::Statements& connection, std::span<const AgentFact> facts);

/// A change of an agent that was not taken. The agent's status is in doubt from that change until the next one that is taken.
struct LostAgent {
  AgentKey key;
  Instant from{};
  Instant unsettled_from{};  // the first window that it may touch
};
[[nodiscard]] Result<void> doubt_agents(postgres::Statements& connection, std::span<const LostAgent> lost);
/// Says that changes of every agent may have been lost before an instant.
[[nodiscard]] Result<void> lose_statuses(postgres::Statements& connection, Instant until);
/// Puts the status of every agent in doubt.
[[nodiscard]] Result<void> doubt_all_agents(postgres::Statements& connection, Instant from);

using Timelines = std::map<AgentKey, StatusTimeline>;

/// The timelines over [from, to) of the given agents, as far as they are known.
[[nodiscard]] Result<Timelines> read_timelines(postgres::Statements& connection, std::span<const AgentKey> agents, Instant from,
                                               Instant to);
/// The same of all agents of these organizations that live in that time.
[[nodiscard]] Result<Timelines> read_timelines(postgres::Statements& connection, std::span<const OrganizationId> organizations,
                                               Instant from, Instant to);

}  // namespace weir::rollups
