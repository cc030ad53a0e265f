#include "producers/cdc/time_text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>

namespace weir::cdc {

namespace {

constexpr std::string_view kBeforeChrist = " BC";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool infinite(std::string_view text) { return text == "infinity" || text == "-infinity"; }

/// Digits from `at` on, at least `least` of them; moves `at` past them.
std::string_view digits(std::string_view text, std::size_t& at, std::size_t least) {
  const auto start = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  if (at - start < least) return {};
  return text.substr(start, at - start);
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || !is_digit(text[0]) || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// ISO 8601 counts a year 0: 1 BC is 0000, 44 BC is -0043. Years past 9999 carry a plus sign.
std::optional<std::string> year(std::string_view text, bool before_christ) {
  const auto value = number(text);
  if (!value) return std::nullopt;
  // Nearly every year has four digits, and is right as it is.
  if (!before_christ && text.size() == 4) return std::string(text);
  const int iso = before_christ ? 1 - *value : *value;
  if (iso < 0) return fmt::format("-{:04}", -iso);
  return fmt::format("{}{:04}", iso > 9999 ? "+" : "", iso);
}

/// "2026-02-28" with the era taken off before.
std::optional<std::string> date(std::string_view text, bool before_christ) {
  std::size_t at = 0;
  const auto years = digits(text, at, 4);
  if (years.empty() || text.size() - at != 6 || text[at] != '-' || text[at + 3] != '-') return std::nullopt;
  for (const std::size_t i : {at + 1, at + 2, at + 4, at + 5}) {
    if (!is_digit(text[i])) return std::nullopt;
  }
  auto iso = year(years, before_christ);
  if (iso) iso->append(text.substr(at));
  return iso;
}

struct TimeOfDay {
  int seconds = 0;
  std::string_view fraction;  // digits, without the point
};

/// "23:59:59.123456"; 24:00:00 is a time of Postgres.
std::optional<TimeOfDay> time_of_day(std::string_view text) {
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const auto hours = number(text.substr(0, 2));
  const auto minutes = number(text.substr(3, 2));
  const auto seconds = number(text.substr(6, 2));
  if (!hours || !minutes || !seconds) return std::nullopt;
  TimeOfDay result{*hours * 3600 + *minutes * 60 + *seconds, {}};
  if (text.size() == 8) return result;
  std::size_t at = 9;
  if (text[8] != '.' || digits(text, at, 1).empty() || at != text.size()) return std::nullopt;
  result.fraction = text.substr(9);
  return result;
}

/// Seconds of "+02", "-09:30" or "+01:02:03".
std::optional<int> offset_seconds(std::string_view text) {
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  int seconds = 0;
  int unit = 3600;
  for (std::size_t at = 1; at < text.size() && unit > 0; at += 3, unit /= 60) {
    const auto part = number(text.substr(at, 2));
    if (!part || (at + 2 < text.size() && text[at + 2] != ':')) return std::nullopt;
    seconds += *part * unit;
  }
  return text[0] == '-' ? -seconds : seconds;
}

bool take_era(std::string_view& text) {
  if (!text.ends_with(kBeforeChrist)) return false;
  text.remove_suffix(kBeforeChrist.size());
  return true;
}

struct IntervalPart {
  char letter;
  bool of_time;
  std::string text = "0";
};

bool signed_decimal(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

std::optional<std::string> iso_date(std::string_view text) {
  if (infinite(text)) return std::string(text);
  const bool before_christ = take_era(text);
  auto iso = date(text, before_christ);
  if (iso) *iso += 'Z';
  return iso;
}

std::optional<std::string> iso_time(std::string_view text) {
  if (!time_of_day(text)) return std::nullopt;
  return std::string(text) + 'Z';
}

namespace {

/// "Z", "+02:00", "-01:02:03".
std::string zone_text(int offset) {
  if (offset == 0) return "Z";
  const int size = offset < 0 ? -offset : offset;
  const std::string seconds = size % 60 == 0 ? "" : fmt::format(":{:02}", size % 60);
  return fmt::format("{}{:02}:{:02}{}", offset < 0 ? '-' : '+', size / 3600, size / 60 % 60, seconds);
}

}  // namespace

std::optional<std::string> iso_time_utc(std::string_view text) {
  const auto sign = text.find_first_of("+-");
  if (sign == std::string_view::npos) return std::nullopt;
  const auto time = time_of_day(text.substr(0, sign));
  const auto offset = offset_seconds(text.substr(sign));
  if (!time || !offset) return std::nullopt;
  constexpr int kDay = 86'400;
  // Moved to UTC the end of a day would be the same text as its beginning, which is another value.
  if (time->seconds == kDay) return std::string(text.substr(0, sign)) + zone_text(*offset);
  const int utc = ((time->seconds - *offset) % kDay + kDay) % kDay;
  return fmt::format("{:02}:{:02}:{:02}{}{}Z", utc / 3600, utc / 60 % 60, utc % 60, time->fraction.empty() ? "" : ".", time->fraction);
}

std::optional<std::string> iso_timestamp(std::string_view text) {
  if (infinite(text)) return std::string(text);
  const bool before_christ = take_era(text);
  const auto space = text.find(' ');
  if (space == std::string_view::npos || !time_of_day(text.substr(space + 1))) return std::nullopt;
  auto iso = date(text.substr(0, space), before_christ);
  if (iso) *iso = fmt::format("{}T{}Z", *iso, text.substr(space + 1));
  return iso;
}

std::optional<std::string> iso_instant(std::string_view text, int digits) {
  if (infinite(text)) return std::string(text);
  const bool before_christ = take_era(text);
  const auto space = text.find(' ');
  // The session's zone is UTC, so any other offset means that the text does not come from weir's session.
  if (space == std::string_view::npos || !text.ends_with("+00")) return std::nullopt;
  const auto clock = text.substr(space + 1, text.size() - space - 4);
  const auto time = time_of_day(clock);
  auto iso = date(text.substr(0, space), before_christ);
  if (!time || !iso || time->fraction.size() > static_cast<std::size_t>(digits)) return std::nullopt;
  iso->append(1, 'T').append(clock.substr(0, 8));
  if (digits > 0) {
    iso->append(1, '.').append(time->fraction).append(static_cast<std::size_t>(digits) - time->fraction.size(), '0');
  }
  *iso += 'Z';
  return iso;
}

std::optional<std::string> iso_interval(std::string_view text) {
  std::array<IntervalPart, 6> parts{{{'Y', false}, {'M', false}, {'D', false}, {'H', true}, {'M', true}, {'S', true}}};
  if (!text.starts_with('P')) return std::nullopt;
  bool of_time = false;
  for (std::size_t at = 1; at < text.size();) {
    if (text[at] == 'T') {
      of_time = true;
      ++at;
      continue;
    }
    const auto letter = text.find_first_of("YMDHS", at);
    if (letter == std::string_view::npos || !signed_decimal(text.substr(at, letter - at))) return std::nullopt;
    bool known = false;
    for (IntervalPart& part : parts) {
      if (part.letter != text[letter] || part.of_time != of_time) continue;
      part.text = text.substr(at, letter - at);
      known = true;
    }
    if (!known) return std::nullopt;
    at = letter + 1;
  }
  return fmt::format("P{}Y{}M{}DT{}H{}M{}S", parts[0].text, parts[1].text, parts[2].text, parts[3].text, parts[4].text, parts[5].text);
}

}  // namespace weir::cdc
