#include "consumers/notifications/templates_commands.hpp"

#include "common/cli/view.hpp"
#include "consumers/notifications/settings_store.hpp"
#include "consumers/notifications/test_command.hpp"

#include <fmt/format.h>

namespace weir::notifications {

namespace {

using cli::Invocation;

/// Fault kPgRefused where row security would hide the rows.
Result<postgres::Connection> connect(const process::Context& context) {
  return cli::connect_to_read(
      context, "weir templates",
      {{"public", "notification_templates"}, {"public", "notification_rules"}, {"public", "notification_channels"}});
}

Result<void> check(process::Context& context, const Invocation&) {
  auto connection = WEIR_TRY(connect(context));
  const auto stored = read_settings(connection);
  if (!stored) return fail(cli::explained(stored.error()));
  std::vector<SettingFault> faults = stored->faults;
  const auto lacking = find_rules_without_template(connection);
  if (!lacking) return fail(lacking.error());
  faults.insert(faults.end(), lacking->begin(), lacking->end());
  for (const SettingFault& each : faults) fmt::print(stderr, "{}: {}\n", each.what, each.fault);
  if (!faults.empty()) return fail(FaultKind::kData, fmt::format("{} {}", faults.size(), faults.size() == 1 ? "fault" : "faults"));
  cli::print("no template and no rule has a fault");
  return {};
}

/// The template that the command names, or a fault that says that there is none.
Result<const Template*> named(const MessageSettings& settings, const Invocation& invocation) {
  const auto channel = channel_named(invocation.option("--channel").value_or("in_app"));
  if (!channel) return fail(FaultKind::kUsage, "--channel " + *invocation.option("--channel") + ": is no channel");
  const std::string locale = invocation.option("--locale").value_or("en");
  const auto organization = WEIR_TRY(invocation.uuid("--organization"));
  const std::string& key = invocation.arguments.front();
  const Template* const found = settings.templates.find(OrganizationId{organization.value_or(Uuid{})}, key, *channel, locale);
  if (found != nullptr) return found;
  return fail(FaultKind::kData, fmt::format("there is no usable template {} for {}", key, name_of(*channel)),
              "weir templates check lists the templates that have a fault");
}

Result<void> render(process::Context& context, const Invocation& invocation) {
  if (invocation.arguments.size() != 1) return fail(FaultKind::kUsage, "name one template: weir templates render task.completed");
  auto connection = WEIR_TRY(connect(context));
  const auto stored = read_settings(connection);
  if (!stored) return fail(cli::explained(stored.error()));
  const Template* const found = WEIR_TRY(named(stored->settings, invocation));
  Variables variables = found->sample();
  if (const auto given = invocation.option("--variables")) {
    auto read = read_variables(*given);
    if (!read) return fail(FaultKind::kUsage, "--variables: is no JSON object");
    variables = *std::move(read);
  }
  const auto texts = found->fill(std::move(variables));
  if (!texts) return fail(FaultKind::kData, described(found->row()) + ": " + texts.error());
  if (invocation.flag("--json")) {
    cli::Table table({"template", "subject", "body"});
    table.add({described(found->row()), texts->subject, texts->body});
    cli::show(table, invocation);
    return {};
  }
  cli::print(texts->subject + "\n\n" + texts->body);
  return {};
}

}  // namespace

std::vector<cli::Command> templates_commands() {
  cli::Command judge;
  judge.path = "templates check";
  judge.help =
      "Check every active template and every rule of notifications in the database: tags, sections, JSON where the channel takes JSON, the "
      "channel's size, conditions, and whether each rule has a template for each of its channels.";
  judge.examples = {"weir templates check"};
  judge.required = {"postgres.dsn"};
  judge.run = check;

  cli::Command fill;
  fill.path = "templates render";
  fill.help = "Fill a template and print subject and body, as the channel would get them; without variables each says its name.";
  fill.examples = {"weir templates render task.failed",
                   "weir templates render task.failed --channel email --variables '{\"type\": \"essay\", \"errorMessage\": \"<none>\"}'"};
  fill.arguments = "TEMPLATE";
  fill.options = {{.name = "--channel",
                   .placeholder = "CHANNEL",
                   .help = "pusher, email, push, slack, webhook, in_app or dashboard; in_app unless told."},
                  {.name = "--locale", .placeholder = "TAG", .help = "The reader's language, de-CH for example; en unless told."},
                  {.name = "--organization", .placeholder = "UUID", .help = "Whose templates come before those of the library."},
                  {.name = "--variables", .placeholder = "JSON", .help = "An object of values."},
                  cli::json_option()};
  fill.required = {"postgres.dsn"};
  fill.run = render;
  return {std::move(judge), std::move(fill), test_command()};
}

cli::Group templates_group() { return {"templates", "Texts of notifications: check them, and see what they say."}; }

}  // namespace weir::notifications
