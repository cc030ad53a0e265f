// Which records of a topic an operator wants to see. Pure.
#pragma once

#include "common/core/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::events {

/// The parts of a record that a filter looks at.
struct RecordContent {
  const std::optional<std::string>& key;
  const std::optional<std::string>& value;
  const std::vector<std::pair<std::string, std::string>>& headers;
  Instant time{};
};

/// Which records are wanted. A member that is not given admits every record.
struct RecordFilter {
  std::optional<std::string> key;   // as it stands in the record
  std::optional<std::string> type;  // of an action or an event; of a change c, u, d, t, r
  std::optional<Instant> from;      // of the record's time
  std::optional<Instant> to;        // not included
  struct Field {
    std::string pointer;  // a JSON Pointer into the value
    std::string value;    // a text without its quotes, or any other JSON without spaces
  };
  std::optional<Field> field;

  /// Whether the record's content matters, so that the last records of a log need not be the ones that are wanted.
  [[nodiscard]] bool chooses() const { return key || type || field; }
  [[nodiscard]] bool admits(const RecordContent& record) const;
};

/// "/after/status=failed". None: it is no JSON Pointer and value.
[[nodiscard]] std::optional<RecordFilter::Field> field_of(std::string_view text);

}  // namespace weir::events
