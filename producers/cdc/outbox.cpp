#include "producers/cdc/outbox.hpp"

#include "producers/cdc/change_name.hpp"
#include "producers/cdc/topic_name.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <array>

namespace weir::cdc {

namespace {

using pgoutput::Cell;
using pgoutput::Tuple;
namespace dom = simdjson::dom;

constexpr std::string_view kIdHeader = "id";
constexpr std::string_view kTypeHeader = "type";
constexpr std::string_view kOwnHeaders = "weir.";
constexpr std::string_view kOmittedHeader = "weir.omitted";
// How many bytes of an aggregate type, or of the topic that it would name, logs and faults show.
constexpr std::size_t kLongestTold = 250;
// Ids are kept until their rows are deleted, so a long one would take the place of many.
constexpr std::size_t kLongestId = 1'000;

// The types of weir's own events. A trigger of weir.outbox refuses them to all roles but weir's; other tables have no such trigger, so that
// events of these types are left out there.
constexpr std::array<std::string_view, 2> kReservedTypes{"dlq", "agent_metrics"};
const postgres::TableName kGuardedTable{"weir", "outbox"};

/// A column under either of the names by which it is known.
struct Named {
  std::string_view ours;
  std::string_view debezium;
};
constexpr Named kId{"id", "id"};
constexpr Named kAggregateType{"aggregate_type", "aggregatetype"};
constexpr Named kAggregateId{"aggregate_id", "aggregateid"};
constexpr Named kPayload{"payload", "payload"};
constexpr Named kType{"type", "type"};
constexpr Named kHeaders{"headers", "headers"};

std::optional<std::size_t> place_of(const std::vector<std::string>& columns, const Named& name) {
  for (const std::string_view either : {name.ours, name.debezium}) {
    const auto found = std::find(columns.begin(), columns.end(), either);
    if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  }
  return std::nullopt;
}

std::optional<std::string_view> text_of(const Tuple& row, std::optional<std::size_t> column) {
  if (!column || *column >= row.size() || row[*column].kind != Cell::Kind::kText) return std::nullopt;
  return row[*column].text;
}

/// Adds the members of the row's headers. False: they are no JSON object.
bool add_headers(std::string_view json, OutRecord& record) {
  dom::parser parser;
  dom::object members;
  if (parser.parse(json.data(), json.size()).get(members) != simdjson::SUCCESS) return false;
  for (const auto& [name, value] : members) {
    if (name == kIdHeader || name == kTypeHeader || name.starts_with(kOwnHeaders)) continue;
    std::string_view text;
    record.headers.emplace_back(std::string(name), value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value));
  }
  return true;
}

/// Takes the payload out of a record that is too large, and the row's headers where that is not enough.
void shrink(OutRecord& record, std::size_t own_headers, std::size_t max_record_bytes) {
  record.value = fmt::format("\"{}\"", kUnavailable);
  record.headers.emplace_back(kOmittedHeader, "payload");
  if (record.bytes() <= max_record_bytes || record.headers.size() == own_headers + 1) return;
  record.headers.resize(own_headers);
  record.headers.emplace_back(kOmittedHeader, "payload,headers");
}

}  // namespace

std::string outbox_objection(const postgres::TableName& table, const std::vector<std::string>& columns) {
  std::vector<std::string_view> lacking;
  for (const Named& name : {kId, kAggregateType, kAggregateId, kPayload}) {
    if (!place_of(columns, name)) lacking.push_back(name.ours);
  }
  if (lacking.empty()) return {};
  return fmt::format(
      "table {} cannot be the outbox, because its published columns lack {}: add them, or name another table in "
      "cdc.outbox.table",
      table.text(), fmt::join(lacking, ", "));
}

Result<OutboxRoute> OutboxRoute::of(const OutboxSettings& settings, const std::vector<ColumnShape>& columns) {
  std::vector<std::string> names;
  for (const ColumnShape& column : columns) names.push_back(column.name);
  if (auto line = outbox_objection(settings.table, names); !line.empty()) return fail(FaultKind::kConfiguration, std::move(line));
  OutboxRoute route(settings);
  route.id_ = *place_of(names, kId);
  route.aggregate_type_ = *place_of(names, kAggregateType);
  route.aggregate_id_ = *place_of(names, kAggregateId);
  route.payload_ = *place_of(names, kPayload);
  route.type_ = place_of(names, kType);
  route.headers_ = place_of(names, kHeaders);
  route.payload_is_bytes_ = columns[route.payload_].type.form == Form::kBytes;
  return route;
}

bool OutboxRoute::is_published(std::string_view type) const {
  const bool reserved = std::find(kReservedTypes.begin(), kReservedTypes.end(), type) != kReservedTypes.end();
  if (reserved && settings_.table != kGuardedTable) return false;
  const auto& types = settings_.types;
  return types.empty() || std::find(types.begin(), types.end(), type) != types.end();
}

std::string OutboxRoute::topic_of(std::string_view type) const {
  return type == kReservedTypes.front() ? settings_.dlq_topic : fmt::format("{}.{}", settings_.topic_prefix, type);
}

std::string OutboxRoute::value_of(const Tuple& row) const {
  const auto payload = text_of(row, payload_);
  if (!payload) return "null";
  if (payload_is_bytes_) {
    if (auto bytes = bytea_bytes(*payload)) return *std::move(bytes);
  }
  return std::string(*payload);
}

OutboxEvent OutboxRoute::event(const Tuple& row, std::size_t max_record_bytes) const {
  OutboxEvent event;
  const auto object = [&](std::string why) {
    event.objection = std::move(why);
    return event;
  };
  const auto id = text_of(row, id_);
  const auto type = text_of(row, aggregate_type_);
  if (!id || id->empty()) return object("it has no id");
  if (id->size() > kLongestId) return object(fmt::format("its id has {} bytes, more than {}", id->size(), kLongestId));
  if (!type || type->empty()) return object("it has no aggregate type");
  event.type = type->substr(0, kLongestTold);
  if (!is_published(*type)) return event;
  OutRecord record;
  record.topic = topic_of(*type);
  if (!is_topic_name(record.topic)) {
    return object(fmt::format("its topic would be {}, a name that Kafka refuses: letters, digits and . _ - are allowed, and 249 characters",
                              escaped(std::string_view(record.topic).substr(0, kLongestTold))));
  }
  if (const auto key = text_of(row, aggregate_id_)) record.key = *key;
  record.value = value_of(row);
  record.headers.emplace_back(kIdHeader, *id);
  if (const auto of_event = text_of(row, type_)) record.headers.emplace_back(kTypeHeader, *of_event);
  const std::size_t own_headers = record.headers.size();
  const auto headers = text_of(row, headers_);
  if (headers && !add_headers(*headers, record)) return object("its headers are no JSON object");
  if (record.bytes() > max_record_bytes) {
    shrink(record, own_headers, max_record_bytes);
    event.omitted = true;
  }
  event.record = std::move(record);
  return event;
}

std::optional<std::string_view> event_id(const OutRecord& record) {
  if (record.headers.empty() || record.headers.front().first != kIdHeader) return std::nullopt;
  return record.headers.front().second;
}

bool is_whole(const OutRecord& event) {
  return std::none_of(event.headers.begin(), event.headers.end(), [](const auto& header) { return header.first == kOmittedHeader; });
}

}  // namespace weir::cdc
