// overall_health_score = 0.30 · success rate + 0.25 · availability + 0.20 · response + 0.15 · queue + 0.10 · (100 − error rate), with other
// weights where they are configured. The sum is divided by the sum of the weights.
#include "consumers/rollups/pure/health.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weir::rollups {

namespace {

/// The average execution time and the queue's length from which on the component is 0.
constexpr double kSlowestMs = 10'000;
constexpr double kLongestQueue = 100;

constexpr std::array kSettings{
    HealthSetting{"success_rate_critical", &HealthSettings::success_rate_critical, "50", "100", "Success rate in percent, critical below."},
    HealthSetting{"success_rate_warning", &HealthSettings::success_rate_warning, "80", "100", "Success rate in percent, a warning below."},
    HealthSetting{"execution_time_critical_ms", &HealthSettings::execution_time_critical_ms, "10000", "604800000",
                  "Average execution time in milliseconds, critical above."},
    HealthSetting{"execution_time_warning_ms", &HealthSettings::execution_time_warning_ms, "5000", "604800000",
                  "Average execution time in milliseconds, a warning above."},
    HealthSetting{"queue_length_critical", &HealthSettings::queue_length_critical, "100", "1000000000", "Queued tasks, critical above."},
    HealthSetting{"queue_length_warning", &HealthSettings::queue_length_warning, "50", "1000000000", "Queued tasks, a warning above."},
    HealthSetting{"health_score_critical", &HealthSettings::health_score_critical, "50", "100", "Health score, critical below."},
    HealthSetting{"health_score_warning", &HealthSettings::health_score_warning, "80", "100", "Health score, a warning below."},
    HealthSetting{"min_samples", &HealthSettings::min_samples, "5", "1000000000",
                  "How many executions must have ended before an agent's own rates are judged."},
    HealthSetting{"success_rate_weight", &HealthSettings::success_rate_weight, "0.3", "1000", "Weight of the success rate in the score."},
    HealthSetting{"availability_weight", &HealthSettings::availability_weight, "0.25", "1000", "Weight of the agents' availability."},
    HealthSetting{"response_weight", &HealthSettings::response_weight, "0.2", "1000", "Weight of the average execution time."},
    HealthSetting{"queue_weight", &HealthSettings::queue_weight, "0.15", "1000", "Weight of the queue's length."},
    HealthSetting{"error_weight", &HealthSettings::error_weight, "0.1", "1000", "Weight of the error rate."},
};

constexpr std::array<std::string_view, 5> kKinds{"success_rate", "execution_time", "queue_length", "health_score", "agent_error"};

/// A number for a person: at most two decimals.
std::string figure(double value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

/// Sums up the components of the score.
class Score {
 public:
  void add(std::string_view name, double weight, const std::optional<double>& component, Health& health) {
    if (!component) health.no_data.push_back(name);
    sum_ += weight * component.value_or(100);
    weights_ += weight;
  }
  /// Rounded to 10⁻⁹, so that a score that is a threshold in decimals is not below it in binary.
  [[nodiscard]] double value() const { return weights_ > 0 ? std::round(sum_ / weights_ * 1e9) / 1e9 : 100; }

 private:
  double sum_ = 0;
  double weights_ = 0;
};

double share_left(double value, double most) { return 100 * std::clamp(1 - value / most, 0.0, 1.0); }

enum class Bad : std::uint8_t { kBelow, kAbove };

/// How a kind of issue is judged.
struct Rule {
  IssueKind kind;
  Bad bad;
  double critical;
  double warning;
  std::string_view what;
  std::string_view unit;
  double scale = 1;  // of the numbers in the message
};

Rule of_success(const HealthSettings& set) {
  return {IssueKind::kSuccessRate, Bad::kBelow, set.success_rate_critical, set.success_rate_warning, "success rate", " %"};
}
Rule of_time(const HealthSettings& set) {
  return {IssueKind::kExecutionTime,
          Bad::kAbove,
          set.execution_time_critical_ms,
          set.execution_time_warning_ms,
          "average execution time",
          " s",
          0.001};
}
Rule of_queue(const HealthSettings& set) {
  return {IssueKind::kQueueLength, Bad::kAbove, set.queue_length_critical, set.queue_length_warning, "queue length", ""};
}
Rule of_score(const HealthSettings& set) {
  return {IssueKind::kHealthScore, Bad::kBelow, set.health_score_critical, set.health_score_warning, "health score", ""};
}

void judge(const Rule& rule, const std::optional<double>& value, const std::optional<AgentId>& agent, std::vector<Issue>& issues) {
  if (!value) return;
  const auto breaks = [&](double threshold) { return rule.bad == Bad::kBelow ? *value < threshold : *value > threshold; };
  const bool is_critical = breaks(rule.critical);
  if (!is_critical && !breaks(rule.warning)) return;
  const double threshold = is_critical ? rule.critical : rule.warning;
  issues.push_back({is_critical ? Severity::kCritical : Severity::kWarning, rule.kind, agent, value, threshold,
                    fmt::format("{} {}{} is {} {}{}", rule.what, figure(*value * rule.scale), rule.unit,
                                rule.bad == Bad::kBelow ? "below" : "above", figure(threshold * rule.scale), rule.unit)});
}

void judge_agent(const AgentHealth& agent, const HealthSettings& set, std::vector<Issue>& issues) {
  if (static_cast<double>(agent.total) >= set.min_samples) {
    judge(of_success(set), percent_of(agent.completed, agent.total), agent.agent, issues);
    judge(of_time(set), agent.execution_time.mean(), agent.agent, issues);
  }
  if (agent.is_in_error) {
    issues.push_back({Severity::kCritical, IssueKind::kAgentError, agent.agent, std::nullopt, std::nullopt, "in status error"});
  }
}

}  // namespace

std::span<const HealthSetting> health_settings() { return kSettings; }

std::string_view text_of(Severity severity) { return severity == Severity::kCritical ? "critical" : "warning"; }
std::string_view text_of(IssueKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::optional<IssueKind> parse_issue_kind(std::string_view text) {
  const auto found = std::find(kKinds.begin(), kKinds.end(), text);
  return found == kKinds.end() ? std::nullopt : std::optional(static_cast<IssueKind>(found - kKinds.begin()));
}

std::int64_t Health::count(Severity severity) const {
  return std::count_if(issues.begin(), issues.end(), [&](const Issue& issue) { return issue.severity == severity; });
}

std::string_view Health::status() const {
  if (issues.empty()) return "healthy";
  return text_of(count(Severity::kCritical) > 0 ? Severity::kCritical : Severity::kWarning);
}

Health health_of(const HealthInputs& inputs, const HealthSettings& settings) {
  Health health;
  health.success_rate = percent_of(inputs.completed, inputs.total);
  if (inputs.availability_count > 0) health.availability = inputs.availability_sum / static_cast<double>(inputs.availability_count);
  health.execution_time_ms = inputs.execution_time.mean();
  std::optional<double> response;
  std::optional<double> queue;
  std::optional<double> length;
  std::optional<double> few_errors;
  if (health.execution_time_ms) response = share_left(*health.execution_time_ms, kSlowestMs);
  // A negative length says that tasks left the queue which were never counted.
  if (inputs.queue_is_known && inputs.queued >= 0) length = static_cast<double>(inputs.queued);
  if (length) queue = share_left(*length, kLongestQueue);
  if (const auto errors = percent_of(inputs.failed, inputs.total)) few_errors = 100 - *errors;

  Score score;
  score.add("success_rate", settings.success_rate_weight, health.success_rate, health);
  score.add("availability", settings.availability_weight, health.availability, health);
  score.add("response", settings.response_weight, response, health);
  score.add("queue", settings.queue_weight, queue, health);
  score.add("error", settings.error_weight, few_errors, health);
  health.score = score.value();

  judge(of_success(settings), health.success_rate, std::nullopt, health.issues);
  judge(of_time(settings), health.execution_time_ms, std::nullopt, health.issues);
  judge(of_queue(settings), length, std::nullopt, health.issues);
  judge(of_score(settings), health.score, std::nullopt, health.issues);
  for (const AgentHealth& agent : inputs.agents) judge_agent(agent, settings, health.issues);
  return health;
}

}  // namespace weir::rollups
