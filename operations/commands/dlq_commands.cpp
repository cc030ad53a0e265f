// weir dlq list | show | redrive | discard.
#include "operations/commands/commands.hpp"
#include "operations/commands/letters_store.hpp"
#include "operations/commands/place_options.hpp"
#include "operations/commands/shown_record.hpp"

#include "common/cli/decision.hpp"
#include "common/cli/view.hpp"
#include "common/core/json_optional.hpp"

#include <fmt/format.h>

#include <array>
#include <limits>

namespace weir::operations {

namespace {

constexpr std::int64_t kMost = 1'000'000'000;
constexpr std::int64_t kShown = 100;

std::vector<cli::Option> filter_options() {
  return {group_option("Of this consumer group."),
          topic_option("From this topic."),
          partition_option("From this partition."),
          {.name = "--kind", .placeholder = "KIND", .help = "Refused by: decode, rule, database or crash."},
          {.name = "--reason", .placeholder = "REASON", .help = "Counted under this reason."},
          {.name = "--path", .placeholder = "POINTER", .help = "With the fault at this JSON Pointer.", .may_be_empty = true},
          {.name = "--from", .placeholder = "TIME", .help = "With a time of their own at or after this time or day."},
          {.name = "--to", .placeholder = "TIME", .help = "With a time of their own before this time or day."},
          {.name = "--key", .placeholder = "TEXT", .help = "With this key, as it stands in the record.", .may_be_empty = true},
          {.name = "--organization", .placeholder = "UUID", .help = "Of this organization; letters that do not tell are none of it."},
          {.name = "--id", .placeholder = "NUMBER", .help = "This letter alone."}};
}

std::vector<cli::Option> deciding_options() {
  std::vector<cli::Option> options = filter_options();
  options.push_back({.name = "--dry-run", .help = "Only say how many letters these are, by reason."});
  options.push_back(cli::why_option("Why; kept in weir.operator_actions. Needed without --dry-run.", false));
  options.push_back(cli::by_option());
  options.push_back(cli::json_option());
  return options;
}

constexpr std::array<std::string_view, 5> kStatuses{"dead", "parked", "redriving", "resolved", "discarded"};
constexpr std::array<std::string_view, 4> kKinds{"decode", "rule", "database", "crash"};

Result<LetterFilter> filter_of(const cli::Invocation& invocation) {
  LetterFilter filter;
  filter.id = WEIR_TRY(number_of(invocation, "--id"));
  filter.group = invocation.option("--group");
  filter.topic = invocation.option("--topic");
  filter.partition = WEIR_TRY(number_of(invocation, "--partition"));
  filter.status = WEIR_TRY(invocation.one_of("--status", kStatuses));
  filter.kind = WEIR_TRY(invocation.one_of("--kind", kKinds));
  filter.reason = invocation.option("--reason");
  filter.path = invocation.option("--path");
  filter.from = WEIR_TRY(invocation.time_or_day("--from"));
  filter.to = WEIR_TRY(invocation.time_or_day("--to"));
  if (filter.from && filter.to && *filter.from >= *filter.to) return fail(FaultKind::kUsage, "--to: must be after --from");
  filter.key = invocation.option("--key");
  filter.organization = WEIR_TRY(invocation.uuid("--organization"));
  return filter;
}

cli::Table reason_table(const std::vector<LetterReason>& reasons) {
  cli::Table table({"letters", "status", "group", "topic", "kind", "reason", "path"});
  for (const LetterReason& row : reasons) table.add({row.letters, row.status, row.group, row.topic, row.kind, row.reason, row.path});
  return table;
}

Result<void> list(process::Context& context, const cli::Invocation& invocation) {
  const LetterFilter filter = WEIR_TRY(filter_of(invocation));
  const std::int64_t most = WEIR_TRY(invocation.whole_number("--most", kShown, 1, kMost));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir dlq"));
  if (invocation.flag("--reasons")) {
    const auto reasons = letter_reasons(connection, filter);
    if (!reasons) return fail(cli::explained(reasons.error()));
    cli::show(reason_table(*reasons), invocation);
    return {};
  }
  const auto found = letters(connection, filter, most);
  if (!found) return fail(cli::explained(found.error()));
  cli::Table table({"id", "status", "group", "topic", "partition", "offset", "kind", "reason", "path", "tries", "waits_for", "time"});
  for (const LetterRow& row : *found) {
    table.add({row.id, row.status, row.group, row.topic, std::int64_t{row.partition}, row.offset, row.kind, row.reason, row.path,
               row.attempts, cli::cell_of(row.waits_for), format_instant(row.occurred_at)});
  }
  cli::show(table, invocation);
  if (!invocation.flag("--json") && static_cast<std::int64_t>(found->size()) == most) {
    cli::print(fmt::format("\nthe oldest {}; --most shows more, --reasons counts all", most));
  }
  return {};
}

std::string text_of(const WholeLetter& letter, const ShownRecord& shown) {
  const LetterRow& row = letter.row;
  std::string out = fmt::format("letter {} of {}: {} partition {} offset {}, {}\n{} {} {}\n", row.id, row.group, row.topic, row.partition,
                                row.offset, format_instant(row.occurred_at), row.status, row.kind, row.reason);
  if (!row.path.empty()) out += fmt::format("path       {}\n", row.path);
  if (!letter.message.empty()) out += fmt::format("message    {}\n", shown.is_masked ? "*** (it may quote the record)" : letter.message);
  if (!letter.constraint.empty()) out += fmt::format("constraint {}\n", letter.constraint);
  if (row.waits_for) out += fmt::format("waits for  {}\n", *row.waits_for);
  if (!letter.trace_id.empty()) out += fmt::format("trace      {}\n", letter.trace_id);
  return out + shown.text();
}

std::string json_of(const WholeLetter& letter, const ShownRecord& shown) {
  const LetterRow& row = letter.row;
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("id", row.id).member("group", row.group).member("topic", row.topic).member("partition", row.partition);
  json.member("offset", row.offset).member("status", row.status).member("kind", row.kind).member("reason", row.reason);
  member_or_null(json, "path", row.path);
  member_or_null(json, "constraint", letter.constraint);
  member_or_null(json, "waits_for", row.waits_for);
  member_or_null(json, "trace_id", letter.trace_id).member("time", format_instant(row.occurred_at));
  member_or_null(json, "message", shown.is_masked ? std::string() : letter.message);
  shown.add_to(json);
  json.end_object();
  return out;
}

Result<void> show_letter(process::Context& context, const cli::Invocation& invocation) {
  const std::int64_t id = WEIR_TRY(invocation.whole_number("--id", 0, 0, std::numeric_limits<std::int64_t>::max()));
  const bool is_masked = !invocation.flag("--unmask");
  const cli::Decision seen = is_masked ? cli::Decision{} : WEIR_TRY(cli::decision_of(invocation));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir dlq"));
  const auto letter = whole_letter(connection, id);
  if (!letter) return fail(cli::explained(letter.error()));
  if (!is_masked) WEIR_TRY(note_unmasked(connection, id, seen.by, seen.why));
  ShownRecord shown{letter->headers, letter->key, letter->value, false};
  if (is_masked) shown = masked_record(std::move(shown));
  cli::print(invocation.flag("--json") ? json_of(*letter, shown) : text_of(*letter, shown));
  return {};
}

/// Shows how many letters a decision would concern, by reason.
Result<void> show_rehearsal(postgres::Connection& connection, const LetterFilter& filter, LetterDecision decision,
                            const cli::Invocation& invocation) {
  const Rehearsal rehearsal = WEIR_TRY(rehearse(connection, filter, decision));
  cli::show(reason_table(rehearsal.reasons), invocation);
  if (rehearsal.unfaithful > 0 && !invocation.flag("--json")) {
    cli::print(
        fmt::format("\n{} more cannot be sent through: they were kept when headers lost bytes that are no text", rehearsal.unfaithful));
  }
  return {};
}

/// Of letters about which something is decided, so that nobody means all of them by accident.
Result<LetterFilter> narrow_filter_of(const cli::Invocation& invocation) {
  LetterFilter filter = WEIR_TRY(filter_of(invocation));
  if (filter.id || filter.group) return filter;
  return fail(FaultKind::kUsage, "--group or --id: must say whose letters are meant");
}

/// A rehearsal needs no reason.
Result<cli::Decision> decision_or_rehearsal(const cli::Invocation& invocation) {
  return invocation.flag("--dry-run") ? Result<cli::Decision>(cli::Decision{}) : cli::decision_of(invocation);
}

/// A letter that was named and of which nothing is done is a fault; a filter may match none.
Result<void> tell(const Decided& decided, std::string_view what, const cli::Invocation& invocation) {
  if (invocation.flag("--json")) {
    std::string out;
    JsonWriter(out).begin_object().member("letters", decided.letters).member("left", decided.unfaithful).end_object();
    cli::print(out);
  } else if (decided.letters > 0) {
    cli::print(fmt::format("{} {}", decided.letters, what));
  } else if (decided.unfaithful == 0 && !invocation.option("--id")) {
    cli::print("no letter that could be taken matches: nothing was done");
  }
  if (decided.unfaithful > 0 && !invocation.flag("--json")) {
    cli::print(fmt::format("{} left as they were: they were kept when headers lost bytes that are no text", decided.unfaithful));
  }
  if (decided.letters > 0 || !invocation.option("--id")) return {};
  return fail(FaultKind::kData, "nothing was done about letter " + *invocation.option("--id"),
              "weir dlq show says whether it is there, and its status");
}

Result<void> redrive_letters(process::Context& context, const cli::Invocation& invocation) {
  const LetterFilter filter = WEIR_TRY(narrow_filter_of(invocation));
  const std::int64_t rate = WEIR_TRY(invocation.whole_number("--rate", 0, 1, kMost));
  const cli::Decision decision = WEIR_TRY(decision_or_rehearsal(invocation));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir dlq"));
  if (invocation.flag("--dry-run")) return show_rehearsal(connection, filter, LetterDecision::kRedrive, invocation);
  const auto decided = redrive(connection, filter, rate, decision.by, decision.why);
  if (!decided) return fail(cli::explained(decided.error()));
  return tell(*decided, "letters go through their group again; weir dlq list --status redriving shows those that wait for their turn",
              invocation);
}

Result<void> discard_letters(process::Context& context, const cli::Invocation& invocation) {
  const LetterFilter filter = WEIR_TRY(narrow_filter_of(invocation));
  const cli::Decision decision = WEIR_TRY(decision_or_rehearsal(invocation));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir dlq"));
  if (invocation.flag("--dry-run")) return show_rehearsal(connection, filter, LetterDecision::kDiscard, invocation);
  const auto decided = discard(connection, filter, decision.by, decision.why);
  if (!decided) return fail(cli::explained(decided.error()));
  return tell(*decided, "letters are given up; they stay counted as dead, and are removed after dead_letters.retention", invocation);
}

}  // namespace

cli::Command dlq_list_command() {
  cli::Command command;
  command.path = "dlq list";
  command.help = "List records that a group could not take (dead) or that wait for something (parked), the oldest first.";
  command.examples = {"weir dlq list", "weir dlq list --group weir.rollups --status dead --reasons",
                      "weir dlq list --status parked --topic weir.cdc.public.agent_executions --json"};
  command.options = filter_options();
  command.options.push_back({.name = "--status", .placeholder = "STATUS", .help = "dead, parked, redriving, resolved or discarded."});
  command.options.push_back({.name = "--reasons", .help = "Count letters by reason instead."});
  command.options.push_back({.name = "--most", .placeholder = "NUMBER", .help = "How many at most; 100 without it."});
  command.options.push_back(cli::json_option());
  command.required = {"postgres.dsn"};
  command.run = list;
  return command;
}

cli::Command dlq_show_command() {
  cli::Command command;
  command.path = "dlq show";
  command.help = "Show one letter with its record; personal columns, and what schemas/personal_data.csv does not name, are masked.";
  command.examples = {"weir dlq show --id 42", "weir dlq show --id 42 --unmask --why 'support case 17'"};
  command.options = {{.name = "--id", .placeholder = "NUMBER", .help = "The letter.", .required = true},
                     {.name = "--unmask", .help = "Show everything; that it was shown, to whom and why is kept in weir.operator_actions."},
                     cli::why_option("Why it is unmasked. Needed with --unmask.", false),
                     cli::by_option(),
                     cli::json_option()};
  command.required = {"postgres.dsn"};
  command.run = show_letter;
  return command;
}

cli::Command dlq_redrive_command() {
  cli::Command command;
  command.path = "dlq redrive";
  command.help = "Send dead letters through their group again: they end in its tables, or stay dead with one try more.";
  command.examples = {"weir dlq redrive --group weir.rollups --reason missing_field --path /after/status --dry-run",
                      "weir dlq redrive --group weir.rollups --reason missing_field --rate 500 --why 'release 1.4.2 reads the new name'"};
  command.options = deciding_options();
  command.options.push_back({.name = "--rate", .placeholder = "NUMBER", .help = "How many letters a second; without it all at once."});
  command.required = {"postgres.dsn"};
  command.run = redrive_letters;
  return command;
}

cli::Command dlq_discard_command() {
  cli::Command command;
  command.path = "dlq discard";
  command.help = "Give dead or parked letters up.";
  command.examples = {"weir dlq discard --group weir.rollups --reason too_old --dry-run", "weir dlq discard --id 42 --why 'a test event'"};
  command.options = deciding_options();
  command.required = {"postgres.dsn"};
  command.run = discard_letters;
  return command;
}

}  // namespace weir::operations
