// How commands show a record of Kafka, of a topic or kept as a letter: masked, unless the operator asked otherwise.
#pragma once

#include "common/core/json.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::operations {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct ShownRecord {
  Headers headers;
  std::optional<std::string> key;
  std::optional<std::string> value;  // none: a tombstone
  bool is_masked = true;

  /// The members masked, headers, key and value of an object that is open.
  void add_to(JsonWriter& json) const;
  /// A line for each header, the key and the value.
  [[nodiscard]] std::string text() const;
};

/// Shows of a record only what schemas/personal_data.csv, as the executable carries it, names as harmless.
[[nodiscard]] ShownRecord masked_record(ShownRecord whole);

}  // namespace weir::operations
