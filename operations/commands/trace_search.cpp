#include "operations/commands/trace_search.hpp"

#include "common/core/text.hpp"
#include "common/events/record_filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace weir::operations {

namespace {

constexpr Milliseconds kPatience{10'000};

std::optional<std::string> header(const kafka::StoredRecord& record, std::string_view name) {
  const auto found = std::find_if(record.headers.begin(), record.headers.end(), [name](const auto& one) { return one.first == name; });
  return found == record.headers.end() ? std::nullopt : std::optional(found->second);
}

/// Whether a member of the value is this text or number. Most records do not have the text at all, and are not parsed.
bool has(const kafka::StoredRecord& record, const std::string& pointer, const std::string& value) {
  if (!record.value || record.value->find(value) == std::string::npos) return false;
  events::RecordFilter filter;
  filter.field = {pointer, value};
  return filter.admits({record.key, record.value, record.headers, from_unix_ms(record.timestamp_ms)});
}

/// In binary mode an action's attributes are headers, in structured mode members of the value.
bool is_action(const kafka::StoredRecord& record, const std::string& id, const std::optional<std::string>& source) {
  if (const auto named = header(record, "ce_id")) return named == id && (!source || header(record, "ce_source") == source);
  return has(record, "/specversion", "1.0") && has(record, "/id", id) && (!source || has(record, "/source", *source));
}

}  // namespace

std::string trace_of(const kafka::StoredRecord& record) {
  const std::string parent = header(record, "traceparent").value_or("");
  return parent.size() >= 35 ? parent.substr(3, 32) : std::string();
}

std::optional<std::string> trace_id_of(std::string_view text) {
  constexpr std::size_t kDigits = 32;
  constexpr std::size_t kTraceparent = 55;
  if (text.size() == kTraceparent && text[2] == '-' && text[35] == '-') text = text.substr(3, kDigits);
  const bool is_hex = std::ranges::all_of(text, [](char c) { return hex_digit(c).has_value(); });
  return text.size() == kDigits && is_hex ? std::optional(lower(text)) : std::nullopt;
}

bool TraceTarget::matches(const kafka::StoredRecord& record) const {
  if (trace_id) return trace_of(record) == *trace_id;
  if (event_id) {
    return is_action(record, *event_id, event_source) || (!event_source && header(record, "id") == event_id);
  }
  if (lsn) return has(record, "/source/lsn", std::to_string(*lsn));
  if (!row_key || !record.key) return false;
  return *record.key == *row_key || record.key->find('"' + *row_key + '"') != std::string::npos;
}

std::optional<std::uint64_t> lsn_of(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash > 8 || text.size() - slash - 1 > 8) return std::nullopt;
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), text.data() + slash, high, 16);
  const auto second = std::from_chars(text.data() + slash + 1, end, low, 16);
  if (first.ec != std::errc() || first.ptr != text.data() + slash || second.ec != std::errc() || second.ptr != end) return std::nullopt;
  return (high << 32U) | low;
}

bool leaves_row(const kafka::StoredRecord& record, const std::map<std::string, std::string, std::less<>>& columns) {
  return !columns.empty() && std::all_of(columns.begin(), columns.end(),
                                         [&](const auto& column) { return has(record, "/after/" + column.first, column.second); });
}

Result<std::vector<FoundRecord>> search_topic(kafka::Admin& admin, const kafka::Settings& settings, const std::string& topic,
                                              const Chooses& chooses, Instant from, Instant to, std::size_t most) {
  std::vector<FoundRecord> found;
  const auto logs = WEIR_TRY(kafka::log_ranges(admin, topic));
  const auto begins = WEIR_TRY(kafka::offsets_at(settings, topic, logs.size(), from, kPatience));
  const auto ends = WEIR_TRY(kafka::offsets_at(settings, topic, logs.size(), to, kPatience));
  std::vector<kafka::LogPart> parts;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    if (begins[i]) parts.push_back({static_cast<std::int32_t>(i), *begins[i], ends[i].value_or(logs[i].end)});
  }
  const auto look = [&](kafka::StoredRecord record) {
    if (chooses(record)) found.push_back({topic, std::move(record)});
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

Result<std::vector<FoundRecord>> records_at(kafka::Admin& admin, const kafka::Settings& settings, const std::string& topic,
                                            const std::set<std::pair<std::int32_t, std::int64_t>>& places) {
  const auto logs = WEIR_TRY(kafka::log_ranges(admin, topic));
  std::map<std::int32_t, kafka::LogPart> parts;
  for (const auto& [partition, offset] : places) {
    const auto index = static_cast<std::size_t>(partition);
    if (index >= logs.size() || offset < logs[index].begin || offset >= logs[index].end) continue;
    parts.try_emplace(partition, kafka::LogPart{partition, offset, 0}).first->second.to = offset + 1;
  }
  std::vector<kafka::LogPart> wanted;
  for (const auto& [partition, part] : parts) wanted.push_back(part);
  std::vector<FoundRecord> found;
  if (wanted.empty()) return found;
  const auto take = [&](kafka::StoredRecord record) {
    if (places.contains({record.partition, record.offset})) found.push_back({topic, std::move(record)});
    return true;
  };
  WEIR_TRY(kafka::read_parts(settings, topic, wanted, take, kPatience));
  return found;
}

}  // namespace weir::operations
