// A topic of changes as text, one line for each record: its key, its op, the row before and the row after; a tombstone has only its key.
#pragma once

#include "tests/component/cdc/fixture.hpp"

#include <simdjson.h>

namespace weir::cdc {

inline std::string told(const std::string& topic) {
  std::string out;
  simdjson::dom::parser parser;
  for (const auto& record : read_topic(topic)) {
    out += record.key.value_or("null");
    if (record.value) {
      const simdjson::dom::element value = parser.parse(*record.value);
      const std::string_view op = value["op"];
      out += " " + std::string(op) + " " + std::string(simdjson::minify(value["before"].value())) + " " +
             std::string(simdjson::minify(value["after"].value()));
    }
    for (const auto& [name, text] : record.headers) out += " [" + name + "=" + text + "]";
    out += "\n";
  }
  return out;
}

/// The records of `topic` once it has `count` of them.
inline std::string told(const std::string& topic, std::size_t count) {
  CHECK(await_records(topic, count));
  return told(topic);
}

}  // namespace weir::cdc
