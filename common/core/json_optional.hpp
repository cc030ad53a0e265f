// Members whose value may not be there. A program that reads weir's answers finds null for each of them, never an empty text.
#pragma once

#include "common/core/json.hpp"

#include <optional>
#include <string_view>

namespace weir {

template <class Value>
JsonWriter& member_or_null(JsonWriter& json, std::string_view name, const std::optional<Value>& value) {
  json.name(name);
  return value ? json.value(*value) : json.null();
}

/// An empty text is none.
inline JsonWriter& member_or_null(JsonWriter& json, std::string_view name, std::string_view text) {
  json.name(name);
  return text.empty() ? json.null() : json.value(text);
}

}  // namespace weir
