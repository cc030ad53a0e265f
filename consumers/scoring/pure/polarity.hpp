// Which way a dimension's scores are good.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::scoring {

enum class Polarity : std::uint8_t { kHigherIsBetter, kLowerIsBetter, kNone };

[[nodiscard]] constexpr std::string_view polarity_text(Polarity polarity) {
  switch (polarity) {
    case Polarity::kHigherIsBetter:
      return "higher_is_better";
    case Polarity::kLowerIsBetter:
      return "lower_is_better";
    case Polarity::kNone:
      return "none";
  }
  return {};
}

[[nodiscard]] constexpr std::optional<Polarity> parse_polarity(std::string_view text) {
  for (const Polarity polarity : {Polarity::kHigherIsBetter, Polarity::kLowerIsBetter, Polarity::kNone}) {
    if (text == polarity_text(polarity)) return polarity;
  }
  return std::nullopt;
}

}  // namespace weir::scoring
