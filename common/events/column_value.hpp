// Reads one column's JSON value, strictly, in every form that Debezium and `weir cdc` write for its type.
#pragma once

#include "common/events/change.hpp"
#include "common/events/connect_schema.hpp"
#include "common/events/json_text.hpp"

#include <string>
#include <string_view>

namespace weir::events {

/// The text that Debezium and `weir cdc` write for an unchanged TOAST value.
inline constexpr std::string_view kUnavailable = "__debezium_unavailable_value";

/// The one reason after which the document must not be touched again.
inline constexpr std::string_view kMalformed = "malformed_json";

/// Why a value is refused: `reason` is one of ChangeReader's, and "" where the value is taken.
struct ValueFault {
  std::string_view reason;
  std::string message;

  [[nodiscard]] bool none() const { return reason.empty(); }
};

/// Reads a value in plain form (plain_json.hpp) from its first byte on, and returns the place behind it; null where it is none, or has to
/// be read in general. Never null's: RowReader judges it.
[[nodiscard]] const char* read_plain_value(const Column& column, const char* at, Value& out);
/// Reads any value but null; RowReader judges null.
[[nodiscard]] ValueFault read_value(const Column& column, const ColumnFacts& facts, ondemand::value& value, const Token& token, Value& out);

}  // namespace weir::events
