// weir verify: reads the logs again, and compares them with what each group has counted between its marks, and with its letters; and has
// components compare their results with source rows.
#include "common/cli/view.hpp"
#include "common/core/json.hpp"
#include "operations/commands/commands.hpp"
#include "operations/commands/log_verification.hpp"
#include "operations/commands/place_options.hpp"
#include "operations/commands/verified_results.hpp"
#include "operations/commands/views.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::operations {

namespace {

cli::Table range_table(const RangeFindings& found, bool all) {
  cli::Table table({"group", "topic", "partition", "from_offset", "to_offset", "from", "to", "ranges", "in_log", "counted", "finding"});
  for (const FoundRange& one : found.kept()) {
    if (!all && !differs(one.finding)) continue;
    const bool was_read = one.finding == Comparison::kAgrees || one.finding == Comparison::kMissing || one.finding == Comparison::kDoubled;
    table.add({one.place.group, one.place.topic, std::int64_t{one.place.partition}, one.from.next_offset, one.to.next_offset,
               format_instant(one.from.at), format_instant(one.to.at), one.ranges, was_read ? cli::Cell(one.in_log) : cli::Cell(),
               one.counted(), std::string(name_of(one.finding))});
  }
  return table;
}

cli::Table difference_table(const RangeFindings& found) {
  cli::Table table({"group", "topic", "partition", "difference"});
  for (const LetterDifference& one : found.letters()) {
    table.add({one.place.group, one.place.topic, std::int64_t{one.place.partition}, one.what});
  }
  return table;
}

/// A line for each group and topic that was compared.
cli::Table summary_of(const RangeFindings& found) {
  cli::Table table({"group", "topic", "records", "agrees", "differs", "gone", "gone_until", "moved", "compacted"});
  for (const auto& [key, sum] : found.sums()) {
    const auto count = [&of = sum.ranges](Comparison finding) {
      const auto ranges = of.find(finding);
      return ranges == of.end() ? std::int64_t{0} : ranges->second;
    };
    table.add({key.first, key.second, sum.records, count(Comparison::kAgrees),
               count(Comparison::kMissing) + count(Comparison::kDoubled) + count(Comparison::kCut), count(Comparison::kGone),
               cli::time_cell(sum.gone_until), count(Comparison::kMoved), count(Comparison::kCompacted)});
  }
  return table;
}

void tell_log(const RangeFindings& found) {
  cli::print(found.sums().empty() ? "there is nothing to compare yet: groups make their first marks as they commit"
                                  : summary_of(found).text());
  const cli::Table ranges = range_table(found, false);
  if (!ranges.empty()) cli::print("\nRanges that differ (missing: the log has more than was counted; doubled: less):\n" + ranges.text());
  if (!found.letters().empty()) cli::print("\nLetters that do not fit:\n" + difference_table(found).text());
  if (found.left_off() > 0) cli::print(fmt::format("\n{} more findings are counted and not told\n", found.left_off()));
}

void tell(const RangeFindings& found, const std::vector<VerifiedResults>& results, const process::Period& period,
          const cli::Invocation& invocation) {
  if (invocation.flag("--json")) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().name("summary").json(summary_of(found).json()).name("ranges").json(range_table(found, true).json());
    json.name("differences").json(difference_table(found).json()).member("left_off", found.left_off());
    json.name("results").json(result_summary(results).json()).name("not_compared").json(results_not_asked(results).json());
    json.name("result_differences").json(result_differences(results, kMostDifferences * results.size()).json()).end_object();
    cli::print(out);
    return;
  }
  tell_log(found);
  if (!results.empty()) cli::print(text_of(results, period));
}

constexpr std::chrono::hours kPeriod{24};

/// The period whose results are compared with their source rows: without --from the day before its end.
process::Period period_of(const std::optional<Instant>& from, const std::optional<Instant>& to, Instant now) {
  const Instant end = to.value_or(now);
  return {from.value_or(end - kPeriod), end};
}

/// A name that was mistyped is no group of which all is well.
Result<void> check_group(postgres::Connection& connection, std::span<const process::Component> components, const std::string& group) {
  const auto has_group = [&group](const process::Component& component) { return component.declaration.group == group; };
  if (std::ranges::any_of(components, has_group)) return {};
  const auto rows = positions(connection, group);
  if (!rows) return fail(cli::explained(rows.error()));
  if (rows->empty()) return fail(FaultKind::kUsage, "--group " + group + ": there is no such group", "weir offsets show lists the groups");
  return {};
}

Result<void> verify(process::Context& context, const cli::Invocation& invocation, std::span<const process::Component> components) {
  const std::int64_t patience = WEIR_TRY(invocation.whole_number("--patience", 30, 0, 3'600));
  const auto from = WEIR_TRY(invocation.time_or_day("--from"));
  const auto to = WEIR_TRY(invocation.time_or_day("--to"));
  if (from && to && *from >= *to) return fail(FaultKind::kUsage, "--to: must be after --from");
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir verify"));
  if (const auto group = invocation.option("--group")) WEIR_TRY(check_group(connection, components, *group));
  const RangeFindings found = WEIR_TRY(verify_logs(context, connection, {invocation.option("--group"), from, to}));
  const process::Period period = period_of(from, to, context.clock.now());
  const auto results = WEIR_TRY(verify_results(context, components, connection, {invocation.option("--group"), period, Seconds{patience}}));
  tell(found, results, period, invocation);
  const std::int64_t differences = found.differing() + static_cast<std::int64_t>(places_that_differ(results));
  if (differences > 0) return fail(FaultKind::kData, fmt::format("{} places differ", differences));
  for (const VerifiedResults& one : results) {
    if (one.fault) return fail(cli::explained(*one.fault));
  }
  return {};
}

}  // namespace

cli::Command verify_command(std::span<const process::Component> components) {
  cli::Command command;
  command.path = "verify";
  command.help =
      "Read the logs again and compare them, range by range, with what each group has counted and with its letters; and compare results "
      "with their source rows. Exit code 65 where something differs.";
  command.examples = {"weir verify", "weir verify --group weir.scoring --from 2026-11-28 --json"};
  command.options = {
      group_option("This group only."),
      {.name = "--from",
       .placeholder = "TIME",
       .help = "Only ranges that end after this time or day, and results from it on; without it, results of a day."},
      {.name = "--to", .placeholder = "TIME", .help = "Only ranges that begin before this time or day, and results before it."},
      {.name = "--patience",
       .placeholder = "SECONDS",
       .help = "How long a group may take for the changes that are there when a result differs; 30 by default."},
      cli::json_option()};
  command.required = {"postgres.dsn", "kafka.brokers"};
  command.run = [of = std::vector(components.begin(), components.end())](process::Context& context, const cli::Invocation& invocation) {
    return verify(context, invocation, of);
  };
  return command;
}

}  // namespace weir::operations
