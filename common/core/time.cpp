#include "common/core/time.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace weir {

namespace {

/// Exactly `width` decimal digits at `at`, or nothing.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = at; i < at + width; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

bool has(std::string_view text, std::size_t at, char c) { return at < text.size() && text[at] == c; }

/// Fractional digits after the seconds; moves `at` past them. Nothing where a '.' has no digit or more than nine.
std::optional<Microseconds> fraction(std::string_view text, std::size_t& at) {
  if (!has(text, at, '.')) return Microseconds{0};
  const std::size_t first = ++at;
  int micros = 0;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
    if (at - first < 6) micros = micros * 10 + (text[at] - '0');
    ++at;
  }
  const std::size_t count = at - first;
  if (count == 0 || count > 9) return std::nullopt;
  for (std::size_t i = count; i < 6; ++i) micros *= 10;
  return Microseconds{micros};
}

/// Z, z, ±hh, ±hhmm or ±hh:mm up to the end of the text.
std::optional<Seconds> zone(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest == "Z" || rest == "z") return Seconds{0};
  if (rest.size() < 3 || (rest[0] != '+' && rest[0] != '-')) return std::nullopt;
  const auto hours = digits(rest, 1, 2);
  std::optional<int> minutes = 0;
  if (rest.size() == 6 && rest[3] == ':') {
    minutes = digits(rest, 4, 2);
  } else if (rest.size() == 5) {
    minutes = digits(rest, 3, 2);
  } else if (rest.size() != 3) {
    return std::nullopt;
  }
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const Seconds offset{*hours * 3600 + *minutes * 60};
  return rest[0] == '-' ? -offset : offset;
}

struct DurationUnit {
  std::string_view suffix;
  Microseconds unit;
};

constexpr std::array<DurationUnit, 6> kUnits{{{"us", Microseconds{1}},
                                              {"ms", Milliseconds{1}},
                                              {"s", Seconds{1}},
                                              {"m", std::chrono::minutes{1}},
                                              {"h", std::chrono::hours{1}},
                                              {"d", std::chrono::hours{24}}}};

}  // namespace

Instant SystemClock::now() const { return std::chrono::floor<Microseconds>(std::chrono::system_clock::now()); }

SteadyInstant SystemClock::steady() const { return std::chrono::steady_clock::now(); }

std::optional<Instant> parse_instant(std::string_view text) {
  constexpr std::size_t kShortest = std::string_view("2026-11-18T01:02:03Z").size();
  if (text.size() < kShortest) return std::nullopt;
  // All digits of the fixed part are judged together, behind them.
  bool are_digits = true;
  const auto digit = [&](std::size_t at) {
    const unsigned value = static_cast<unsigned char>(text[at]) - unsigned{'0'};
    are_digits = are_digits && value <= 9;
    return value;
  };
  const auto pair = [&](std::size_t at) { return 10 * digit(at) + digit(at + 1); };
  const unsigned year = 100 * pair(0) + pair(2);
  const unsigned month = pair(5);
  const unsigned day = pair(8);
  const unsigned hour = pair(11);
  const unsigned minute = pair(14);
  const unsigned second = pair(17);
  if (!are_digits || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') return std::nullopt;
  if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)}, std::chrono::month{month}, std::chrono::day{day}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  std::size_t at = kShortest - 1;
  const auto micros = fraction(text, at);
  if (!micros) return std::nullopt;
  const auto offset = zone(text, at);
  if (!offset) return std::nullopt;
  return Instant{std::chrono::sys_days{date}} + std::chrono::hours{hour} + std::chrono::minutes{minute} + Seconds{second} + *micros -
         *offset;
}

std::string format_instant(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date{day};
  const auto in_day = (instant - day).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), in_day / 3'600'000'000, in_day / 60'000'000 % 60, in_day / 1'000'000 % 60,
                     in_day % 1'000'000);
}

Result<Microseconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const DurationUnit& unit : kUnits) {
    if (error == std::errc{} && count >= 0 && suffix == unit.suffix && count <= Microseconds::max().count() / unit.unit.count()) {
      return Microseconds{count * unit.unit.count()};
    }
  }
  return fail(FaultKind::kConfiguration, fmt::format("'{}' is not a duration", text),
              "a whole number and a unit: 250ms, 5s, 2m, 24h or 30d");
}

std::string format_duration(Microseconds duration) {
  for (std::size_t i = kUnits.size(); i-- > 0;) {
    const auto unit = kUnits[i].unit.count();
    if (duration.count() != 0 && duration.count() % unit == 0) return fmt::format("{}{}", duration.count() / unit, kUnits[i].suffix);
  }
  return "0s";
}

}  // namespace weir
