// What the tests of the change reader share: records, columns, values as text.
#pragma once

#include "common/events/change.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::events::testing {

inline runtime::Record record_of(std::optional<std::string_view> value, std::optional<std::string_view> key = "{\"id\":1}") {
  runtime::Record record;
  record.topic = "weir.cdc.public.agent_executions";
  record.key = key;
  record.value = value;
  return record;
}

/// The columns of agent_executions that the rollups read.
inline std::vector<Column> execution_columns() {
  return {{"id", ColumnType::kUuid},
          {"organization_id", ColumnType::kUuid},
          {"agent_id", ColumnType::kUuid},
          {"user_id", ColumnType::kUuid, true},
          {"task_type", ColumnType::kText, true},
          {"status", ColumnType::kText},
          {"progress", ColumnType::kInteger},
          {"started_at", ColumnType::kInstant, true},
          {"completed_at", ColumnType::kInstant, true},
          {"execution_time_ms", ColumnType::kNanos, true},
          {"memory_mb", ColumnType::kNanos, true},
          {"cpu_percent", ColumnType::kNanos, true},
          {"quality_score", ColumnType::kNanos, true},
          {"confidence_score", ColumnType::kNanos, true},
          {"user_rating", ColumnType::kInteger, true},
          {"created_at", ColumnType::kInstant},
          {"updated_at", ColumnType::kInstant}};
}

struct ValueText {
  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(Unavailable) const { return "unavailable"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(const Uuid& value) const { return value.text(); }
  std::string operator()(Instant value) const { return format_instant(value); }
  std::string operator()(std::string_view value) const {
    return value.size() <= 60 ? fmt::format("'{}'", value) : fmt::format("'{}…' ({} bytes)", value.substr(0, 32), value.size());
  }
};

inline std::string text_of_value(const Value& value) { return std::visit(ValueText{}, value); }

/// Null where the record is no dead letter.
inline const runtime::Dead* dead_of(const Reading& reading) {
  const auto* none = std::get_if<NoChange>(&reading);
  return none == nullptr ? nullptr : std::get_if<runtime::Dead>(&none->why);
}

/// "reason path: message" of a dead letter; otherwise a word for the result.
inline std::string death_of(const Reading& reading) {
  if (const auto* dead = dead_of(reading)) return fmt::format("{} {}: {}", dead->reason, dead->path, dead->message);
  if (const auto* none = std::get_if<NoChange>(&reading)) return fmt::format("skipped {}", std::get<runtime::Skipped>(none->why).reason);
  return "a change";
}

inline std::string image_text(const std::optional<RowImage>& row, const std::vector<Column>& columns) {
  if (!row) return "none";
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i) text += fmt::format(" {}={}", columns[i].name, text_of_value((*row)[i]));
  return text;
}

/// All that was read of a record.
inline std::string answer_text(const Reading& answer, const std::vector<Column>& columns) {
  const auto* change = std::get_if<Change>(&answer);
  if (change == nullptr) return death_of(answer);
  const auto& position = change->position;
  return fmt::format("{} {}.{} of {}/{} at {}/{} tx {} {} {:016x}\n  before:{}\n  after:{}", position.op, change->schema, change->table,
                     position.source_name, position.source_db, position.commit_lsn ? std::to_string(*position.commit_lsn) : "null",
                     position.lsn, position.transaction_id, format_instant(position.recorded_at), position.content_hash,
                     image_text(change->before, columns), image_text(change->after, columns));
}

/// The envelope of one insert into a table whose row is `row`.
inline std::string envelope_of(std::string_view row, std::string_view op = "c") {
  return fmt::format(
      R"({{"before":null,"after":{},"source":{{"version":"1","connector":"postgresql","name":"weir.cdc","ts_ms":1795224211000,)"
      R"("snapshot":"false","db":"app","sequence":"[\"24\",\"25\"]","schema":"public","table":"t","txId":7,"lsn":25,"xmin":null}},)"
      R"("transaction":null,"op":"{}","ts_ms":1795224211122}})",
      row, op);
}

/// Values of records as Debezium wrote them, and one of our own.
inline std::vector<std::string> golden_values() {
  std::vector<std::string> values{envelope_of(R"({"id":"00000000-0000-4000-8000-000000000001","v":{"scale":3,"value":"Bdw="}})")};
  for (const char* file : {"default.jsonl", "wrapped.jsonl", "strings.jsonl"}) {
    std::ifstream lines(std::string(std::getenv("WEIR_SOURCE_DIR")) + "/tests/golden/debezium/" + file);
    std::string line;
    while (std::getline(lines, line)) {
      const std::size_t value = line.find(R"("value":{)");
      if (value != std::string::npos) values.push_back(line.substr(value + 8, line.size() - value - 9));
    }
  }
  return values;
}

}  // namespace weir::events::testing
