// weir offsets show | accept-gap | accept-deaths.
#include "common/cli/decision.hpp"
#include "common/core/json.hpp"
#include "operations/commands/accepted_deaths.hpp"
#include "operations/commands/commands.hpp"
#include "operations/commands/place_options.hpp"
#include "operations/commands/views.hpp"

#include <fmt/format.h>

#include <limits>

namespace weir::operations {

namespace {

constexpr std::int64_t kMostPartitions = 1'000'000;

Result<void> show_offsets(process::Context& context, const cli::Invocation& invocation) {
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir offsets"));
  const auto group = invocation.option("--group");
  const auto rows = positions(connection, group);
  if (!rows) return fail(cli::explained(rows.error()));
  const auto open = WEIR_TRY(gaps(connection, group, invocation.flag("--all")));
  cli::Table table({"group", "topic", "partition", "next_offset", "owner", "watermark", "updated_at"});
  for (const PositionRow& row : *rows) {
    table.add({row.group, row.topic, std::int64_t{row.partition}, cli::cell_of(row.next_offset), cli::cell_of(row.owner),
               cli::time_cell(row.watermark), format_instant(row.updated_at)});
  }
  if (invocation.flag("--json")) {
    std::string out;
    JsonWriter(out).begin_object().name("positions").json(table.json()).name("gaps").json(gap_table(open).json()).end_object();
    cli::print(out);
    return {};
  }
  cli::print(rows->empty() ? nothing_of(group) : table.text());
  if (!open.empty()) cli::print("\nGaps:\n" + gap_table(open).text());
  return {};
}

Result<void> accept(process::Context& context, const cli::Invocation& invocation) {
  const cli::Decision decision = WEIR_TRY(cli::decision_of(invocation));
  GapRow place;
  place.group = invocation.option("--group").value_or("");
  place.topic = invocation.option("--topic").value_or("");
  place.partition = static_cast<std::int32_t>(WEIR_TRY(invocation.whole_number("--partition", 0, 0, kMostPartitions)));
  const auto at = invocation.option("--at");
  if (at && *at != "begin" && *at != "end" && !number_of(invocation, "--at")) {
    return fail(FaultKind::kUsage, fmt::format("--at {}: is neither begin, end nor an offset", *at));
  }
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir offsets"));
  const auto accepted = accept_gap(connection, place, {at.value_or("")}, decision.by, decision.why);
  if (!accepted) return fail(cli::explained(accepted.error()));
  if (invocation.flag("--json")) {
    cli::print(gap_table({accepted->gap}).json());
  } else {
    cli::print(fmt::format("accepted: {} goes on in {} partition {} at offset {} ({}, {} records lost)", place.group, place.topic,
                           place.partition, accepted->next_offset, accepted->gap.kind, accepted->gap.lost()));
  }
  return {};
}

Result<void> accept_dying(process::Context& context, const cli::Invocation& invocation) {
  const cli::Decision decision = WEIR_TRY(cli::decision_of(invocation));
  AcceptedDeaths deaths;
  deaths.group = invocation.option("--group").value_or("");
  deaths.topic = invocation.option("--topic").value_or("");
  deaths.reason = invocation.option("--reason").value_or("");
  deaths.path = invocation.option("--path").value_or("");
  deaths.until = WEIR_TRY(invocation.whole_number("--until", 0, 1, std::numeric_limits<std::int64_t>::max()));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir offsets"));
  const auto records = accept_deaths(connection, deaths, decision.by, decision.why);
  if (!records) return fail(cli::explained(records.error()));
  if (invocation.flag("--json")) {
    cli::Table table({"group", "topic", "reason", "path", "until", "records"});
    table.add({deaths.group, deaths.topic, deaths.reason, deaths.path, deaths.until, *records});
    cli::print(table.json());
  } else {
    cli::print(
        fmt::format("accepted: what dies for {} {} below offset {} of {} becomes a dead letter of {}, at most {} records; start {} again",
                    deaths.reason, deaths.path, deaths.until, deaths.topic, deaths.group, *records, deaths.group));
  }
  return {};
}

}  // namespace

cli::Command offsets_show_command() {
  cli::Command command;
  command.path = "offsets show";
  command.help = "List the position of each group in each partition, and the gaps that wait for you.";
  command.examples = {"weir offsets show", "weir offsets show --group weir.rollups --all --json"};
  command.options = {group_option("This group only."), {.name = "--all", .help = "Gaps that were accepted, too."}, cli::json_option()};
  command.required = {"postgres.dsn"};
  command.run = show_offsets;
  return command;
}

cli::Command offsets_accept_gap_command() {
  cli::Command command;
  command.path = "offsets accept-gap";
  command.help = "Move a group past a gap in a partition: the records in the gap are not read. Who did it, when and why is kept.";
  command.examples = {
      "weir offsets accept-gap --group weir.rollups --topic weir.actions.v1 --partition 3 --why 'retention was too short, see INC-7'",
      "weir offsets accept-gap --group weir.rollups --topic weir.actions.v1 --partition 3 --at begin --why 'the broker lost its disk'"};
  command.options = {required(group_option("The consumer group.")),
                     required(topic_option("The topic.")),
                     required(partition_option("The partition.")),
                     cli::why_option("Why it is accepted."),
                     {.name = "--at",
                      .placeholder = "OFFSET",
                      .help = "Where to go on: begin, end or an offset; needed where the log was cut below the position."},
                     cli::by_option(),
                     cli::json_option()};
  command.required = {"postgres.dsn"};
  command.run = accept;
  return command;
}

cli::Command offsets_accept_deaths_command() {
  cli::Command command;
  command.path = "offsets accept-deaths";
  command.help =
      "Let a group go on that stopped because too many records died for one reason: these records become dead letters. Who did it, when "
      "and why is "
      "kept.";
  command.examples = {
      "weir offsets accept-deaths --group weir.rollups --topic weir.cdc.public.agent_executions --reason missing_field --path "
      "/after/status "
      "--until 120000 --why 'written by a release that was taken back, see INC-9'"};
  command.options = {
      required(group_option("The consumer group.")),
      required(topic_option("The topic.")),
      {.name = "--reason", .placeholder = "REASON", .help = "The reason for which they die, as the group's fault says.", .required = true},
      {.name = "--path",
       .placeholder = "POINTER",
       .help = "The path in the record, as the group's fault says; may be empty.",
       .may_be_empty = true},
      {.name = "--until",
       .placeholder = "OFFSET",
       .help = "Only records below this offset of their partition; weir lag shows the ends of the logs.",
       .required = true},
      cli::why_option("Why it is accepted."),
      cli::by_option(),
      cli::json_option()};
  command.required = {"postgres.dsn"};
  command.run = accept_dying;
  return command;
}

}  // namespace weir::operations
