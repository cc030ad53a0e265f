// An agent that fails more, or takes longer, than it used to.
//
// The last 24 hours are compared with the seven days before them, whose hours of the week are the same but for one day. Success: two
// shares, by the z of their difference, with at least 30 executions on either side, and lower by at least 10 points, since with enough
// executions a difference of no consequence is significant. Time: the hourly medians, by ranks (Mann and Whitney), with at least 6 hours on
// either side, and a median of them that is at least 1.5 times as long. Ranks are used because a single hour in which a service hung says
// nothing of the agent. Each is tested at 0.1 %, because an organization has many agents, and each of them is looked at again and again.
// The confidence is 1 minus the smaller probability.
#pragma once

#include "consumers/insights/pure/history.hpp"

namespace weir::insights {

inline constexpr std::chrono::hours kAgentRecent{24};
inline constexpr double kAgentAlpha = 0.001;
inline constexpr std::int64_t kLeastExecutions = 30;
inline constexpr double kLeastFall = 0.1;
inline constexpr std::size_t kLeastHours = 6;
inline constexpr double kLeastSlowdown = 1.5;

/// For admins, about the organization.
[[nodiscard]] std::vector<Finding> agent_degradation(const AgentHistory& history, Instant now);

}  // namespace weir::insights
