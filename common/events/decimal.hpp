// Exact decimals: from text, or from Debezium's unscaled bytes, to a whole number of 10⁻⁹ (half to even), without the rounding of double.
//
//   decimal := [+-]? digit+ ( '.' digit+ )? ( [eE] [+-]? digit+ )?
#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::events {

enum class DecimalFault : std::uint8_t {
  kNotADecimal,
  kOutOfDomain,  // NaN, an infinity, or more than an int64 of 10⁻⁹ holds (±9,223,372,036.854775807)
};

using Nanos = tl::expected<std::int64_t, DecimalFault>;

[[nodiscard]] Nanos nanos_of_decimal(std::string_view text);

/// Reads a decimal of at most 18 digits, nine of them behind the point, without plus or exponent, from its first byte on: to 10⁻⁹, and
/// returns the place behind it. Null where there is none, or has to be read by nanos_of_decimal(). Zeros may lead.
[[nodiscard]] const char* read_plain_decimal(const char* at, const char* end, std::int64_t& nanos);

/// `unscaled` · 10⁻ˢᶜᵃˡᵉ, where `unscaled` is in two's complement, the highest byte first, as Kafka Connect writes a Decimal.
[[nodiscard]] Nanos nanos_of_unscaled(std::string_view unscaled, std::int64_t scale);

}  // namespace weir::events
