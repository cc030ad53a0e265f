// Whether a text is JSON that everybody reads alike: UTF-8, each key once in its object, nesting and numbers bounded, no NUL. What a
// JSON Schema cannot say stands here; it is judged before any schema.
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
  /// Judges a text that must hold one object. `data` becomes the bytes of its member "data" where that is an object, and stays good
  /// until the next text.
  [[nodiscard]] std::optional<ActionFault> check(std::string_view json, std::string_view& data);

 private:
  PaddedText text_;
  ondemand::parser parser_;
};

/// What simdjson has to say against a text, as a fault of an action.
[[nodiscard]] ActionFault json_fault(simdjson::error_code error, std::string pointer);

}  // namespace weir::events
