// The demo's dice: one seed gives one course of events, on every machine. (The distributions of <random> differ between libraries.)
#pragma once

#include "common/core/uuid.hpp"

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <span>

namespace weir::demo {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// 0 ≤ x < n.
  [[nodiscard]] std::uint64_t below(std::uint64_t n) { return engine_() % n; }
  /// low ≤ x ≤ high.
  [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  /// 0 ≤ x < 1.
  [[nodiscard]] double unit() { return static_cast<double>(engine_() >> 11U) * 0x1.0p-53; }
  [[nodiscard]] bool chance(double probability) { return unit() < probability; }
  /// Positive and skewed, as durations are: e^N(ln median, sigma).
  [[nodiscard]] double log_normal(double median, double sigma) {
    const double normal = std::sqrt(-2 * std::log(1 - unit())) * std::cos(2 * std::numbers::pi * unit());
    return median * std::exp(sigma * normal);
  }
  [[nodiscard]] Uuid uuid() {
    Uuid id;
    for (std::uint8_t& byte : id.bytes) byte = static_cast<std::uint8_t>(engine_());
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x40U);
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
    return id;
  }
  template <class T>
  [[nodiscard]] const T& one_of(std::span<const T> choices) {
    return choices[below(choices.size())];
  }

 private:
  std::mt19937_64 engine_;  // its sequence is fixed by the standard
};

}  // namespace weir::demo
