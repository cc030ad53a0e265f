// Reads events for tests and gives faults as text, and makes the records of events.
#pragma once

#include "common/events/action.hpp"
#include "tests/unit/events/action_cases.hpp"

#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace weir::events::testing {

inline std::string fault_of(const std::string& json) {
  ActionReader reader;
  const auto action = reader.read_json(json);
  if (action) return "an action";
  return fmt::format("{}{} {}: {}", action.error().malformed ? "400 " : "", action.error().reason, action.error().pointer,
                     action.error().message);
}

/// The reason and pointer alone.
inline std::string refusal_of(const std::string& json) {
  const std::string fault = fault_of(json);
  return fault.substr(0, fault.find(": "));
}

struct OwnedRecord {
  std::vector<std::pair<std::string, std::string>> headers;
  std::string value;

  [[nodiscard]] runtime::Record record() const {
    runtime::Record record;
    record.topic = "weir.actions.v1";
    for (const auto& [name, text] : headers) record.headers.emplace_back(name, text);
    record.value = value;
    return record;
  }
};

inline OwnedRecord record_of(const Action& action) { return {to_headers(action), action.data}; }

inline Action valid_action() {
  ActionReader reader;
  return reader.read_json(valid_event()).value();
}

inline std::string death_of(const OwnedRecord& record) {
  ActionReader reader;
  const auto read = reader.read_record(record.record());
  const auto* none = std::get_if<NoAction>(&read);
  return none == nullptr ? "an action" : fmt::format("{} {}: {}", none->why.reason, none->why.path, none->why.message);
}

}  // namespace weir::events::testing
