// Checks that a text is JSON that every reader understands alike: UTF-8, each key once in its object, bounded nesting and numbers, no NUL.
// A JSON Schema cannot say this, so it is checked here, before any schema.
#pragma once

#include "common/events/action.hpp"
#include "common/events/json_text.hpp"

#include <optional>
#include <string_view>

namespace weir::events {

inline constexpr int kMaxDepth = 16;               // levels of objects and arrays, the outermost being the first
inline constexpr std::size_t kMaxNumberSize = 64;  // characters

class StrictJson {
 public:
  /// Checks a text that must hold one object. `data` becomes the bytes of its member "data" where that is an object, and stays valid until
  /// the next text.
  [[nodiscard]] std::optional<ActionFault> check(std::string_view json, std::string_view& data);

 private:
  PaddedText text_;
  ondemand::parser parser_;
};

/// An error of simdjson as a fault of an action.
[[nodiscard]] ActionFault json_fault(simdjson::error_code error, std::string pointer);

}  // namespace weir::events
