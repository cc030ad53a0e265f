// Reads change events in Debezium's envelope, bare or in {schema, payload}, from `weir cdc` or from Debezium itself, in the forms of its
// default settings or of the settings that write texts, as weir does. A consumer lists the columns that it uses as data.
//
//   value     := null (tombstone) | envelope | { "schema": …, "payload": envelope }
//   envelope  := { before: row?, after: row?, source: {…}, op: "c"|"u"|"d"|"r"|"t"|"m", ts_ms, transaction }
#pragma once

#include "common/runtime/event.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::events {

enum class ColumnType : std::uint8_t {
  kUuid,     // → Uuid
  kText,     // → std::string_view (json, enum, domain too)
  kInteger,  // smallint, integer, bigint → std::int64_t
  kNanos,    // real, double precision, numeric → std::int64_t in 10⁻⁹ of the column's unit, from the decimal text, half to even
  kInstant,  // timestamptz (ISO 8601), timestamp (text or microseconds) → Instant
  kBoolean,  // → bool
};

struct Column {
  std::string name;
  ColumnType type = ColumnType::kText;
  bool nullable = false;
  bool optional =
      false;  // true: a row without this column has null there; false: that is a fault, because the column was renamed or dropped
};

/// An unchanged TOAST value that the event does not carry. Only kText and kNanos have it, because Postgres never stores the other types
/// apart.
struct Unavailable {
  friend bool operator==(Unavailable, Unavailable) = default;
};
/// monostate: SQL null.
using Value = std::variant<std::monostate, Unavailable, bool, std::int64_t, Uuid, Instant, std::string_view>;
/// One row image: a Value for each Column of the reader, in its order.
using RowImage = std::span<const Value>;

/// A change as it was read. Its texts and images are the reader's and the record's: they are good until the reader reads again, and no
/// longer than the record.
struct Change {
  runtime::ChangePosition position;  // position.op says what happened
  std::string_view schema;
  std::string_view table;
  std::optional<RowImage> before;
  std::optional<RowImage> after;
  // The first faulty column of an image that cannot be taken although its envelope can. The image then holds the columns that could be
  // read, and null for the rest. Only read_sides() sets these.
  std::optional<runtime::Dead> before_fault;
  std::optional<runtime::Dead> after_fault;
};

/// A record from which no change can be taken.
struct NoChange {
  runtime::Ending why;
  /// Its place in its source, where that could be read, because a producer sends a refused change again like any other.
  std::optional<runtime::ChangePosition> position{};
};

/// The result of reading a record.
using Reading = std::variant<Change, NoChange>;

/// The reader of one topic. Not thread-safe, because it keeps a parser and a padded buffer.
class ChangeReader {
 public:
  explicit ChangeReader(std::vector<Column> columns);
  ~ChangeReader();
  ChangeReader(const ChangeReader&) = delete;
  ChangeReader& operator=(const ChangeReader&) = delete;

  /// A tombstone is Skipped "tombstone", a logical message Skipped "message". Dead reasons: "malformed_json", "not_an_envelope",
  /// "unknown_op", "missing_field", "wrong_type", "out_of_domain" (number outside int64 at 10⁻⁹, unreadable time), "missing_organization"
  /// (organization_id null or absent where it is one of the columns), each with the JSON Pointer into the value ("/after/started_at",
  /// wrapped "/payload/after/started_at"). A column must be there even where it may be null, so that a renamed column is noticed. Of a
  /// repeated key the first counts. Broken JSON is found wherever it stands, except in the escapes of texts that no column reads. A numeric
  /// that Debezium wrote as base64 without a schema is "wrong_type", naming decimal.handling.mode=string.
  [[nodiscard]] Reading read(const runtime::Record& record);
  /// The same, but a fault in the columns of one image leaves the other image readable, because a consumer that subtracts the row before
  /// and adds the row after must subtract even where it refuses to add.
  [[nodiscard]] Reading read_sides(const runtime::Record& record);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::events
