#include "consumers/rollups/thresholds_commands.hpp"

#include "common/cli/decision.hpp"
#include "common/cli/operator_action.hpp"
#include "common/cli/view.hpp"
#include "common/core/json.hpp"
#include "consumers/rollups/component.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace weir::rollups {

namespace {

using cli::Invocation;
using postgres::Params;

/// $1: null: of every organization.
constexpr const char* kShow = R"(
SELECT organization_id::text, name, value, updated_at
  FROM weir.health_settings
 WHERE $1::uuid IS NULL OR organization_id = $1
 ORDER BY organization_id, name)";

constexpr const char* kSet = R"(
INSERT INTO weir.health_settings (organization_id, name, value) VALUES ($1, $2, $3)
ON CONFLICT (organization_id, name) DO UPDATE SET value = excluded.value)";
constexpr const char* kReset = "DELETE FROM weir.health_settings WHERE organization_id = $1 AND name = $2";

constexpr std::string_view kForeignKeyViolation = "23503";

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

Result<const HealthSetting*> setting_named(std::string_view name) {
  const auto found = std::ranges::find(health_settings(), name, &HealthSetting::name);
  if (found != health_settings().end()) return &*found;
  std::vector<std::string_view> names;
  for (const HealthSetting& setting : health_settings()) names.push_back(setting.name);
  return fail(FaultKind::kUsage, fmt::format("there is no threshold {}; there are {}", name, fmt::join(names, ", ")));
}

Result<void> show(process::Context& context, const Invocation& invocation) {
  const auto organization = WEIR_TRY(invocation.uuid("--organization"));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir rollups"));
  const auto rows = connection.query("rollups_show_thresholds", kShow, Params{}.add(organization));
  if (!rows) return fail(cli::explained(rows.error()));
  const HealthSettings configured = options_from(context.configuration).health;
  cli::Table table({"organization", "name", "value", "updated_at"});
  for (const HealthSetting& setting : health_settings()) {
    table.add({"", std::string(setting.name), fmt::format("{}", configured.*setting.value), ""});
  }
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto row = (*rows)[i];
    table.add(
        {row.get<std::string>(0), row.get<std::string>(1), fmt::format("{}", row.get<double>(2)), format_instant(row.get<Instant>(3))});
  }
  cli::show(table, invocation);
  return {};
}

Result<void> set(process::Context& context, const Invocation& invocation) {
  if (invocation.arguments.size() != 2) return fail(FaultKind::kUsage, "name a threshold and its value: queue_length_warning 80");
  const HealthSetting& setting = *WEIR_TRY(setting_named(invocation.arguments[0]));
  const bool is_reset = invocation.arguments[1] == "default";
  const auto value = number_of(invocation.arguments[1]);
  const double highest = *number_of(setting.highest);
  if (!is_reset && !(value && *value >= 0 && *value <= highest))
    return fail(FaultKind::kUsage, fmt::format("{} is a number from 0 to {}, or default", setting.name, setting.highest));
  const auto organization = WEIR_TRY(invocation.uuid("--organization"));
  const cli::Decision decision = WEIR_TRY(cli::decision_of(invocation));
  std::string filter;
  JsonWriter json(filter);
  json.begin_object().member("organization", organization->text()).member("name", setting.name).member("value", invocation.arguments[1]);
  json.end_object();
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir rollups"));
  const auto done = connection.within_transaction([&]() -> Result<void> {
    const auto of = [&] { return Params{}.add(*organization).add(setting.name); };
    const auto changed = is_reset ? WEIR_TRY(connection.execute("rollups_reset_threshold", kReset, of()))
                                  : WEIR_TRY(connection.execute("rollups_set_threshold", kSet, of().add(*value)));
    WEIR_TRY(cli::note_action(connection, {.command = "rollups thresholds set",
                                           .filter = filter,
                                           .counts = cli::counts_of("settings", static_cast<std::int64_t>(changed)),
                                           .by = decision.by,
                                           .why = decision.why}));
    return {};
  });
  if (!done && done.error().sqlstate == kForeignKeyViolation)
    return fail(FaultKind::kData, "there is no organization " + organization->text());
  if (!done) return fail(cli::explained(done.error()));
  cli::print(is_reset ? fmt::format("{} is that of the configuration, for windows that are computed from now on", setting.name)
                      : fmt::format("{} is {}, for windows that are computed from now on", setting.name, *value));
  return {};
}

}  // namespace

std::vector<cli::Command> thresholds_commands() {
  cli::Command shows;
  shows.path = "rollups thresholds show";
  shows.help = "List the thresholds and weights of health: those of the configuration, then those that organizations have of their own.";
  shows.examples = {"weir rollups thresholds show",
                    "weir rollups thresholds show --organization 7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f --json"};
  shows.options = {{.name = "--organization", .placeholder = "UUID", .help = "Only this organization's own."}, cli::json_option()};
  shows.required = {"postgres.dsn"};
  shows.run = show;

  cli::Command sets;
  sets.path = "rollups thresholds set";
  sets.help =
      "Set a threshold or weight of one organization, or go back to that of the configuration: NAME VALUE, or NAME default. It counts for "
      "windows that are computed from then on. For all organizations set consumers.rollups.health.NAME.";
  sets.examples = {
      "weir rollups thresholds set queue_length_warning 80 --organization 7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f --why 'their nights are "
      "long'"};
  sets.arguments = "NAME VALUE";
  sets.options = {{.name = "--organization", .placeholder = "UUID", .help = "Whose it is.", .required = true},
                  cli::why_option("Why; kept in weir.operator_actions."),
                  cli::by_option()};
  sets.required = {"postgres.dsn"};
  sets.run = set;
  return {std::move(shows), std::move(sets)};
}

}  // namespace weir::rollups
