// weir offsets show | accept-gap.
#include "operations/commands/commands.hpp"
#include "operations/commands/operator_action.hpp"
#include "operations/commands/views.hpp"

#include <fmt/format.h>

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
    cli::print(fmt::format("{{\"positions\": {},\n\"gaps\": {}}}", table.json(), gap_table(open).json()));
    return {};
  }
  cli::print(table.text());
  if (!open.empty()) cli::print("\nGaps:\n" + gap_table(open).text());
  return {};
}

Result<void> accept(process::Context& context, const cli::Invocation& invocation) {
  const std::string reason = invocation.option("--reason").value_or("");
  if (reason.empty()) return fail(FaultKind::kUsage, "--reason: must say why the gap is accepted");
  GapRow place;
  place.group = invocation.option("--group").value_or("");
  place.topic = invocation.option("--topic").value_or("");
  place.partition = static_cast<std::int32_t>(WEIR_TRY(invocation.whole_number("--partition", 0, 0, kMostPartitions)));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir offsets"));
  const auto accepted =
      accept_gap(connection, place, {invocation.option("--at").value_or("")}, invocation.option("--by").value_or(operating_user()), reason);
  if (!accepted) return fail(cli::explained(accepted.error()));
  if (invocation.flag("--json")) {
    cli::print(gap_table({accepted->gap}).json());
  } else {
    cli::print(fmt::format("accepted: {} goes on in {} partition {} at offset {} ({}, {} records lost)", place.group, place.topic,
                           place.partition, accepted->next_offset, accepted->gap.kind, accepted->gap.lost()));
  }
  return {};
}

}  // namespace

cli::Command offsets_show_command() {
  cli::Command command;
  command.path = "offsets show";
  command.help = "List the position of each group in each partition, and the gaps that wait for you.";
  command.examples = {"weir offsets show", "weir offsets show --group weir.rollups --all --json"};
  command.options = {{.name = "--group", .placeholder = "GROUP", .help = "This group only."},
                     {.name = "--all", .help = "Gaps that were accepted, too."},
                     cli::json_option()};
  command.required = {"postgres.dsn"};
  command.run = show_offsets;
  return command;
}

cli::Command offsets_accept_gap_command() {
  cli::Command command;
  command.path = "offsets accept-gap";
  command.help = "Move a group past a gap in a partition: what lies in it is not read. Who did it, when and why is kept.";
  command.examples = {
      "weir offsets accept-gap --group weir.rollups --topic weir.actions.v1 --partition 3 --reason 'retention was too short, see INC-7'",
      "weir offsets accept-gap --group weir.rollups --topic weir.actions.v1 --partition 3 --at begin --reason 'the broker lost its disk'"};
  command.options = {{.name = "--group", .placeholder = "GROUP", .help = "The consumer group.", .required = true},
                     {.name = "--topic", .placeholder = "TOPIC", .help = "The topic.", .required = true},
                     {.name = "--partition", .placeholder = "NUMBER", .help = "The partition.", .required = true},
                     {.name = "--reason", .placeholder = "TEXT", .help = "Why it is accepted.", .required = true},
                     {.name = "--at",
                      .placeholder = "OFFSET",
                      .help = "Where to go on: begin, end or an offset; needed where the log was cut below the position."},
                     {.name = "--by", .placeholder = "NAME", .help = "Who accepts it; without it the operating system's user."},
                     cli::json_option()};
  command.required = {"postgres.dsn"};
  command.run = accept;
  return command;
}

}  // namespace weir::operations
