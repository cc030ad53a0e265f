#include "consumers/rollups/health_json.hpp"

namespace weir::rollups {

namespace {

void put_optional(JsonWriter& json, std::string_view name, const std::optional<double>& value) {
  if (value) json.member(name, *value);
}

}  // namespace

void put_health(JsonWriter& json, const HealthInputs& in, const Health& health) {
  json.member("overall_health_score", health.score);
  put_optional(json, "system_success_rate", health.success_rate);
  put_optional(json, "availability_percent", health.availability);
  put_optional(json, "avg_execution_time_ms", health.execution_time_ms);
  json.member("active_agents", in.active_agents).member("total_agents", in.total_agents);
  json.member("queued_tasks", in.queued).member("running_tasks", in.running);
}

void put_issue(JsonWriter& json, const Issue& issue) {
  json.begin_object().member("severity", text_of(issue.severity)).member("kind", text_of(issue.kind)).name("agent_id");
  issue.agent ? json.value(issue.agent->text()) : json.null();
  json.name("value");
  issue.value ? json.value(*issue.value) : json.null();
  json.name("threshold");
  issue.threshold ? json.value(*issue.threshold) : json.null();
  json.member("message", issue.message).end_object();
}

}  // namespace weir::rollups
