#include "operations/commands/log_verification.hpp"

#include "common/cli/view.hpp"
#include "common/kafka/log_reader.hpp"
#include "common/process/services.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <map>

namespace weir::operations {

namespace {

constexpr Milliseconds kPatience{10'000};

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

std::optional<PresentLog> log_of(const TopicLogs& logs, std::int32_t partition) {
  const auto index = static_cast<std::size_t>(partition);
  return index < logs.size() ? std::optional(logs[index]) : std::nullopt;
}

/// All groups' places in one topic: its log is read once for all of them, and again only for positions that were set back.
class TopicCheck {
 public:
  void add(PlaceCheck check) { checks_.push_back(std::move(check)); }

  Result<void> run(const kafka::Settings& settings, const std::string& topic) {
    while (true) {
      const std::vector<kafka::LogPart> parts = WEIR_TRY(begin());
      if (parts.empty()) return {};
      Result<void> counted;
      const auto each = [&](const kafka::StoredRecord& record) {
        counted = count(record.partition, record.offset);
        return counted.has_value() && counting_ > 0;
      };
      WEIR_TRY(kafka::read_parts(settings, topic, parts, each, kPatience));
      WEIR_TRY(counted);
      for (const auto& [partition, checks] : open_) {
        for (PlaceCheck* check : checks) WEIR_TRY(check->end_reading());
      }
    }
  }

 private:
  Result<std::vector<kafka::LogPart>> begin() {
    std::map<std::int32_t, kafka::LogPart> parts;
    open_.clear();
    counting_ = 0;
    for (PlaceCheck& check : checks_) {
      const auto wanted = WEIR_TRY(check.begin_reading());
      if (!wanted) continue;
      const std::int32_t partition = check.place().partition;
      kafka::LogPart& part = parts.try_emplace(partition, kafka::LogPart{partition, wanted->from, wanted->to}).first->second;
      part.from = std::min(part.from, wanted->from);
      part.to = std::max(part.to, wanted->to);
      open_[partition].push_back(&check);
      ++counting_;
    }
    std::vector<kafka::LogPart> all;
    for (const auto& [partition, part] : parts) all.push_back(part);
    return all;
  }

  Result<void> count(std::int32_t partition, std::int64_t offset) {
    for (PlaceCheck* check : open_[partition]) {
      if (!check->is_counting()) continue;
      WEIR_TRY(check->count(offset));
      if (!check->is_counting()) --counting_;
    }
    return {};
  }

  std::list<PlaceCheck> checks_;
  std::map<std::int32_t, std::vector<PlaceCheck*>> open_;  // by partition: those for which the log is read now
  std::size_t counting_ = 0;                               // how many of them have not come to their end
};

}  // namespace

Result<RangeFindings> verify_logs(const process::Context& context, postgres::Connection& connection, const AskedBooks& asked) {
  const auto kept = books(connection, asked);
  if (!kept) return fail(cli::explained(kept.error()));
  RangeFindings findings(kMostRanges);
  std::map<std::string, std::vector<AskedMarks>> by_topic;
  for (const AskedMarks& marks : kept->places) by_topic[marks.place.topic].push_back(marks);
  const auto settings = process::kafka_settings(context.configuration, "weir-verify");
  const auto admin = WEIR_TRY(kafka::Admin::open(settings));
  WEIR_TRY(admin->ping(kPatience));
  const auto marks = [&](const AskedMarks& of, Instant after) { return marks_after(connection, of, after); };
  const auto letters = [&](const MarkedPlace& place, const Uuid& topic_id, std::int64_t from) {
    return letters_from(connection, place, topic_id, from);
  };
  for (const auto& [topic, places] : by_topic) {
    const TopicLogs logs = WEIR_TRY(logs_of(*admin, topic));
    TopicCheck check;
    for (const AskedMarks& of : places) {
      check.add(PlaceCheck(RangeReader(of, kept->moved, marks), log_of(logs, of.place.partition), letters, findings));
    }
    WEIR_TRY(check.run(settings, topic));
  }
  for (const LetterBooks& counts : kept->letter_counts) {
    if (counts.balance()) continue;
    findings.add_letter({counts.place, fmt::format("{} parked are counted and {} are there, {} dead are counted and {} are there",
                                                   counts.parked_counted, counts.parked, counts.dead_counted, counts.dead)});
  }
  return findings;
}

}  // namespace weir::operations
