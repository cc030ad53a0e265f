// The row images of a change, with all of their columns: which of them a rule asks for is data, so that no list of columns is compiled in.
#pragma once

#include "common/events/json_text.hpp"
#include "consumers/notifications/pure/condition.hpp"

#include <optional>
#include <string_view>

namespace weir::notifications {

/// Reads a value that ChangeReader has taken, bare or in {schema, payload}. Not thread-safe, because it keeps a parser.
class RowFieldsReader {
 public:
  struct Images {
    std::optional<Fields> before;
    std::optional<Fields> after;
  };
  /// A large value that an update left as it was may not be in the event: then it is taken from the row before, or left out.
  [[nodiscard]] Images read(std::string_view value);

 private:
  simdjson::dom::parser parser_;
};

}  // namespace weir::notifications
