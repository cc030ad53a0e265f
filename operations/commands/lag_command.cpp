// weir lag: how far each group is behind, from the positions in Postgres and the logs in Kafka.
#include "common/kafka/admin.hpp"
#include "common/process/services.hpp"
#include "operations/commands/commands.hpp"
#include "operations/commands/pauses_store.hpp"
#include "operations/commands/place_options.hpp"
#include "operations/commands/views.hpp"

#include <algorithm>
#include <map>

namespace weir::operations {

namespace {

constexpr Milliseconds kPatience{10'000};

struct LagRow {
  PositionRow position;
  kafka::PartitionRange log;
  std::int64_t records = 0;
  std::optional<double> seconds;  // age of the oldest record that waits
};

/// The age of the first record that waits in each partition of a topic that has any.
Result<void> add_ages(const process::Context& context, const kafka::Settings& settings, const std::string& topic,
                      std::vector<LagRow*>& rows) {
  std::map<std::int32_t, std::int64_t> waiting;
  for (const LagRow* row : rows) {
    if (row->records == 0) continue;
    const std::int64_t from = std::max(row->position.next_offset.value_or(row->log.begin), row->log.begin);
    const auto [place, is_new] = waiting.emplace(row->position.partition, from);
    if (!is_new) place->second = std::min(place->second, from);
  }
  const auto records = WEIR_TRY(kafka::first_records(settings, topic, waiting, kPatience));
  const Instant now = context.clock.now();
  for (LagRow* row : rows) {
    for (const auto& record : records) {
      if (row->records == 0 || record.partition != row->position.partition) continue;
      row->seconds = std::max(0.0, std::chrono::duration<double>(now - from_unix_ms(record.timestamp_ms)).count());
    }
    if (row->records == 0) row->seconds = 0;
  }
  return {};
}

Result<std::vector<LagRow>> lag_of(const process::Context& context, const std::vector<PositionRow>& positions) {
  const auto settings = process::kafka_settings(context.configuration, "weir-lag");
  const auto admin = WEIR_TRY(kafka::Admin::open(settings));
  WEIR_TRY(admin->ping(kPatience));
  std::vector<LagRow> rows;
  for (const PositionRow& position : positions) {
    LagRow row{position, WEIR_TRY(admin->range(position.topic, position.partition)), 0, std::nullopt};
    const std::int64_t from = std::max(position.next_offset.value_or(row.log.begin), row.log.begin);
    row.records = std::max<std::int64_t>(0, row.log.end - from);
    rows.push_back(std::move(row));
  }
  // One reader a (group, topic): two groups may wait at different records of one partition.
  std::map<std::pair<std::string, std::string>, std::vector<LagRow*>> by_topic;
  for (LagRow& row : rows) by_topic[{row.position.group, row.position.topic}].push_back(&row);
  for (auto& [key, of_topic] : by_topic) WEIR_TRY(add_ages(context, settings, key.second, of_topic));
  return rows;
}

Result<void> show_lag(process::Context& context, const cli::Invocation& invocation) {
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir lag"));
  const auto found = positions(connection, invocation.option("--group"));
  if (!found) return fail(cli::explained(found.error()));
  const auto held = WEIR_TRY(pauses(connection));
  const auto is_paused = [&held](const PositionRow& at) {
    return std::any_of(held.begin(), held.end(), [&at](const PauseRow& row) { return row.covers(at.group, at.topic, at.partition); });
  };
  const auto rows = WEIR_TRY(lag_of(context, *found));
  cli::Table table({"group", "topic", "partition", "next_offset", "log_end", "lag", "seconds", "owner", "paused"});
  std::int64_t total = 0;
  for (const LagRow& row : rows) {
    total += row.records;
    table.add({row.position.group, row.position.topic, std::int64_t{row.position.partition}, cli::cell_of(row.position.next_offset),
               row.log.end, row.records, cli::cell_of(row.seconds), cli::cell_of(row.position.owner), is_paused(row.position)});
  }
  if (rows.empty() && !invocation.flag("--json")) {
    cli::print("no group has a position yet");
    return {};
  }
  cli::show(table, invocation);
  if (!invocation.flag("--json")) cli::print("total " + std::to_string(total));
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
