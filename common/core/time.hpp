// Time as weir keeps it: microseconds since 1970-01-01 UTC (Postgres' resolution). The only clock of the project is here.
#pragma once

#include "common/core/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

using Microseconds = std::chrono::microseconds;
using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;
using Instant = std::chrono::sys_time<Microseconds>;
using SteadyInstant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  /// Never goes back; for durations and deadlines only.
  [[nodiscard]] virtual SteadyInstant steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] SteadyInstant steady() const override;
};

/// Reads RFC 3339 / ISO 8601: date, 'T' or ' ', time with up to 9 fractional digits (those past six are cut off), then Z or an offset.
/// A leap second (:60), a missing zone and any other text give nothing.
[[nodiscard]] std::optional<Instant> parse_instant(std::string_view text);
/// 2026-11-18T01:02:03.123456Z, always six fractional digits. Years 0001–9999.
[[nodiscard]] std::string format_instant(Instant instant);

/// Milliseconds since the epoch, the wire's unit.
[[nodiscard]] constexpr Instant from_unix_ms(std::int64_t ms) { return Instant{Milliseconds{ms}}; }
[[nodiscard]] constexpr std::int64_t unix_ms(Instant instant) {
  return std::chrono::floor<Milliseconds>(instant).time_since_epoch().count();
}
[[nodiscard]] constexpr std::int64_t unix_us(Instant instant) { return instant.time_since_epoch().count(); }

/// Reads "250ms", "5s", "2m", "24h", "30d". Errors say what is accepted.
[[nodiscard]] Result<Microseconds> parse_duration(std::string_view text);
/// The shortest of the forms above that is exact.
[[nodiscard]] std::string format_duration(Microseconds duration);

}  // namespace weir
