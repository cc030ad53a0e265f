// weir lag: how far each group is behind, from the positions in Postgres and the logs in Kafka.
#include "common/process/services.hpp"
#include "operations/commands/commands.hpp"
#include "operations/commands/lag.hpp"
#include "operations/commands/pauses_store.hpp"
#include "operations/commands/place_options.hpp"
#include "operations/commands/views.hpp"

#include <algorithm>

namespace weir::operations {

namespace {

constexpr Milliseconds kPatience{10'000};

Result<void> show_lag(process::Context& context, const cli::Invocation& invocation) {
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir lag"));
  const auto found = positions(connection, invocation.option("--group"));
  if (!found) return fail(cli::explained(found.error()));
  const auto held = WEIR_TRY(pauses(connection));
  const auto is_paused = [&held](const PositionRow& at) {
    return std::any_of(held.begin(), held.end(), [&at](const PauseRow& row) { return row.covers(at.group, at.topic, at.partition); });
  };
  const auto settings = process::kafka_settings(context.configuration, "weir-lag");
  WEIR_TRY(WEIR_TRY(kafka::Admin::open(settings))->ping(kPatience));
  const auto probe = WEIR_TRY(kafka::LogProbe::open(settings, kPatience));
  const Lag lag = lag_of(*probe, *found, context.clock);
  cli::Table table({"group", "topic", "partition", "next_offset", "log_end", "lag", "seconds", "owner", "paused"});
  std::int64_t total = 0;
  for (const LagRow& row : lag.rows) {
    total += row.records;
    table.add({row.position.group, row.position.topic, std::int64_t{row.position.partition}, cli::cell_of(row.position.next_offset),
               row.log ? cli::Cell(row.log->end) : cli::Cell(), row.log ? cli::Cell(row.records) : cli::Cell(), cli::cell_of(row.seconds),
               cli::cell_of(row.position.owner), is_paused(row.position)});
  }
  if (lag.rows.empty() && !invocation.flag("--json")) {
    cli::print(nothing_of(invocation.option("--group")));
    return {};
  }
  cli::show(table, invocation);
  if (!invocation.flag("--json")) cli::print("total " + std::to_string(total) + (lag.fault ? ", as far as logs are known" : ""));
  if (lag.fault) return fail(*lag.fault);
  return {};
}

}  // namespace

cli::Command lag_command() {
  cli::Command command;
  command.path = "lag";
  command.help =
      "Show how many records each group has yet to take in each partition, the age of the oldest, who owns it, and whether it is paused.";
  command.examples = {"weir lag", "weir lag --group weir.rollups", "weir lag --json"};
  command.options = {group_option("This group only."), cli::json_option()};
  command.required = {"postgres.dsn"};
  command.run = show_lag;
  return command;
}

}  // namespace weir::operations
