// Tokens of JSON in its plain form: no space between tokens, and texts of ASCII without escapes. It is what weir cdc and Debezium write all
// day, and it is read in one go from the first byte to the last. Each function takes the place of a token and returns the place behind it,
// or null where the token is broken or not plain: then the general reader decides what it is.
//
// The text must be followed by a NUL, which no token holds, and by kPadding bytes in all that may be read.
#pragma once

#include "common/core/text.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir::events::plain {

/// From an opening quote to behind the closing one. Eight bytes at a time.
[[nodiscard]] inline const char* past_string(const char* at) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  if (*at != '"') return nullptr;
  for (++at;; at += 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    // The high bit of each byte that ends the plain text. Of these the lowest is right; a borrow may have set those above it.
    const std::uint64_t quotes = bytes ^ (kOnes * '"');
    const std::uint64_t escapes = bytes ^ (kOnes * '\\');
    const std::uint64_t found =
        (((quotes - kOnes) & ~quotes) | ((escapes - kOnes) & ~escapes) | ((bytes - kOnes * 0x20) & ~bytes) | bytes) & kHigh;
    if (found == 0) continue;
    at += std::countr_zero(found) / 8;
    return *at == '"' ? at + 1 : nullptr;
  }
}

/// Past the digits of a whole number, which begins with 0 only where it is 0.
[[nodiscard]] inline const char* past_digits(const char* at) {
  if (!is_digit(*at)) return nullptr;
  if (*at == '0') return is_digit(at[1]) ? nullptr : at + 1;
  while (is_digit(*at)) ++at;
  return at;
}

/// Reads a whole number of at most 18 digits, which always fits.
[[nodiscard]] inline const char* read_digits(const char* at, std::int64_t& number) {
  constexpr std::ptrdiff_t kDigits = 18;
  const char* const end = past_digits(at);
  if (end == nullptr || end - at > kDigits) return nullptr;
  for (number = 0; at < end; ++at) number = number * 10 + (*at - '0');
  return end;
}

/// A number without an exponent.
[[nodiscard]] inline const char* past_number(const char* at) {
  at = past_digits(*at == '-' ? at + 1 : at);
  if (at == nullptr || *at != '.') return at;
  if (!is_digit(*++at)) return nullptr;
  while (is_digit(*at)) ++at;
  return at;
}

/// The letters of null, true or false.
[[nodiscard]] inline const char* past_word(const char* at, std::string_view word) {
  return std::memcmp(at, word.data(), word.size()) == 0 ? at + word.size() : nullptr;
}

/// Any value but an object or array.
[[nodiscard]] inline const char* past_scalar(const char* at) {
  switch (*at) {
    case '"':
      return past_string(at);
    case 'n':
      return past_word(at, "null");
    case 't':
      return past_word(at, "true");
    case 'f':
      return past_word(at, "false");
    default:
      return past_number(at);
  }
}

/// Whether a value may end before this: what follows it in an object.
[[nodiscard]] inline bool ends_value(const char* at) { return *at == ',' || *at == '}'; }

}  // namespace weir::events::plain
