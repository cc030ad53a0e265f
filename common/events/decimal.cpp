#include "common/events/decimal.hpp"

#include "common/core/text.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace weir::events {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr int kKeptDigits = 38;                   // 10³⁸ is the highest power of ten in 128 bits
constexpr std::int64_t kExponentLimit = 100'000;  // beyond it every number is 0 or out of the domain
constexpr std::size_t kMaxTextBytes = 50'000;     // Postgres' numeric has up to 16,383 digits after the point
constexpr std::size_t kMaxUnscaledBytes = 1024;  // bounds the work on one value; no metric is longer, although a numeric of Postgres may be

constexpr std::array<Wide, kKeptDigits + 1> powers_of_ten() {
  std::array<Wide, kKeptDigits + 1> powers{};
  Wide power = 1;
  for (Wide& entry : powers) {
    entry = power;
    power *= 10;
  }
  return powers;
}
constexpr auto kPowersOfTen = powers_of_ten();

/// A number as |mantissa| and something less than one unit of it (`more`), times 10^exponent.
struct Parts {
  bool negative = false;
  Wide mantissa = 0;
  bool more = false;
  std::int64_t exponent = 0;
};

Nanos with_sign(Wide magnitude, bool negative) {
  constexpr auto kMax = static_cast<Wide>(std::numeric_limits<std::int64_t>::max());
  if (magnitude > kMax + (negative ? 1 : 0)) return tl::unexpected(DecimalFault::kOutOfDomain);
  const auto bits = static_cast<std::uint64_t>(magnitude);
  return static_cast<std::int64_t>(negative ? 0 - bits : bits);
}

Nanos rounded(const Parts& parts) {
  const std::int64_t shift = parts.exponent + 9;
  if (parts.mantissa == 0) return 0;
  if (shift >= 0) {
    // Digits are left out of the mantissa only past 37 of them, which is far outside the domain already.
    if (parts.more || shift > 18 || parts.mantissa > std::numeric_limits<std::uint64_t>::max()) {
      return tl::unexpected(DecimalFault::kOutOfDomain);
    }
    return with_sign(parts.mantissa * kPowersOfTen[static_cast<std::size_t>(shift)], parts.negative);
  }
  if (-shift > kKeptDigits) return 0;
  const Wide divisor = kPowersOfTen[static_cast<std::size_t>(-shift)];
  const Wide half = divisor / 2;
  Wide quotient = parts.mantissa / divisor;
  const Wide rest = parts.mantissa % divisor;
  if (rest > half || (rest == half && (parts.more || quotient % 2 == 1))) ++quotient;
  return with_sign(quotient, parts.negative);
}

/// Takes the digits at `at` into the mantissa, and returns how many there were.
std::int64_t take_digits(std::string_view text, std::size_t& at, Parts& parts, std::int64_t& left_out) {
  const std::size_t first = at;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    if (parts.mantissa < kPowersOfTen[kKeptDigits - 1]) {
      parts.mantissa = parts.mantissa * 10 + static_cast<unsigned>(text[at] - '0');
    } else {
      parts.more = parts.more || text[at] != '0';
      ++left_out;
    }
  }
  return static_cast<std::int64_t>(at - first);
}

/// The exponent at `at` (the text ends after it), clamped to ±kExponentLimit; none where it has no digit.
std::optional<std::int64_t> exponent_at(std::string_view text, std::size_t at) {
  bool negative = false;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) negative = text[at++] == '-';
  if (at == text.size()) return std::nullopt;
  std::int64_t value = 0;
  for (; at < text.size(); ++at) {
    if (!is_digit(text[at])) return std::nullopt;
    value = std::min(value * 10 + (text[at] - '0'), kExponentLimit);
  }
  return negative ? -value : value;
}

bool is_special(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  constexpr std::array<std::string_view, 5> kWords{"nan", "infinity", "inf", "positive_infinity", "negative_infinity"};
  return std::find(kWords.begin(), kWords.end(), lower(text.substr(0, 32))) != kWords.end();
}

/// |unscaled| in words of 32 bits, the highest first.
std::vector<std::uint32_t> magnitude_words(std::string_view unscaled, bool negative) {
  std::vector<std::uint32_t> words((unscaled.size() + 3) / 4, 0);
  std::uint32_t carry = negative ? 1 : 0;
  for (std::size_t i = 0; i < unscaled.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(unscaled[unscaled.size() - 1 - i]);
    std::uint32_t value = carry;
    value += negative ? static_cast<std::uint8_t>(~byte) : byte;
    carry = value >> 8U;
    words[words.size() - 1 - i / 4] |= (value & 0xffU) << (8 * (i % 4));
  }
  // |−2^(8n)| alone needs a bit more than its bytes.
  if (carry != 0) {
    if (unscaled.size() % 4 == 0) {
      words.insert(words.begin(), 1);
    } else {
      words.front() |= 1U << (8 * (unscaled.size() % 4));
    }
  }
  return words;
}

}  // namespace

const char* read_plain_decimal(const char* at, const char* end, std::int64_t& nanos) {
  constexpr std::ptrdiff_t kDigits = 18;
  constexpr std::array<std::int64_t, 10> kScale{1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  const bool negative = at < end && *at == '-';
  if (negative) ++at;
  // The loops read at most one digit more than a number may have here, and the point: a text with more digits is refused below, whatever
  // value its first ones gave.
  const char* const limit = end - at > kDigits + 2 ? at + kDigits + 2 : end;
  const char* const first = at;
  std::uint64_t mantissa = 0;
  for (; at < limit && is_digit(*at); ++at) mantissa = mantissa * 10 + static_cast<unsigned>(*at - '0');
  const std::ptrdiff_t whole = at - first;
  std::ptrdiff_t behind = 0;
  if (at < limit && *at == '.') {
    const char* const point = at;
    for (++at; at < limit && is_digit(*at); ++at) mantissa = mantissa * 10 + static_cast<unsigned>(*at - '0');
    behind = at - point - 1;
    if (behind == 0) return nullptr;
  }
  if (whole == 0 || behind >= static_cast<std::ptrdiff_t>(kScale.size()) || whole + behind > kDigits) return nullptr;
  if (__builtin_mul_overflow(static_cast<std::int64_t>(mantissa), kScale[static_cast<std::size_t>(behind)], &nanos)) return nullptr;
  if (negative) nanos = -nanos;
  return at;
}

Nanos nanos_of_decimal(std::string_view text) {
  // Nearly every number is such a one, and 64 bits hold it; all others are read in general.
  const char* const end = text.data() + text.size();
  if (std::int64_t nanos = 0; !text.empty() && read_plain_decimal(text.data(), end, nanos) == end) return nanos;
  if (text.size() > kMaxTextBytes) return tl::unexpected(DecimalFault::kOutOfDomain);
  Parts parts;
  std::size_t at = 0;
  std::int64_t left_out = 0;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) parts.negative = text[at++] == '-';
  bool valid = take_digits(text, at, parts, left_out) > 0;
  std::int64_t fraction_digits = 0;
  if (valid && at < text.size() && text[at] == '.') {
    fraction_digits = take_digits(text, ++at, parts, left_out);
    valid = fraction_digits > 0;
  }
  std::int64_t exponent = 0;
  if (valid && at < text.size()) {
    const auto read = text[at] == 'e' || text[at] == 'E' ? exponent_at(text, at + 1) : std::nullopt;
    valid = read.has_value();
    exponent = read.value_or(0);
  }
  if (!valid) return tl::unexpected(is_special(text) ? DecimalFault::kOutOfDomain : DecimalFault::kNotADecimal);
  parts.exponent = exponent - fraction_digits + left_out;
  return rounded(parts);
}

Nanos nanos_of_unscaled(std::string_view unscaled, std::int64_t scale) {
  if (unscaled.empty()) return tl::unexpected(DecimalFault::kNotADecimal);
  if (unscaled.size() > kMaxUnscaledBytes || scale > kExponentLimit || scale < -kExponentLimit) {
    return tl::unexpected(DecimalFault::kOutOfDomain);
  }
  Parts parts;
  parts.negative = static_cast<std::uint8_t>(unscaled.front()) >= 0x80;
  parts.exponent = -scale;
  std::vector<std::uint32_t> words = magnitude_words(unscaled, parts.negative);
  std::size_t first = 0;
  while (first < words.size() && words[first] == 0) ++first;
  while (words.size() - first > 4) {  // above 128 bits: nine digits less at a time
    std::uint64_t rest = 0;
    for (std::size_t i = first; i < words.size(); ++i) {
      const std::uint64_t value = (rest << 32U) | words[i];
      words[i] = static_cast<std::uint32_t>(value / 1'000'000'000U);
      rest = value % 1'000'000'000U;
    }
    parts.more = parts.more || rest != 0;
    parts.exponent += 9;
    while (first < words.size() && words[first] == 0) ++first;
  }
  for (std::size_t i = first; i < words.size(); ++i) parts.mantissa = (parts.mantissa << 32U) | words[i];
  return rounded(parts);
}

}  // namespace weir::events
