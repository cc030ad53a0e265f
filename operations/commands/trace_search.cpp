#include "operations/commands/trace_search.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::operations {

namespace {

constexpr Milliseconds kPatience{10'000};

std::optional<std::string> header(const kafka::StoredRecord& record, std::string_view name) {
  const auto found = std::find_if(record.headers.begin(), record.headers.end(), [name](const auto& one) { return one.first == name; });
  return found == record.headers.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::string trace_of(const kafka::StoredRecord& record) {
  const std::string parent = header(record, "traceparent").value_or("");
  return parent.size() >= 35 ? parent.substr(3, 32) : std::string();
}

bool TraceTarget::matches(const kafka::StoredRecord& record) const {
  if (trace_id) return trace_of(record) == *trace_id;
  if (event_id) {
    const bool is_action = header(record, "ce_id") == event_id && (!event_source || header(record, "ce_source") == event_source);
    return is_action || (!event_source && header(record, "id") == event_id);
  }
  if (!row_key || !record.key) return false;
  return *record.key == *row_key || record.key->find('"' + *row_key + '"') != std::string::npos;
}

Result<std::vector<FoundRecord>> search_topic(kafka::Admin& admin, const kafka::Settings& settings, const std::string& topic,
                                              const TraceTarget& target, Instant from, Instant to, std::size_t most) {
  std::vector<FoundRecord> found;
  const auto logs = WEIR_TRY(kafka::log_ranges(admin, topic));
  const auto begins = WEIR_TRY(kafka::offsets_at(settings, topic, logs.size(), from, kPatience));
  const auto ends = WEIR_TRY(kafka::offsets_at(settings, topic, logs.size(), to, kPatience));
  std::vector<kafka::LogPart> parts;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    if (begins[i]) parts.push_back({static_cast<std::int32_t>(i), *begins[i], ends[i].value_or(logs[i].end)});
  }
  const auto look = [&](kafka::StoredRecord record) {
    if (target.matches(record)) found.push_back({topic, std::move(record)});
    return found.size() < most;
  };
  WEIR_TRY(kafka::read_parts(settings, topic, parts, look, kPatience));
  return found;
}

Result<FoundRecord> record_at(kafka::Admin& admin, const kafka::Settings& settings, const std::string& topic, std::int32_t partition,
                              std::int64_t offset) {
  const auto logs = WEIR_TRY(kafka::log_ranges(admin, topic));
  const auto index = static_cast<std::size_t>(partition);
  if (index >= logs.size())
    return fail(FaultKind::kUsage, fmt::format("--partition {}: {} has {} partitions", partition, topic, logs.size()));
  const auto& log = logs[index];
  const std::string place = fmt::format("{} partition {} offset {}", topic, partition, offset);
  if (offset < log.begin || offset >= log.end) {
    return fail(FaultKind::kData, fmt::format("{}: the log holds {} to {}", place, log.begin, log.end));
  }
  std::optional<FoundRecord> found;
  const auto take = [&](kafka::StoredRecord record) {
    if (record.offset == offset) found = FoundRecord{topic, std::move(record)};
    return false;
  };
  WEIR_TRY(kafka::read_parts(settings, topic, {{partition, offset, log.end}}, take, kPatience));
  if (!found) return fail(FaultKind::kData, place + ": no record is there, but the marker of a transaction or an aborted record");
  return std::move(*found);
}

}  // namespace weir::operations
