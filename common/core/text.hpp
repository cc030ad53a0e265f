// Text as protocols compare it.
#pragma once

#include <string>
#include <string_view>

namespace weir {

/// A to Z as a to z, every other byte as it is, in any locale.
[[nodiscard]] constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
[[nodiscard]] inline std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

}  // namespace weir
