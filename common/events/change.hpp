// Reads change events in Debezium's envelope, bare or in {schema, payload}, from `weir cdc` or from Debezium itself, in the forms of
// its default settings or of the string settings that weir writes. The columns that a consumer uses are rows of data.
//
//   value     := null (tombstone) | envelope | { "schema": …, "payload": envelope }
//   envelope  := { before: row?, after: row?, source: {…}, op: "c"|"u"|"d"|"r"|"t"|"m", ts_ms, transaction }
#pragma once

#include "common/runtime/event.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::events {

enum class ColumnType : std::uint8_t {
  kUuid,     // → Uuid
  kText,     // → std::string (json, enum, domain too)
  kInteger,  // smallint, integer, bigint → std::int64_t
  kNanos,    // real, double precision, numeric → std::int64_t in 10⁻⁹ of the column's unit, from the decimal text, half to even
  kInstant,  // timestamptz (ISO 8601), timestamp (text or microseconds) → Instant
  kBoolean,  // → bool
};

struct Column {
  std::string name;
  ColumnType type = ColumnType::kText;
  bool nullable = false;
  bool optional = false;  // a row without it has null there; otherwise that is a fault, because the column was renamed or dropped
};

/// An unchanged TOAST value that the event does not carry. Only of kText and kNanos: the other types are never stored apart.
struct Unavailable {
  friend bool operator==(Unavailable, Unavailable) = default;
};
/// monostate: SQL null.
using Value = std::variant<std::monostate, Unavailable, bool, std::int64_t, Uuid, Instant, std::string>;
/// One row image: a Value for each Column of the reader, in its order.
using RowImage = std::vector<Value>;

struct Change {
  runtime::ChangePosition position;  // its op says what happened
  std::string schema;
  std::string table;
  std::optional<RowImage> before;
  std::optional<RowImage> after;
  // Why an image cannot be taken, though the envelope can: its first faulty column. The image then holds what could be read, and null
  // for the rest. Only of read_sides().
  std::optional<runtime::Dead> before_fault;
  std::optional<runtime::Dead> after_fault;
};

/// A record that says no change that can be taken.
struct NoChange {
  runtime::Ending why;
  /// Where it stands in its source, if its source block could be read: a refusal is sent again like any other change.
  std::optional<runtime::ChangePosition> position{};
};

/// What a record says.
using Reading = std::variant<Change, NoChange>;

/// One reader a topic. Keeps a parser and a padded buffer: not thread-safe.
class ChangeReader {
 public:
  explicit ChangeReader(std::vector<Column> columns);
  ~ChangeReader();
  ChangeReader(const ChangeReader&) = delete;
  ChangeReader& operator=(const ChangeReader&) = delete;

  /// A tombstone is Skipped "tombstone", a logical message Skipped "message". Dead reasons: "malformed_json", "not_an_envelope",
  /// "unknown_op", "missing_field", "wrong_type", "out_of_domain" (number outside int64 at 10⁻⁹, unreadable time), "missing_organization"
  /// (organization_id null or absent where it is one of the columns), each with the JSON Pointer into the value ("/after/started_at",
  /// wrapped "/payload/after/started_at").
  /// A column must be there even where it may be null: a renamed column must be seen. Of a repeated key the first counts. Broken JSON
  /// is found wherever it stands, but for the escapes of texts that nobody reads. A numeric that Debezium wrote as base64 without a
  /// schema is "wrong_type", naming decimal.handling.mode=string.
  [[nodiscard]] Reading read(const runtime::Record& record);
  /// The same, but a fault in the columns of one image leaves the other image readable: a consumer that subtracts what was before and
  /// adds what is after must do the one even where it refuses the other.
  [[nodiscard]] Reading read_sides(const runtime::Record& record);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::events
