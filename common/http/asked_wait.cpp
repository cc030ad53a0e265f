#include "common/http/asked_wait.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace weir::http {

namespace {

constexpr std::chrono::hours kLongest{24};
constexpr double kFirstMoment = 1e9;  // seconds: what is more names a moment since 1970, what is less a time from now
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// The next word, up to any of `separators`; `text` goes on behind them.
std::string_view word(std::string_view& text, std::string_view separators) {
  text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
  const std::size_t end = std::min(text.find_first_of(separators), text.size());
  const std::string_view found = text.substr(0, end);
  text.remove_prefix(end);
  return found;
}

struct Parts {
  std::string_view day;
  std::string_view month;
  std::string_view year;
  std::string_view time;
};

std::optional<Instant> moment(const Parts& parts, Instant now) {
  const auto day = number(parts.day);
  const auto* const month = std::find(kMonths.begin(), kMonths.end(), parts.month);
  auto year = number(parts.year);
  std::string_view rest = parts.time;
  const auto hour = number(word(rest, ":"));
  const auto minute = number(word(rest, ":"));
  const auto second = number(word(rest, ":"));
  if (!day || month == kMonths.end() || !year || !hour || !minute || !second || !rest.empty()) return std::nullopt;
  if (parts.year.size() == 2) {
    const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
    *year += static_cast<int>(today.year()) / 100 * 100;
    if (*year >= static_cast<int>(today.year()) + 50) *year -= 100;
  }
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(month - kMonths.begin() + 1)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return Instant{std::chrono::sys_days{date}} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} + Seconds{*second};
}

std::optional<double> seconds_in(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value < 0) return std::nullopt;
  return value;
}

Microseconds bounded(double seconds) {
  const double most = std::chrono::duration<double>(kLongest).count();
  return std::chrono::ceil<Microseconds>(std::chrono::duration<double>(std::clamp(seconds, 0.0, most)));
}

}  // namespace

std::optional<Instant> parse_http_date(std::string_view text, Instant now) {
  std::string_view rest = text;
  if (word(rest, " ,").empty()) return std::nullopt;  // the day of the week, which says nothing new
  Parts parts;
  if (!rest.starts_with(',')) {  // Sun Nov  6 08:49:37 1994
    parts.month = word(rest, " ");
    parts.day = word(rest, " ");
    parts.time = word(rest, " ");
    parts.year = word(rest, " ");
    return word(rest, " ").empty() ? moment(parts, now) : std::nullopt;
  }
  rest.remove_prefix(1);
  parts.day = word(rest, " ");
  if (parts.day.find('-') == std::string_view::npos) {  // Sun, 06 Nov 1994 08:49:37 GMT
    parts.month = word(rest, " ");
    parts.year = word(rest, " ");
  } else {  // Sunday, 06-Nov-94 08:49:37 GMT
    std::string_view date = parts.day;
    parts.day = word(date, "-");
    parts.month = word(date, "-");
    parts.year = word(date, "-");
  }
  parts.time = word(rest, " ");
  if (word(rest, " ") != "GMT" || !word(rest, " ").empty()) return std::nullopt;
  return moment(parts, now);
}

std::optional<Microseconds> asked_wait(const Answer& answer, Instant now) {
  const Instant sent = parse_http_date(answer.header("date"), now).value_or(now);
  if (const std::string_view text = answer.header("retry-after"); !text.empty()) {
    if (const auto seconds = seconds_in(text)) return bounded(*seconds);
    if (const auto at = parse_http_date(text, now)) return bounded(std::chrono::duration<double>(*at - sent).count());
  }
  const auto reset = seconds_in(answer.header("x-ratelimit-reset"));
  if (!reset) return std::nullopt;
  if (*reset < kFirstMoment) return bounded(*reset);
  return bounded(*reset - std::chrono::duration<double>(sent.time_since_epoch()).count());
}

}  // namespace weir::http
