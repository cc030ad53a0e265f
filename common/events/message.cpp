#include "common/events/message.hpp"

#include <fmt/format.h>
#include <simdjson.h>

namespace weir::events {

namespace {

namespace dom = simdjson::dom;
using runtime::Dead;
using runtime::Skipped;

/// "" where there is no such text.
std::string text_of(const dom::object& object, std::string_view member) {
  std::string_view text;
  return object[member].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

Dead missing(std::string_view path, std::string_view what) {
  return {"missing_field", std::string(path), fmt::format("a message must have {}", what)};
}

std::variant<LogicalMessage, runtime::Ending> read_envelope(const dom::object& envelope, const std::string& path) {
  std::string_view op;
  if (envelope["op"].get(op) != simdjson::SUCCESS) return Dead{"not_an_envelope", path, "the value is JSON, but it has no op"};
  if (op != "m") return Dead{"unknown_op", path + "/op", fmt::format("op must be m in a topic of messages, not {}", op)};
  dom::object source;
  dom::object message;
  std::int64_t ms = 0;
  if (envelope["source"].get(source) != simdjson::SUCCESS) return missing(path + "/source", "its source");
  if (source["ts_ms"].get(ms) != simdjson::SUCCESS) return missing(path + "/source/ts_ms", "the time of its source");
  if (envelope["message"].get(message) != simdjson::SUCCESS) return missing(path + "/message", "a message");
  return LogicalMessage{text_of(message, "prefix"), text_of(source, "schema"), text_of(source, "table"), from_unix_ms(ms)};
}

}  // namespace

std::variant<LogicalMessage, runtime::Ending> read_message(const runtime::Record& record) {
  if (!record.value) return Skipped{"tombstone"};
  dom::parser parser;
  dom::element value;
  if (const auto error = parser.parse(record.value->data(), record.value->size()).get(value); error != simdjson::SUCCESS) {
    return Dead{"malformed_json", "", fmt::format("the value is not JSON: {}", simdjson::error_message(error))};
  }
  dom::object object;
  if (value.is_null()) return Skipped{"tombstone"};
  if (value.get(object) != simdjson::SUCCESS) return Dead{"not_an_envelope", "", "the value is JSON, but no object"};
  dom::element payload;
  if (object["payload"].get(payload) != simdjson::SUCCESS) return read_envelope(object, "");
  if (payload.is_null()) return Skipped{"tombstone"};
  if (payload.get(object) != simdjson::SUCCESS) return Dead{"not_an_envelope", "/payload", "the payload is no object"};
  return read_envelope(object, "/payload");
}

}  // namespace weir::events
