// weir status: the groups with their outcomes, the gaps that wait, and the replication slots.
#include "common/core/json.hpp"
#include "operations/commands/commands.hpp"
#include "operations/commands/pauses_store.hpp"
#include "operations/commands/views.hpp"

#include <fmt/format.h>

namespace weir::operations {

namespace {

cli::Table group_table(const std::vector<GroupRow>& groups) {
  cli::Table table({"group", "partitions", "owned", "paused", "records", "done", "skipped", "dead", "parked", "re_sent",
                    "open_dead_letters", "open_gaps", "watermark"});
  for (const GroupRow& row : groups) {
    const std::int64_t records = row.done + row.skipped + row.dead + row.parked + row.re_sent;
    table.add({row.group, row.partitions, row.owned, row.paused, records, row.done, row.skipped, row.dead, row.parked, row.re_sent,
               row.open_dead_letters, row.open_gaps, cli::time_cell(row.watermark)});
  }
  return table;
}

cli::Table reason_table(const std::vector<ReasonRow>& reasons) {
  cli::Table table({"group", "outcome", "reason", "topic", "records"});
  for (const ReasonRow& row : reasons) table.add({row.group, row.outcome, row.reason, row.topic, row.records});
  return table;
}

cli::Table slot_table(const std::vector<SlotRow>& slots) {
  cli::Table table({"slot", "database", "active", "retained_bytes", "wal_status"});
  for (const SlotRow& row : slots) table.add({row.name, row.database, row.active, cli::cell_of(row.retained_bytes), row.wal_status});
  return table;
}

cli::Table wakeup_table(const std::vector<RefusedWakeupRow>& wakeups) {
  cli::Table table({"group", "wakeup", "key", "reason", "place", "tries", "since", "next_try"});
  for (const RefusedWakeupRow& row : wakeups)
    table.add({row.group, row.wakeup, row.key, row.reason, row.place, row.tries, format_instant(row.since), format_instant(row.next_try)});
  return table;
}

cli::Table pause_table(const std::vector<PauseRow>& pauses) {
  cli::Table table({"group", "topic", "partition", "since", "by", "why"});
  for (const PauseRow& row : pauses) {
    const std::optional<std::int64_t> partition = row.place.partition;
    table.add({row.place.group, cli::cell_of(row.place.topic), cli::cell_of(partition), format_instant(row.since), row.by, row.why});
  }
  return table;
}

/// The source may be down while results are not: all else is shown, and the exit code says what is lacking.
Result<std::vector<SlotRow>> slots_of_source(const process::Context& context) {
  auto source = WEIR_TRY(cli::connect_to_look(context, "weir status", source_key(context.configuration)));
  return slots(source);
}

Result<void> told_of(const Result<std::vector<SlotRow>>& slots) {
  if (slots) return {};
  return fail(slots.error().in("replication slots are not known"));
}

Result<void> show_status(process::Context& context, const cli::Invocation& invocation) {
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir status"));
  const auto found = groups(connection);
  if (!found) return fail(cli::explained(found.error()));
  const auto why = WEIR_TRY(reasons(connection));
  const auto open = WEIR_TRY(gaps(connection, std::nullopt, false));
  const auto kept = slots_of_source(context);
  const cli::Table of_groups = group_table(*found);
  const cli::Table of_reasons = reason_table(why);
  const cli::Table of_gaps = gap_table(open);
  const auto refused = WEIR_TRY(refused_wakeups(connection));
  const cli::Table of_wakeups = wakeup_table(refused);
  const cli::Table of_slots = slot_table(kept.value_or(std::vector<SlotRow>{}));
  const auto paused = WEIR_TRY(pauses(connection));
  const cli::Table of_pauses = pause_table(paused);
  if (invocation.flag("--json")) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().name("groups").json(of_groups.json()).name("reasons").json(of_reasons.json());
    json.name("pauses").json(of_pauses.json()).name("refused_wakeups").json(of_wakeups.json());
    json.name("gaps").json(of_gaps.json()).name("slots").json(kept ? of_slots.json() : "null").end_object();
    cli::print(out);
    return told_of(kept);
  }
  cli::print(found->empty() ? "no group has a position yet" : of_groups.text());
  if (!why.empty()) cli::print("\nWhy records were skipped or are dead letters:\n" + of_reasons.text());
  if (!paused.empty()) cli::print("\nPaused by an operator (weir groups resume goes on):\n" + of_pauses.text());
  cli::print(open.empty() ? "\nno gaps" : "\nGaps (weir offsets accept-gap moves past one):\n" + of_gaps.text());
  if (!refused.empty())
    cli::print("\nWake-ups that Postgres refuses for their data, as a whole or for one key each:\n" + of_wakeups.text());
  if (kept) cli::print(kept->empty() ? "\nno replication slots" : "\nReplication slots:\n" + of_slots.text());
  return told_of(kept);
}

}  // namespace

cli::Command status_command() {
  cli::Command command;
  command.path = "status";
  command.help =
      "Show each group's partitions and how its records ended, what is paused, the gaps that wait for you, and the replication slots.";
  command.examples = {"weir status", "weir status --json"};
  command.options = {cli::json_option()};
  command.required = {"postgres.dsn"};
  command.run = show_status;
  return command;
}

}  // namespace weir::operations
