// The facts of a change of agent_instances: the time in which the agent lives, and the status that it took at an instant.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"
#include "consumers/rollups/pure/lateness.hpp"
#include "consumers/rollups/pure/status_history.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::rollups {

struct AgentKey {
  OrganizationId organization;
  AgentId agent;
  friend auto operator<=>(const AgentKey&, const AgentKey&) = default;  // the primary key's order
};

/// One image of a row of agent_instances.
struct AgentRow {
  AgentKey key;
  AgentStatus status = AgentStatus::kIdle;
  Instant status_changed_at{};
  Instant created_at{};
  std::optional<std::string> name{};  // none where the source leaves it out
};

struct AgentFact {
  AgentKey key;
  std::optional<std::string> name;
  Instant created_at{};
  std::optional<Instant> deleted_at;
  SourceOrder order;
  std::optional<StatusEntry> status;  // none: the agent is gone
  bool status_is_new = true;          // false: the change left the status as it was
  Instant unsettled_if_new{};         // the first window to complete, where the agent was not known
  Instant unsettled_from{};           // the first window to complete, where the agent was known
  /// The instant from which on the change says something about the agent.
  [[nodiscard]] Instant tells_from() const { return status ? status->changed_at : deleted_at.value_or(created_at); }
};

/// The facts of one change: one, or two where the agent moved to another organization.
[[nodiscard]] std::vector<AgentFact> facts_of(const std::optional<AgentRow>& before, const std::optional<AgentRow>& after,
                                              const SourceOrder& order, Instant recorded_at, const TimeLimits& limits);

/// The first window that a change at `at` touches, among the windows that are retained at its record's time.
[[nodiscard]] Instant retained_window(Instant at, Instant recorded_at, const TimeLimits& limits);

/// One fact for each agent, ascending by key. An agent's newest fact says whether it lives, its earliest where its windows begin.
[[nodiscard]] std::vector<AgentFact> latest_facts(std::span<const AgentFact> facts);

}  // namespace weir::rollups
