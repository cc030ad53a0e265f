#include "operations/commands/tail.hpp"

#include "common/cli/operator_action.hpp"
#include "common/core/json.hpp"
#include "operations/commands/shown_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace weir::operations {

namespace {

constexpr std::size_t kSpare = 64;  // so that few records are not sorted out one by one
constexpr std::int64_t kFirstStep = 100;
constexpr std::int64_t kStepsGrow = 4;

std::tuple<std::int64_t, std::int32_t, std::int64_t> place_of(const kafka::StoredRecord& record) {
  return {record.timestamp_ms, record.partition, record.offset};
}

}  // namespace

void NewestRecords::add(kafka::StoredRecord record) {
  records_.push_back(std::move(record));
  if (records_.size() >= 2 * most_ + kSpare) keep_most();
}

std::vector<kafka::StoredRecord> NewestRecords::taken() && {
  keep_most();
  std::ranges::sort(records_, {}, place_of);
  return std::move(records_);
}

void NewestRecords::keep_most() {
  if (records_.size() <= most_) return;
  const auto oldest = records_.begin() + static_cast<std::ptrdiff_t>(records_.size() - most_);
  std::ranges::nth_element(records_, oldest, {}, place_of);
  records_.erase(records_.begin(), oldest);
}

bool TailWanted::admits(const kafka::StoredRecord& record) const {
  return filter.admits({record.key, record.value, record.headers, from_unix_ms(record.timestamp_ms)});
}

bool TailWanted::admits_as_shown(const kafka::StoredRecord& record) const {
  if (!admits(record)) return false;  // what is not masked is the same in both, so that few records have to be masked
  if (!filter.key && !filter.field) return true;
  const ShownRecord shown = masked_record({record.headers, record.key, record.value, false});
  events::RecordFilter of_shown;
  of_shown.key = filter.key;
  of_shown.field = filter.field;
  return of_shown.admits({shown.key, shown.value, shown.headers, from_unix_ms(record.timestamp_ms)});
}

Result<std::vector<kafka::LogPart>> parts_of(const kafka::Settings& settings, const TailWanted& wanted, Milliseconds patience) {
  const auto admin = WEIR_TRY(kafka::Admin::open(settings));
  WEIR_TRY(admin->ping(patience));
  const auto logs = WEIR_TRY(kafka::log_ranges(*admin, wanted.topic));
  if (wanted.partition && *wanted.partition >= static_cast<std::int64_t>(logs.size())) {
    return fail(FaultKind::kUsage, fmt::format("--partition {}: {} has {} partitions", *wanted.partition, wanted.topic, logs.size()));
  }
  std::vector<std::optional<std::int64_t>> from(logs.size());
  std::vector<std::optional<std::int64_t>> to(logs.size());
  if (wanted.filter.from) from = WEIR_TRY(kafka::offsets_at(settings, wanted.topic, logs.size(), *wanted.filter.from, patience));
  if (wanted.filter.to) to = WEIR_TRY(kafka::offsets_at(settings, wanted.topic, logs.size(), *wanted.filter.to, patience));
  std::vector<kafka::LogPart> parts;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    if (wanted.partition && *wanted.partition != static_cast<std::int64_t>(i)) continue;
    kafka::LogPart part{static_cast<std::int32_t>(i), 0, wanted.follow ? kafka::kWithoutEnd : to[i].value_or(logs[i].end)};
    part.from = wanted.filter.from
                    ? from[i].value_or(logs[i].end)
                    : std::max(logs[i].begin, logs[i].end - (wanted.follow ? wanted.limit.value_or(kTailed) : *wanted.limit));
    parts.push_back(part);
  }
  return parts;
}

Result<std::vector<kafka::StoredRecord>> last_records(const kafka::Settings& settings, const std::string& topic,
                                                      const std::vector<kafka::LogPart>& parts, std::int64_t most, Milliseconds patience) {
  NewestRecords newest(static_cast<std::size_t>(most));
  std::map<std::int32_t, std::int64_t> found;
  const auto keep = [&](kafka::StoredRecord record) {
    ++found[record.partition];
    newest.add(std::move(record));
    return true;
  };
  const auto admin = WEIR_TRY(kafka::Admin::open(settings));
  std::int64_t back = std::max<std::int64_t>(most, kFirstStep);
  for (std::vector<kafka::LogPart> left = parts; !left.empty(); back *= kStepsGrow) {
    WEIR_TRY(kafka::read_parts(settings, topic, left, keep, patience));
    std::vector<kafka::LogPart> before;
    for (const kafka::LogPart& part : left) {
      if (found[part.partition] >= most || part.from == 0) continue;
      const auto log = WEIR_TRY(admin->range(topic, part.partition));
      if (part.from > log.begin) before.push_back({part.partition, std::max(log.begin, part.from - back), part.from});
    }
    left = std::move(before);
  }
  return std::move(newest).taken();
}

std::string record_json(const std::string& topic, kafka::StoredRecord record, bool is_masked) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("topic", topic).member("partition", record.partition).member("offset", record.offset);
  json.member("time", format_instant(from_unix_ms(record.timestamp_ms)));
  ShownRecord shown{std::move(record.headers), std::move(record.key), std::move(record.value), false};
  if (is_masked) shown = masked_record(std::move(shown));
  shown.add_to(json);
  json.end_object();
  return out;
}

Result<void> note_unmasked(postgres::Connection& connection, const TailWanted& wanted, const std::string& by, const std::string& why) {
  cli::OperatorAction action{.command = "tail --unmask", .filter = {}, .counts = "{}", .by = by, .why = why};
  JsonWriter filter(action.filter);
  filter.begin_object().member("topic", wanted.topic);
  if (wanted.partition) filter.member("partition", *wanted.partition);
  if (wanted.offset) filter.member("offset", *wanted.offset);
  if (wanted.filter.key) filter.member("key", "***");
  if (wanted.filter.type) filter.member("type", *wanted.filter.type);
  if (wanted.filter.field) filter.member("where", wanted.filter.field->pointer + "=***");
  if (wanted.filter.from) filter.member("from", format_instant(*wanted.filter.from));
  if (wanted.filter.to) filter.member("to", format_instant(*wanted.filter.to));
  if (wanted.follow) filter.member("follow", true);
  filter.end_object();
  WEIR_TRY(cli::note_action(connection, action));
  return {};
}

}  // namespace weir::operations
