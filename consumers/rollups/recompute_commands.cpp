#include "consumers/rollups/recompute_commands.hpp"

#include "common/cli/decision.hpp"
#include "common/cli/operator_action.hpp"
#include "common/cli/time_range.hpp"
#include "common/cli/view.hpp"
#include "common/core/json.hpp"
#include "consumers/rollups/component.hpp"
#include "consumers/rollups/recompute_loop.hpp"
#include "consumers/rollups/verification.hpp"

#include <fmt/format.h>

namespace weir::rollups {

namespace {

using cli::Invocation;
using postgres::Params;

constexpr const char* kWish = R"(
INSERT INTO weir.recompute_wishes (group_id, organization_id, window_from, window_until) VALUES ($1, $2, $3, $4))";

constexpr const char* kPause = "UPDATE weir.rollup_progress SET recompute_paused = true, recompute_fault = $2 WHERE group_id = $1";
constexpr const char* kResume = "UPDATE weir.rollup_progress SET recompute_paused = false, recompute_fault = NULL WHERE group_id = $1";
constexpr const char* kForgetServers = "DELETE FROM weir.recompute_sources WHERE group_id = $1";

/// Does `work` and notes who decided it, in one transaction.
Result<void> decide(process::Context& context, const Invocation& invocation, std::string_view command, const std::string& filter,
                    const std::function<Result<void>(postgres::Connection&, const std::string&)>& work) {
  const cli::Decision decision = WEIR_TRY(cli::decision_of(invocation));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir rollups"));
  const auto done = connection.within_transaction([&]() -> Result<void> {
    WEIR_TRY(work(connection, options_from(context.configuration).group));
    WEIR_TRY(cli::note_action(connection, {.command = std::string(command), .filter = filter, .by = decision.by, .why = decision.why}));
    return {};
  });
  if (!done) return fail(cli::explained(done.error()));
  return {};
}

Result<void> recompute(process::Context& context, const Invocation& invocation) {
  const cli::TimeRange range = WEIR_TRY(cli::time_range(invocation));
  const auto organization = WEIR_TRY(invocation.uuid("--organization"));
  if (sources_from(context.configuration).empty())
    return fail(FaultKind::kConfiguration, "no source is configured, so nothing can be recomputed",
                "set consumers.rollups.sources.NAME.dsn for each source, here and where weir rollups runs");
  std::string filter;
  JsonWriter json(filter);
  json.begin_object().member("from", format_instant(range.from)).member("to", format_instant(range.to));
  if (organization) json.member("organization", organization->text());
  json.end_object();
  WEIR_TRY(decide(
      context, invocation, "rollups recompute", filter, [&](postgres::Connection& connection, const std::string& group) -> Result<void> {
        WEIR_TRY(connection.execute("rollups_wish", kWish, Params{}.add(group).add(organization).add(range.from).add(range.to)));
        return {};
      }));
  cli::print("weir rollups recomputes these windows as far as they are closed and kept, the newest day first");
  return {};
}

Result<void> pause(process::Context& context, const Invocation& invocation) {
  const std::string why = "paused by " + cli::decider_of(invocation);
  WEIR_TRY(
      decide(context, invocation, "rollups pause", "{}", [&](postgres::Connection& connection, const std::string& group) -> Result<void> {
        if (WEIR_TRY(connection.execute("rollups_pause", kPause, Params{}.add(group).add(why))) > 0) return {};
        return fail(FaultKind::kData, "the group has not begun");
      }));
  cli::print("recomputation is paused; the group goes on");
  return {};
}

Result<void> resume(process::Context& context, const Invocation& invocation) {
  WEIR_TRY(
      decide(context, invocation, "rollups resume", "{}", [&](postgres::Connection& connection, const std::string& group) -> Result<void> {
        WEIR_TRY(connection.execute("rollups_resume", kResume, Params{}.add(group)));
        // The operator says that the configured servers are the right ones.
        WEIR_TRY(connection.execute("rollups_forget_servers", kForgetServers, Params{}.add(group)));
        return {};
      }));
  cli::print("recomputation goes on, from the servers that are configured now");
  return {};
}

Result<void> verify(process::Context& context, const Invocation& invocation) {
  const cli::TimeRange range = WEIR_TRY(cli::time_range(invocation));
  const auto organization = WEIR_TRY(invocation.uuid("--organization"));
  const std::int64_t patience = WEIR_TRY(invocation.whole_number("--patience", 30, 0, 3'600));
  RecomputeOptions options = recompute_options_from(context.configuration);
  if (options.sources.empty())
    return fail(FaultKind::kConfiguration, "no source is configured to compare with",
                "set consumers.rollups.sources.NAME.dsn for each source");
  const auto only = organization ? std::optional(OrganizationId{*organization}) : std::nullopt;
  // A group that is about to read a change differs for a moment.
  const SteadyInstant until = context.clock.steady() + Seconds{patience};
  auto found = verify_windows(options, {range.from, range.to}, only);
  while (found && !found->differences.empty() && context.clock.steady() < until) {
    if (context.stop.wait(Milliseconds{1'000})) break;
    found = verify_windows(options, {range.from, range.to}, only);
  }
  if (!found) return fail(cli::explained(found.error()));
  cli::Table table({"organization", "agent", "window", "column", "source", "window_has"});
  for (const Difference& one : found->differences) {
    table.add(
        {one.window.organization.text(), one.window.agent.text(), format_instant(one.window.start), one.column, one.expected, one.found});
  }
  cli::show(table, invocation);
  if (found->differences.empty()) return {};
  return fail(FaultKind::kData, fmt::format("{} values differ from their source", found->differences.size()),
              "where the group has read all changes, run: weir rollups recompute");
}

std::vector<cli::Option> range_options() {
  return {{.name = "--from",
           .placeholder = "TIME",
           .help = "The first window: 2026-11-18, or with a time 2026-11-18T12:00:00Z.",
           .required = true},
          {.name = "--to", .placeholder = "TIME", .help = "The end of the last window.", .required = true},
          {.name = "--organization", .placeholder = "UUID", .help = "Only this organization's windows."}};
}

cli::Command command_of(std::string path, std::string help, std::vector<std::string> examples, std::vector<cli::Option> options,
                        Result<void> (*run)(process::Context&, const Invocation&)) {
  cli::Command command;
  command.path = std::move(path);
  command.help = std::move(help);
  command.examples = std::move(examples);
  command.options = std::move(options);
  command.run = run;
  return command;
}

std::vector<cli::Option> deciding(std::vector<cli::Option> options, std::string why) {
  options.push_back(cli::why_option(std::move(why)));
  options.push_back(cli::by_option());
  return options;
}

}  // namespace

std::vector<cli::Command> recompute_commands() {
  std::vector<cli::Option> comparing = range_options();
  comparing.push_back(
      {.name = "--patience", .placeholder = "SECONDS", .help = "How long a difference may last before it is told; 30 by default."});
  comparing.push_back(cli::json_option());
  return {
      command_of(
          "rollups recompute",
          "Have windows of agent_metrics computed anew from the rows of their sources, by the running weir rollups and beside its work. "
          "Rows that are right stay as they are.",
          {"weir rollups recompute --from 2026-11-01 --to 2026-11-18 --why 'restored a backup'"},
          deciding(range_options(), "Why; kept in weir.operator_actions."), recompute),
      command_of("rollups verify", "Compare windows of agent_metrics with the rows of their sources, and print what differs (exit 65).",
                 {"weir rollups verify --from 2026-11-17 --to 2026-11-18"}, comparing, verify),
      command_of("rollups pause", "Stop recomputation. The group itself goes on.", {"weir rollups pause --why 'the source is busy'"},
                 deciding({}, "Why; kept in weir.operator_actions."), pause),
      command_of(
          "rollups resume",
          "Let recomputation go on, also where it stopped because a source turned out to be another server: the configured ones are right.",
          {"weir rollups resume --why 'the source was moved to db2'"}, deciding({}, "Why; kept in weir.operator_actions."), resume)};
}

}  // namespace weir::rollups
