// weir verify: reads the logs again, and compares them with what each group has counted between its marks, and with its letters; and has
// components compare their results with source rows.
#include "common/cli/view.hpp"
#include "common/core/json.hpp"
#include "common/kafka/log_reader.hpp"
#include "common/process/services.hpp"
#include "operations/commands/commands.hpp"
#include "operations/commands/marks_store.hpp"
#include "operations/commands/place_options.hpp"
#include "operations/commands/verified_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace weir::operations {

namespace {

constexpr Milliseconds kPatience{10'000};

struct Checked {
  MarkedRange range;
  std::optional<Comparison> comparison;
  std::int64_t in_log = 0;  // counted only where the range can be compared
};

struct Difference {
  MarkedPlace place;
  std::string what;
};

using TopicLogs = std::vector<PresentLog>;  // by partition; empty: the topic is gone

Result<TopicLogs> logs_of(kafka::Admin& admin, const std::string& topic) {
  TopicLogs logs;
  const auto found = WEIR_TRY(admin.describe_topics({topic}));
  if (found.empty()) return logs;
  const auto policy = found.front().configuration.find("cleanup.policy");
  const bool is_compacted = policy != found.front().configuration.end() && policy->second.find("compact") != std::string::npos;
  for (const kafka::PartitionRange& range : WEIR_TRY(kafka::log_ranges(admin, topic))) {
    logs.push_back({found.front().id, range.begin, range.end, is_compacted});
  }
  return logs;
}

/// The ranges of one topic, of all groups, and its letters: the log is read once for all of them.
class TopicCheck {
 public:
  TopicCheck(TopicLogs logs, std::vector<Checked*> ranges) : logs_(std::move(logs)) {
    for (Checked* checked : ranges) {
      checked->comparison = foregone(checked->range, log_of(checked->range.to.place.partition));
      if (!checked->comparison) add(*checked);
    }
  }

  /// A letter whose place is in a range that is read, and whose record must be there.
  void expect(const LetterPlace& letter) {
    const auto log = log_of(letter.place.partition);
    if (!log || letter.topic_id != log->topic_id) return;
    for (const Line& line : open_[letter.place.partition]) {
      const auto holds = [&letter](const Checked* checked) { return checked->range.holds(letter.offset); };
      if (line.group != letter.place.group || std::none_of(line.ranges.begin(), line.ranges.end(), holds)) continue;
      expected_[{letter.place.partition, letter.offset}].push_back(&letter);
      return;
    }
  }

  Result<void> read(const kafka::Settings& settings, const std::string& topic) {
    std::vector<kafka::LogPart> parts;
    for (const auto& [partition, lines] : open_) {
      kafka::LogPart part{partition, kafka::kWithoutEnd, 0};
      for (const Line& line : lines) {
        part.from = std::min(part.from, line.ranges.front()->range.from.next_offset);
        part.to = std::max(part.to, line.ranges.back()->range.to.next_offset);
      }
      if (part.from < part.to) parts.push_back(part);
    }
    const auto count = [this](const kafka::StoredRecord& record) {
      expected_.erase({record.partition, record.offset});
      for (Line& line : open_[record.partition]) line.count(record.offset);
      return true;
    };
    if (!parts.empty()) WEIR_TRY(kafka::read_parts(settings, topic, parts, count, kPatience));
    for (auto& [partition, lines] : open_) {
      for (Line& line : lines) {
        for (Checked* checked : line.ranges) checked->comparison = compared(checked->range, checked->in_log);
      }
    }
    return {};
  }

  /// Letters of records that the log does not have.
  void add_strangers(std::vector<Difference>& differences) const {
    for (const auto& [at, letters] : expected_) {
      for (const LetterPlace* letter : letters) {
        differences.push_back(
            {letter->place, fmt::format("letter {} is of offset {}, where the log has no record", letter->id, at.second)});
      }
    }
  }

 private:
  /// Ranges of one group in the order of the log, none of which overlap, so that a record is looked up in one step.
  struct Line {
    std::string group;
    std::vector<Checked*> ranges;
    std::size_t at = 0;  // the range that the reader has come to

    void count(std::int64_t offset) {
      while (at < ranges.size() && offset >= ranges[at]->range.to.next_offset) ++at;
      if (at < ranges.size() && ranges[at]->range.holds(offset)) ++ranges[at]->in_log;
    }
  };

  /// A group whose position was set back has counted the same records twice, in ranges that overlap: each goes into a line of its own.
  void add(Checked& checked) {
    std::vector<Line>& lines = open_[checked.range.to.place.partition];
    const auto follows = [&checked](const Line& line) {
      return line.group == checked.range.to.place.group && line.ranges.back()->range.to.next_offset <= checked.range.from.next_offset;
    };
    auto line = std::find_if(lines.begin(), lines.end(), follows);
    if (line == lines.end()) line = lines.insert(lines.end(), Line{checked.range.to.place.group, {}, 0});
    line->ranges.push_back(&checked);
  }

  [[nodiscard]] std::optional<PresentLog> log_of(std::int32_t partition) const {
    const auto index = static_cast<std::size_t>(partition);
    return index < logs_.size() ? std::optional(logs_[index]) : std::nullopt;
  }

  TopicLogs logs_;
  std::map<std::int32_t, std::vector<Line>> open_;  // by partition: ranges whose records have to be counted
  std::map<std::pair<std::int32_t, std::int64_t>, std::vector<const LetterPlace*>> expected_;
};

struct Verified {
  std::vector<Checked> ranges;
  std::vector<Difference> differences;  // beside those of ranges
};

Result<Verified> verified(const process::Context& context, const Books& books, const std::optional<Instant>& from,
                          const std::optional<Instant>& to) {
  Verified verified;
  for (MarkedRange& range : ranges_between(books.marks, books.moved)) {
    const bool is_wanted = (!to || range.from.at < *to) && (!from || range.to.at > *from);
    if (is_wanted) verified.ranges.push_back({std::move(range), std::nullopt, 0});
  }
  std::map<std::string, std::vector<Checked*>> by_topic;
  for (Checked& checked : verified.ranges) by_topic[checked.range.to.place.topic].push_back(&checked);
  const auto settings = process::kafka_settings(context.configuration, "weir-verify");
  const auto admin = WEIR_TRY(kafka::Admin::open(settings));
  WEIR_TRY(admin->ping(kPatience));
  for (auto& [topic, ranges] : by_topic) {
    TopicCheck check(WEIR_TRY(logs_of(*admin, topic)), std::move(ranges));
    for (const LetterPlace& letter : books.letters) {
      if (letter.place.topic == topic) check.expect(letter);
    }
    WEIR_TRY(check.read(settings, topic));
    check.add_strangers(verified.differences);
  }
  for (const LetterBooks& letters : books.letter_counts) {
    if (letters.balance()) continue;
    verified.differences.push_back(
        {letters.place, fmt::format("{} parked are counted and {} are there, {} dead are counted and {} are there", letters.parked_counted,
                                    letters.parked, letters.dead_counted, letters.dead)});
  }
  return verified;
}

cli::Table range_table(const std::vector<Checked>& ranges, bool all) {
  cli::Table table({"group", "topic", "partition", "from_offset", "to_offset", "from", "to", "in_log", "counted", "finding"});
  for (const Checked& checked : ranges) {
    const auto& [from, to, moved] = checked.range;
    if (!all && !differs(*checked.comparison)) continue;
    const bool was_read = checked.comparison == Comparison::kAgrees || checked.comparison == Comparison::kMissing ||
                          checked.comparison == Comparison::kDoubled;
    table.add({to.place.group, to.place.topic, std::int64_t{to.place.partition}, from.next_offset, to.next_offset, format_instant(from.at),
               format_instant(to.at), was_read ? cli::Cell(checked.in_log) : cli::Cell(), checked.range.counted(),
               std::string(name_of(*checked.comparison))});
  }
  return table;
}

cli::Table difference_table(const std::vector<Difference>& differences) {
  cli::Table table({"group", "topic", "partition", "difference"});
  for (const Difference& one : differences) table.add({one.place.group, one.place.topic, std::int64_t{one.place.partition}, one.what});
  return table;
}

/// A line for each group and topic that was compared.
cli::Table summary_of(const std::vector<Checked>& ranges) {
  struct Sum {
    std::map<Comparison, std::int64_t> ranges;
    std::int64_t records = 0;
    std::optional<Instant> gone_until;
  };
  std::map<std::pair<std::string, std::string>, Sum> sums;
  for (const Checked& checked : ranges) {
    Sum& sum = sums[{checked.range.to.place.group, checked.range.to.place.topic}];
    ++sum.ranges[*checked.comparison];
    sum.records += checked.in_log;
    if (checked.comparison == Comparison::kGone)
      sum.gone_until = std::max(sum.gone_until.value_or(checked.range.to.at), checked.range.to.at);
  }
  cli::Table table({"group", "topic", "records", "agrees", "differs", "gone", "gone_until", "moved", "compacted"});
  for (auto& [key, sum] : sums) {
    auto& count = sum.ranges;
    table.add({key.first, key.second, sum.records, count[Comparison::kAgrees],
               count[Comparison::kMissing] + count[Comparison::kDoubled] + count[Comparison::kCut], count[Comparison::kGone],
               cli::time_cell(sum.gone_until), count[Comparison::kMoved], count[Comparison::kCompacted]});
  }
  return table;
}

void tell_log(const Verified& found, bool any_difference) {
  cli::print(found.ranges.empty() ? "there is nothing to compare yet: groups make their first marks as they commit"
                                  : summary_of(found.ranges).text());
  if (!any_difference) return;
  const cli::Table ranges = range_table(found.ranges, false);
  if (!ranges.empty()) cli::print("\nRanges that differ (missing: the log has more than was counted; doubled: less):\n" + ranges.text());
  if (!found.differences.empty()) cli::print("\nLetters that do not fit:\n" + difference_table(found.differences).text());
}

void tell(const Verified& found, bool any_difference, const std::vector<VerifiedResults>& results, const process::Period& period,
          const cli::Invocation& invocation) {
  if (invocation.flag("--json")) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().name("summary").json(summary_of(found.ranges).json()).name("ranges").json(range_table(found.ranges, true).json());
    json.name("differences").json(difference_table(found.differences).json());
    json.name("results").json(result_summary(results).json()).name("not_compared").json(results_not_asked(results).json());
    json.name("result_differences").json(result_differences(results, kMostDifferences * results.size()).json()).end_object();
    cli::print(out);
    return;
  }
  tell_log(found, any_difference);
  if (!results.empty()) cli::print(text_of(results, period));
}

constexpr std::chrono::hours kPeriod{24};

/// The period whose results are compared with their source rows: without --from the day before its end.
process::Period period_of(const std::optional<Instant>& from, const std::optional<Instant>& to, Instant now) {
  const Instant end = to.value_or(now);
  return {from.value_or(end - kPeriod), end};
}

Result<void> verify(process::Context& context, const cli::Invocation& invocation, std::span<const process::Component> components) {
  const std::int64_t patience = WEIR_TRY(invocation.whole_number("--patience", 30, 0, 3'600));
  const auto from = WEIR_TRY(invocation.time_or_day("--from"));
  const auto to = WEIR_TRY(invocation.time_or_day("--to"));
  if (from && to && *from >= *to) return fail(FaultKind::kUsage, "--to: must be after --from");
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir verify"));
  const auto kept = books(connection, invocation.option("--group"));
  if (!kept) return fail(cli::explained(kept.error()));
  const Verified found = WEIR_TRY(verified(context, *kept, from, to));
  const process::Period period = period_of(from, to, context.clock.now());
  const auto results = WEIR_TRY(verify_results(context, components, connection, {invocation.option("--group"), period, Seconds{patience}}));
  const std::size_t in_log = found.differences.size() + static_cast<std::size_t>(std::ranges::count_if(
                                                            found.ranges, [](const Checked& one) { return differs(*one.comparison); }));
  tell(found, in_log > 0, results, period, invocation);
  const std::size_t differences = in_log + places_that_differ(results);
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
