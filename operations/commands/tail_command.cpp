// weir tail: the records of a topic, the last ones or those of a range of time, masked unless the operator asked otherwise.
#include "common/cli/decision.hpp"
#include "common/cli/output.hpp"
#include "common/cli/view.hpp"
#include "common/process/services.hpp"
#include "operations/commands/commands.hpp"
#include "operations/commands/place_options.hpp"
#include "operations/commands/shown_record.hpp"
#include "operations/commands/tail.hpp"

#include <fmt/format.h>

namespace weir::operations {

namespace {

constexpr Milliseconds kPatience{10'000};
constexpr Milliseconds kStopCheck{200};
constexpr std::int64_t kMost = 1'000'000'000;
constexpr std::chrono::hours kLookBack{1};  // where records are chosen by their content and no time is given

Result<TailWanted> wanted_of(const process::Context& context, const cli::Invocation& invocation) {
  if (invocation.arguments.size() != 1) return fail(FaultKind::kUsage, "TOPIC: one topic must be named, for example weir.actions.v1");
  TailWanted wanted{.topic = invocation.arguments.front(), .partition = WEIR_TRY(number_of(invocation, "--partition"))};
  wanted.follow = invocation.flag("--follow");
  wanted.is_masked = !invocation.flag("--unmask");
  if (!wanted.follow || invocation.option("--limit")) wanted.limit = WEIR_TRY(invocation.whole_number("--limit", kTailed, 1, kMost));
  events::RecordFilter& filter = wanted.filter;
  filter.key = invocation.option("--key");
  filter.type = invocation.option("--type");
  filter.from = WEIR_TRY(invocation.time_or_day("--from"));
  filter.to = WEIR_TRY(invocation.time_or_day("--to"));
  if (const auto text = invocation.option("--where")) {
    filter.field = events::field_of(*text);
    if (!filter.field) return fail(FaultKind::kUsage, "--where: is no JSON Pointer and value such as /after/status=failed");
  }
  if (filter.to && wanted.follow) return fail(FaultKind::kUsage, "--to: has no meaning with --follow");
  if (filter.from && filter.to && *filter.from >= *filter.to) return fail(FaultKind::kUsage, "--to: must be after --from");
  if (!filter.from && (filter.chooses() || filter.to)) filter.from = filter.to.value_or(context.clock.now()) - kLookBack;
  return wanted;
}

void print_record(const TailWanted& wanted, kafka::StoredRecord record, bool as_json) {
  if (as_json) return cli::print(record_json(wanted.topic, std::move(record), wanted.is_masked));
  const std::string time = format_instant(from_unix_ms(record.timestamp_ms));
  ShownRecord shown{std::move(record.headers), std::move(record.key), std::move(record.value), false};
  if (wanted.is_masked) shown = masked_record(std::move(shown));
  cli::print(fmt::format("{} partition {} offset {}, {}\n{}", wanted.topic, record.partition, record.offset, time, shown.text()));
}

/// The last records of all partitions together, by their time.
Result<void> show_last(const kafka::Settings& settings, const TailWanted& wanted, const std::vector<kafka::LogPart>& parts, bool as_json) {
  for (auto& record : WEIR_TRY(last_records(settings, wanted.topic, parts, *wanted.limit, kPatience)))
    print_record(wanted, std::move(record), as_json);
  return {};
}

/// Records as they come, each partition in the order of its log, until enough were shown, all are read, or the operator stops.
Result<void> stream(const process::Context& context, const kafka::Settings& settings, const TailWanted& wanted,
                    const std::vector<kafka::LogPart>& parts, bool as_json) {
  const auto reader = WEIR_TRY(kafka::LogReader::open(settings, wanted.topic, parts));
  std::int64_t shown = 0;
  while (!reader->done() && !context.stop.stopped() && cli::output_is_open() && shown < wanted.limit.value_or(kMost)) {
    auto record = WEIR_TRY(reader->next(kStopCheck));
    if (!record || !wanted.admits(*record)) continue;
    print_record(wanted, std::move(*record), as_json);
    ++shown;
  }
  return {};
}

Result<void> tail(process::Context& context, const cli::Invocation& invocation) {
  const TailWanted wanted = WEIR_TRY(wanted_of(context, invocation));
  const cli::Decision decision = wanted.is_masked ? cli::Decision{} : WEIR_TRY(cli::decision_of(invocation));
  const auto settings = process::kafka_settings(context.configuration, "weir-tail");
  const auto parts = WEIR_TRY(parts_of(settings, wanted, kPatience));
  if (!wanted.is_masked) {
    WEIR_TRY(context.configuration.require(std::vector<std::string_view>{"postgres.dsn"}));
    auto connection = WEIR_TRY(cli::connect_to_look(context, "weir tail"));
    const auto noted = note_unmasked(connection, wanted, decision.by, decision.why);
    if (!noted) return fail(cli::explained(noted.error()));
  }
  const bool as_json = invocation.flag("--json");
  if (!wanted.filter.from && !wanted.follow) return show_last(settings, wanted, parts, as_json);
  return stream(context, settings, wanted, parts, as_json);
}

}  // namespace

cli::Command tail_command() {
  cli::Command command;
  command.path = "tail";
  command.help =
      "Show records of a topic: the last ones, those of a range of time, or those that come. Personal columns, and what "
      "schemas/personal_data.csv does not name, are masked.";
  command.examples = {"weir tail weir.actions.v1", "weir tail weir.actions.v1 --type user.action --follow",
                      "weir tail weir.cdc.public.agent_executions --where /after/status=failed --from 2026-11-28T09:00:00Z --limit 100",
                      "weir tail weir.actions.v1 --key 42 --unmask --why 'support case 17'"};
  command.arguments = "TOPIC";
  command.options = {
      partition_option("Only this partition."),
      {.name = "--key", .placeholder = "TEXT", .help = "With this key, as it stands in the record."},
      {.name = "--type", .placeholder = "TYPE", .help = "Of this type of action or event; for changes c, u, d, t or r."},
      {.name = "--where", .placeholder = "POINTER=VALUE", .help = "With this value at a JSON Pointer: /after/status=failed."},
      {.name = "--from", .placeholder = "TIME", .help = "From this time or day on; without it the last hour where records are chosen."},
      {.name = "--to", .placeholder = "TIME", .help = "Before this time or day."},
      {.name = "--limit", .placeholder = "NUMBER", .help = "How many at most; 10 without it, with --follow no limit."},
      {.name = "--follow", .help = "Go on with records that come, until it is stopped."},
      {.name = "--unmask", .help = "Show everything; that it was shown, to whom and why is kept in weir.operator_actions."},
      cli::why_option("Why it is unmasked. Needed with --unmask.", false),
      cli::by_option(),
      {.name = "--json", .help = "One JSON object a line, for a program."}};
  command.required = {"kafka.brokers"};
  command.drains = true;
  command.run = tail;
  return command;
}

}  // namespace weir::operations
