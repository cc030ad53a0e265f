// Reads logical messages in Debezium's envelope, bare or in {schema, payload}: what an application emits by pg_logical_emit_message, and
// what weir cdc writes in the place of a change that was left out (docs/events.md). Messages are few: this is not the hot path.
//
//   envelope := { op: "m", ts_ms, source: { ts_ms, schema, table, … }, message: { prefix, content } }
#pragma once

#include "common/events/change.hpp"

#include <variant>

namespace weir::events {

/// The prefix of a message that stands in the place of a change that was left out.
inline constexpr std::string_view kSkipPrefix = "weir.skip";

struct LogicalMessage {
  std::string prefix;
  std::string schema;  // of the table whose change was left out; empty in a message of an application
  std::string table;
  Instant recorded_at{};  // source.ts_ms
};

/// Dead reasons: "malformed_json", "not_an_envelope", "unknown_op" (a change is no message), "missing_field", each with its path.
[[nodiscard]] std::variant<LogicalMessage, runtime::Ending> read_message(const runtime::Record& record);

}  // namespace weir::events
