// Text as protocols compare and encode it.
#pragma once

#include <optional>
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

[[nodiscard]] constexpr bool is_digit(char c) { return static_cast<unsigned char>(c - '0') <= 9; }

/// The value of a hexadecimal digit of either case; none of any other byte.
[[nodiscard]] constexpr std::optional<int> hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
  return std::nullopt;
}

}  // namespace weir
