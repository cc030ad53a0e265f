#include "producers/cdc/unpublishable.hpp"

#include "common/postgres/table_name.hpp"
#include "producers/cdc/outbox.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

namespace weir::cdc {

namespace {

namespace dom = simdjson::dom;

/// The change that a record carries, as far as the record tells.
struct Origin {
  std::string op;
  std::string table;  // as people write it; empty: the record is of no table, or it is a tombstone
};

/// An event does not name its table, the outbox, and says whatever its application wants.
Origin origin_of(const OutRecord& record, const std::string& outbox) {
  Origin origin;
  if (event_id(record)) return {record.place.lsn == Lsn{} ? "r" : "c", outbox};
  dom::parser parser;
  dom::element value;
  if (!record.value || parser.parse(*record.value).get(value) != simdjson::SUCCESS) return origin;
  std::string_view op;
  std::string_view schema;
  std::string_view table;
  if (value["op"].get(op) == simdjson::SUCCESS) origin.op = op;
  if (value["source"]["schema"].get(schema) == simdjson::SUCCESS && value["source"]["table"].get(table) == simdjson::SUCCESS &&
      !table.empty()) {
    origin.table = postgres::TableName{std::string(schema), std::string(table)}.text();
  }
  return origin;
}

std::string_view statement(std::string_view op) {
  if (op == "c") return "INSERT";
  if (op == "u") return "UPDATE";
  if (op == "d") return "DELETE";
  if (op == "t") return "TRUNCATE";
  return op == "r" ? "row of the snapshot" : "change";
}

std::string change_text(const Origin& origin, const OutRecord& record) {
  const std::string what = fmt::format("the {} of table {}", statement(origin.op), origin.table);
  return origin.op == "r" ? what : fmt::format("{} at LSN {}", what, record.place.lsn.text());
}

std::string leave_out(const Origin& origin, const OutRecord& record) {
  return origin.op == "r" ? skip_snapshot_command(origin.table) : skip_command(origin.table, record.place);
}

std::string name_of(const TableShape& table) { return postgres::TableName{table.schema, table.table}.text(); }

Fault fault_of_data(std::string message, std::string hint) { return fail(FaultKind::kData, std::move(message), std::move(hint)).value(); }

}  // namespace

Fault too_large(const TableShape& table, const OutRecord& record, std::size_t max_record_bytes) {
  const Origin origin = origin_of(record, name_of(table));
  if (event_id(record)) {
    return fault_of_data(
        fmt::format("{} cannot be published: without its payload and its headers its record has {} bytes; cdc.max_record_bytes is {}",
                    change_text(origin, record), record.bytes(), max_record_bytes),
        fmt::format("raise cdc.max_record_bytes, or leave it out: {}", leave_out(origin, record)));
  }
  std::vector<std::string> key;
  for (const std::size_t column : table.key) key.push_back(table.columns[column].name);
  return fault_of_data(
      fmt::format("{} cannot be published: without its largest columns its record has {} bytes, {} of them its key ({}); "
                  "cdc.max_record_bytes is {}",
                  change_text(origin, record), record.bytes(), record.key.value_or("").size(), fmt::join(key, ", "), max_record_bytes),
      fmt::format("raise cdc.max_record_bytes, key the table by smaller columns (cdc.keys), or leave it out: {}",
                  leave_out(origin, record)));
}

Fault no_text(const TableShape& table, std::string_view key) {
  const std::string name = name_of(table);
  return fault_of_data(fmt::format("a row of table {} has a key that is no UTF-8: {}", name, key),
                       fmt::format("mend the row in the source, or leave all such rows out: {}", skip_snapshot_command(name)));
}

Fault no_text(const TableShape& table, std::string_view key, const ChangePlace& place) {
  const std::string name = name_of(table);
  return fault_of_data(
      fmt::format("the change of table {} at {} has a key that is no UTF-8: {}", name, place.lsn.text(), key),
      fmt::format("mend the row in the source; what is in the log by then stays as it is: leave this change out by {}; or snapshot all "
                  "tables again by weir cdc resnapshot",
                  skip_command(name, place)));
}

Fault no_event(const TableShape& table, std::string_view why) {
  const std::string name = name_of(table);
  return fault_of_data(fmt::format("a row of the outbox {} cannot be published: {}", name, why),
                       fmt::format("mend the row in the source, or leave all such rows out: {}", skip_snapshot_command(name)));
}

Fault no_event(const TableShape& table, std::string_view why, const ChangePlace& place) {
  const std::string name = name_of(table);
  return fault_of_data(
      fmt::format("the row of the outbox {} that was inserted at LSN {} cannot be published: {}", name, place.lsn.text(), why),
      fmt::format("leave it out: {}; its row stays in the table, so that it can be mended and inserted again", skip_command(name, place)));
}

bool is_refusal(FaultKind kind) {
  return kind == FaultKind::kData || kind == FaultKind::kConfiguration || kind == FaultKind::kKafkaRefused;
}

Fault refused(const OutRecord& record, const Fault& by_broker, const std::string& outbox) {
  const Origin origin = origin_of(record, outbox);
  if (origin.table.empty()) return by_broker;
  Fault fault = by_broker;
  fault.message = fmt::format("topic {} does not take {}: {}", record.topic, change_text(origin, record), by_broker.message);
  fault.hint = by_broker.advice();
  if (!fault.hint.empty()) fault.hint += "; ";
  if (!record.key) fault.hint += "a topic whose cleanup.policy is compact takes no record without a key, such as a TRUNCATE's; ";
  // weir cdc skip --snapshot does not help here: it leaves out rows that no record can hold, but this record could be sent.
  fault.hint += origin.op == "r"
                    ? "mend the topic, and the next start takes the snapshot again"
                    : fmt::format("mend the topic, and the change goes out; or leave the change out: {}", leave_out(origin, record));
  fault.hint += fmt::format("; or {}", kLeaveTableOut);
  return fault;
}

}  // namespace weir::cdc
