// States the configuration of rollups; the code that runs a consumer is common to all.
#include "consumers/rollups/component.hpp"

#include "common/core/json.hpp"
#include "common/host/consumer_host.hpp"
#include "consumers/rollups/recompute_loop.hpp"
#include "consumers/rollups/result_checks.hpp"
#include "consumers/rollups/traces.hpp"
#include "consumers/rollups/verification.hpp"

namespace weir::rollups {

namespace {

using config::Field;
using config::Type;

constexpr std::string_view kHealth = "consumers.rollups.health.";

std::vector<Field> health_fields() {
  std::vector<Field> fields;
  for (const HealthSetting& setting : health_settings()) {
    fields.push_back({.key = std::string(kHealth) + std::string(setting.name),
                      .type = Type::kReal,
                      .help = std::string(setting.help),
                      .fallback = std::string(setting.fallback),
                      .minimum = "0",
                      .maximum = std::string(setting.highest)});
  }
  return fields;
}

std::vector<Field> window_fields() {
  return {
      {.key = "consumers.rollups.allowed_lateness",
       .type = Type::kDuration,
       .help = "A window is final once the watermark has passed its end by this time; later events correct it.",
       .fallback = "2m",
       .minimum = "0s",
       .maximum = "1d"},
      {.key = "consumers.rollups.retention",
       .type = Type::kDuration,
       .help = "Rows of 5-minute windows are kept for this long, and dropped by whole days. An execution or action that is older than this "
               "when "
               "it is recorded is not counted.",
       .fallback = "30d",
       .minimum = "1h",
       .maximum = "365d"},
      {.key = "consumers.rollups.retention_hourly",
       .type = Type::kDuration,
       .help = "Rows of hours are kept for this long. They are dropped by whole months, each once it is older than this.",
       .fallback = "396d",
       .minimum = "1d",
       .maximum = "3660d"},
      {.key = "consumers.rollups.retention_daily",
       .type = Type::kDuration,
       .help = "Rows of days are kept for this long. They are dropped by whole years, each once it is older than this.",
       .fallback = "1827d",
       .minimum = "1d",
       .maximum = "36600d"},
      {.key = "consumers.rollups.max_future",
       .type = Type::kDuration,
       .help = "An event whose time lies further than this after its record's time is a dead letter.",
       .fallback = "10m",
       .minimum = "0s",
       .maximum = "1d"},
      {.key = "consumers.rollups.derive_interval",
       .type = Type::kDuration,
       .help =
           "How often what is derived of metrics (health, hours, trends) is computed while windows are open; closing computes it at once.",
       .fallback = "5s",
       .minimum = "0s",
       .maximum = "5m"},
      {.key = "consumers.rollups.topic_prefix",
       .type = Type::kText,
       .help = "Changes are read from PREFIX.public.agent_executions, agent_instances and agent_task_queue, and notices of left-out "
               "changes from PREFIX.message.",
       .fallback = "weir.cdc"},
      {.key = "consumers.rollups.publish_finals",
       .type = Type::kBoolean,
       .help =
           "Tell others, by events of the outbox of type agent_metrics, which rows of agent_metrics became final and which final ones were "
           "corrected.",
       .fallback = "false"},
      {.key = "consumers.rollups.actions_topic",
       .type = Type::kText,
       .help = "The topic of users' actions.",
       .fallback = "weir.actions.v1"},
  };
}

std::vector<Field> fields() {
  std::vector<Field> all = window_fields();
  for (const auto& part : {health_fields(), recompute_fields()}) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

Options options_from(const config::Configuration& configuration) {
  Options options;
  const std::string prefix = configuration.text("consumers.rollups.topic_prefix");
  options.topics = {prefix + ".public.agent_executions", prefix + ".public.agent_instances", prefix + ".public.agent_task_queue",
                    configuration.text("consumers.rollups.actions_topic"), prefix + ".message"};
  options.flush = host::flush_limits(configuration, "rollups");
  options.closing.allowed_lateness = configuration.duration("consumers.rollups.allowed_lateness");
  options.closing.publish_finals = configuration.boolean("consumers.rollups.publish_finals");
  options.deriving.interval = configuration.duration("consumers.rollups.derive_interval");
  options.deriving.retention = configuration.duration("consumers.rollups.retention");
  for (const HealthSetting& setting : health_settings()) {
    options.health.*setting.value = configuration.real(std::string(kHealth) + std::string(setting.name));
  }
  options.cached_rows /= static_cast<std::size_t>(configuration.integer("consumers.rollups.lanes"));  // each lane has its own
  options.times = {configuration.duration("consumers.rollups.retention"), configuration.duration("consumers.rollups.max_future")};
  options.retention.kept = {options.times.retention, configuration.duration("consumers.rollups.retention_hourly"),
                            configuration.duration("consumers.rollups.retention_daily")};
  return options;
}

namespace {

process::Findings check_retention(const config::Configuration& configuration) {
  const Retention kept = options_from(configuration).retention.kept;
  if (kept.windows <= kept.hours && kept.hours <= kept.days) return {process::fine("rollups retention", "coarser rows are kept longer")};
  return {process::warn("rollups retention", "coarser rows are kept for a shorter time than those that they are made of",
                        "raise consumers.rollups.retention_hourly or consumers.rollups.retention_daily")};
}

std::string key_of(const WindowKey& window) {
  std::string key;
  JsonWriter json(key);
  json.begin_object().member("organization_id", window.organization.text()).member("agent_id", window.agent.text());
  json.member("window_start", format_instant(window.start)).end_object();
  return key;
}

/// As weir rollups verify, by the connections of the configuration.
Result<void> verify(process::Context& context, postgres::Statements&, const process::Period& period, process::ResultDifferences& found) {
  const RecomputeOptions options = recompute_options_from(context.configuration);
  if (options.sources.empty()) {
    found.not_asked("windows: consumers.rollups.sources names no source to compare them with");
    return {};
  }
  const WindowsVerified verified = WEIR_TRY(verify_windows(options, {period.from, period.to}, std::nullopt));
  found.compared("public.agent_metrics", verified.windows);
  for (const Difference& one : verified.differences) {
    found.add({"public.agent_metrics", key_of(one.window), one.column, one.found, one.expected});
  }
  return {};
}

}  // namespace

process::Component rollups_component() {
  using process::TableUse;
  return host::consumer_component(
      {.name = "rollups",
       .help = "Keep 5-minute metrics of agents and engagement of users, from changes and actions.",
       .fields = fields(),
       .tables = {{"public.agent_instances", TableUse::kFollowsWhole},  {"public.agent_executions", TableUse::kFollowsWhole},
                  {"public.agent_task_queue", TableUse::kFollowsWhole}, {"public.agent_metrics", TableUse::kWrites},
                  {"public.engagement_rollups", TableUse::kWrites},     {"weir.agent_lifetimes", TableUse::kWrites},
                  {"weir.agent_status_history", TableUse::kWrites},     {"weir.user_first_seen", TableUse::kWrites},
                  {"weir.window_changes", TableUse::kWrites},           {"weir.queue_deltas", TableUse::kWrites},
                  {"weir.standing_deltas", TableUse::kWrites},          {"public.system_health", TableUse::kWrites},
                  {"weir.system_health_total", TableUse::kWrites},      {"public.alerts", TableUse::kWrites},
                  {"weir.alert_progress", TableUse::kWrites},           {"weir.rollup_progress", TableUse::kWrites},
                  {"weir.diverged_executions", TableUse::kWrites},      {"weir.superseding_changes", TableUse::kWrites},
                  {"public.agent_metrics_1h", TableUse::kWrites},       {"public.agent_metrics_1d", TableUse::kWrites},
                  {"public.engagement_rollups_1h", TableUse::kWrites},  {"public.engagement_rollups_1d", TableUse::kWrites},
                  {"public.system_health_1h", TableUse::kWrites},       {"public.system_health_1d", TableUse::kWrites},
                  {"public.metric_trends", TableUse::kWrites},          {"public.queue_forecasts", TableUse::kWrites},
                  {"weir.recomputations", TableUse::kWrites},           {"weir.recompute_witnesses", TableUse::kWrites}},
       .takes = process::EventTimes{.topic = "consumers.rollups.actions_topic",
                                    .max_age = "consumers.rollups.retention",
                                    .max_future = "consumers.rollups.max_future"},
       .rereading = {.instead = "weir rollups recompute --from TIME --to TIME computes windows anew from their sources; records that are "
                                "read again would be counted twice"},
       .results = result_checks(),
       .describe = [](const config::Configuration& configuration) { return description_of(options_from(configuration)); },
       .make = [](const config::Configuration& configuration) -> host::MakeConsumer {
         return [options = options_from(configuration)] { return std::make_unique<RollupsConsumer>(options); };
       },
       .beside = [](const process::Context&) { return std::vector{recompute_loop()}; },
       .check = check_retention,
       .has_made = [](const config::Configuration& configuration, postgres::Statements& connection,
                      const runtime::Event& event) { return results_of(options_from(configuration), connection, event); },
       .origin = [](const config::Configuration& configuration, postgres::Statements& connection,
                    const process::RowToTrace& asked) { return origin_of(options_from(configuration), connection, asked); },
       .verifies = verify});
}

}  // namespace weir::rollups
