// Agents' lives and statuses in SQL. Rows are locked in primary-key order.
#pragma once

#include "common/postgres/connection.hpp"
#include "consumers/rollups/pure/agent.hpp"

#include <map>
#include <span>
#include <vector>

namespace weir::rollups {

/// Records what changes of agent_instances told, in any order of arrival, and sets back settled_until to the first window that they touch.
[[nodiscard]] Result<void> record_agents(postgres::Connection& connection, std::span<const AgentFact> facts);

/// A change of an agent that was not taken: from then on its status is in doubt, until the next one is.
struct LostAgent {
  AgentKey key;
  Instant from{};
  Instant unsettled_from{};  // the first window that it may touch
};
[[nodiscard]] Result<void> doubt_agents(postgres::Connection& connection, std::span<const LostAgent> lost);
/// The same of every agent.
[[nodiscard]] Result<void> doubt_all_agents(postgres::Connection& connection, Instant from);

using Timelines = std::map<AgentKey, StatusTimeline>;

/// The timelines over [from, to) of those agents that are known.
[[nodiscard]] Result<Timelines> read_timelines(postgres::Connection& connection, std::span<const AgentKey> agents, Instant from,
                                               Instant to);

}  // namespace weir::rollups
