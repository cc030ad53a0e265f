// The health of an organization in a window: a score from 0 to 100, and the issues that a person should know of.
#pragma once

#include "consumers/rollups/pure/window.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::rollups {

/// What an organization may set for itself; the defaults are those of the configuration.
struct HealthSettings {
  double success_rate_critical = 0;  // percent; an issue below it
  double success_rate_warning = 0;
  double execution_time_critical_ms = 0;  // an issue above it
  double execution_time_warning_ms = 0;
  double queue_length_critical = 0;  // an issue above it
  double queue_length_warning = 0;
  double health_score_critical = 0;  // an issue below it
  double health_score_warning = 0;
  double min_samples = 0;  // from this many ended executions on, an agent's rates are judged
  double success_rate_weight = 0;
  double availability_weight = 0;
  double response_weight = 0;
  double queue_weight = 0;
  double error_weight = 0;
};

/// One setting: its name in the configuration (consumers.rollups.health.NAME) and in weir.health_settings.
struct HealthSetting {
  std::string_view name;
  double HealthSettings::*value;
  std::string_view fallback;
  std::string_view highest;  // the lowest is 0
  std::string_view help;
};
[[nodiscard]] std::span<const HealthSetting> health_settings();

enum class Severity : std::uint8_t { kWarning, kCritical };
enum class IssueKind : std::uint8_t { kSuccessRate, kExecutionTime, kQueueLength, kHealthScore, kAgentError };
[[nodiscard]] std::string_view text_of(Severity severity);
[[nodiscard]] std::string_view text_of(IssueKind kind);
[[nodiscard]] std::optional<IssueKind> parse_issue_kind(std::string_view text);

struct Issue {
  Severity severity = Severity::kWarning;
  IssueKind kind = IssueKind::kSuccessRate;
  std::optional<AgentId> agent;  // none: it is about the organization
  std::optional<double> value;
  std::optional<double> threshold;
  std::string message;
  friend bool operator==(const Issue&, const Issue&) = default;
};

/// An agent that may have an issue of its own.
struct AgentHealth {
  AgentId agent;
  std::int64_t total = 0;
  std::int64_t completed = 0;
  Measure execution_time;
  bool is_in_error = false;  // its status at the window's end
};

struct HealthInputs {
  std::int64_t total = 0;  // executions that ended
  std::int64_t completed = 0;
  std::int64_t failed = 0;
  Measure execution_time;
  std::int64_t availability_count = 0;  // agents with a known availability
  double availability_sum = 0;          // of their percentages
  std::int64_t active_agents = 0;       // at the window's end, like all that follows
  std::int64_t total_agents = 0;
  std::int64_t queued = 0;
  std::int64_t running = 0;
  bool queue_is_known = false;
  std::vector<AgentHealth> agents{};  // ascending by id
};

struct Health {
  double score = 0;
  std::optional<double> success_rate;
  std::optional<double> availability;
  std::optional<double> execution_time_ms;
  std::vector<std::string_view> no_data;  // components of the score that count 100 because the window has no data for them
  std::vector<Issue> issues;
  [[nodiscard]] std::int64_t count(Severity severity) const;
  /// healthy, warning or critical: the worst of the issues.
  [[nodiscard]] std::string_view status() const;
};

[[nodiscard]] Health health_of(const HealthInputs& inputs, const HealthSettings& settings);

}  // namespace weir::rollups
