#include "consumers/insights/pure/agent_degradation.hpp"

#include "consumers/insights/pure/statistics.hpp"

#include <algorithm>
#include <optional>

namespace weir::insights {

namespace {

/// The sums of an agent's hours. The hours before and the recent ones are added up apart, because they are compared with each other.
struct Hours {
  std::int64_t completed = 0;
  std::int64_t ended = 0;
  std::vector<double> medians_ms;
  void add(const AgentHour& hour) {
    completed += hour.completed;
    ended += hour.completed + hour.failed;
    if (hour.median_ms) medians_ms.push_back(*hour.median_ms);
  }
  [[nodiscard]] double success() const { return static_cast<double>(completed) / static_cast<double>(ended); }
};

/// Compares the shares of executions that succeeded. Gives the probability that chance alone explains the fall, which the confidence is
/// made of; none where the fall is small, where executions are few, or where chance explains it well enough.
std::optional<double> failing(const Hours& before, const Hours& now) {
  if (std::min(before.ended, now.ended) < kLeastExecutions || before.success() - now.success() < kLeastFall) return std::nullopt;
  const double p = normal_cdf(difference_of_shares(now.completed, now.ended, before.completed, before.ended));
  return p < kAgentAlpha ? std::optional(p) : std::nullopt;
}

/// The same for how long executions take: compares the hourly medians.
std::optional<double> slowing(const Hours& before, const Hours& now) {
  if (std::min(before.medians_ms.size(), now.medians_ms.size()) < kLeastHours) return std::nullopt;
  if (median(now.medians_ms) < kLeastSlowdown * median(before.medians_ms)) return std::nullopt;
  const double p = normal_cdf(-mann_whitney_z(now.medians_ms, before.medians_ms));
  return p < kAgentAlpha ? std::optional(p) : std::nullopt;
}

}  // namespace

std::vector<Finding> agent_degradation(const AgentHistory& history, Instant now) {
  Hours before;
  Hours recent;
  for (const AgentHour& hour : history.hours) (hour.start < now - kAgentRecent ? before : recent).add(hour);
  const std::optional<double> fails = failing(before, recent);
  const std::optional<double> slows = slowing(before, recent);
  if (!fails && !slows) return {};
  Finding finding{.pattern = "agent_degradation",
                  .kind = Kind::kRisk,
                  .audience = Audience::kAdmin,
                  .subject = history.agent.text(),
                  .classed = fails && slows ? "failing_and_slowing"
                             : fails        ? "failing"
                                            : "slowing",
                  .confidence = 1 - std::min(fails.value_or(1), slows.value_or(1)),
                  .evidence = {history.agent.value},
                  .facts = {{"agent", history.agent.text()}}};
  if (fails) {
    finding.facts["success_before"] = 100 * before.success();
    finding.facts["success_now"] = 100 * recent.success();
  }
  if (slows) {
    finding.facts["ms_before"] = median(before.medians_ms);
    finding.facts["ms_now"] = median(recent.medians_ms);
  }
  return {std::move(finding)};
}

}  // namespace weir::insights
