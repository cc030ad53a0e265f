// How long an answer asks its caller to wait.
#include "common/http/asked_wait.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::http;

namespace {

const Instant kNow = *parse_instant("2026-11-28T12:00:00Z");

std::optional<Microseconds> wait_of(std::vector<std::pair<std::string, std::string>> headers) {
  Answer answer;
  answer.headers = std::move(headers);
  return asked_wait(answer, kNow);
}

}  // namespace

TEST_CASE("a date is read in each of HTTP's three forms") {
  const auto expected = parse_instant("1994-11-06T08:49:37Z");
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow) == expected);
  CHECK(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow) == expected);
  CHECK(parse_http_date("Sun Nov  6 08:49:37 1994", kNow) == expected);
  CHECK(parse_http_date("Friday, 06-Nov-26 08:49:37 GMT", kNow) == parse_instant("2026-11-06T08:49:37Z"));
  CHECK(parse_http_date("Friday, 06-Nov-75 08:49:37 GMT", kNow) == parse_instant("2075-11-06T08:49:37Z"));
}

TEST_CASE("a text in none of the three forms is no date") {
  for (const char* text : {"", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
                           "Sun, 06 Nov 1994 08:49:37 GMT more", "2026-11-28T12:00:00Z", "Sun, -6 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 99999999999 08:49:37 GMT", ",,,,", "Sun Nov 6 08:49:37"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(parse_http_date(text, kNow).has_value());
  }
}

TEST_CASE("Retry-After is a number of seconds or a date") {
  CHECK(wait_of({{"retry-after", "120"}}) == Microseconds{120s});
  CHECK(wait_of({{"retry-after", "0"}}) == Microseconds{0s});
  CHECK(wait_of({{"retry-after", "0.25"}}) == Microseconds{250ms});
  CHECK(wait_of({{"retry-after", "Sat, 28 Nov 2026 12:01:00 GMT"}}) == Microseconds{60s});
  CHECK(wait_of({{"retry-after", "Sat, 28 Nov 2026 11:00:00 GMT"}}) == Microseconds{0s});
}

TEST_CASE("a date is measured from the answer's own, so that two clocks are not compared") {
  CHECK(wait_of({{"date", "Sat, 28 Nov 2026 13:00:00 GMT"}, {"retry-after", "Sat, 28 Nov 2026 13:00:30 GMT"}}) == Microseconds{30s});
  CHECK(wait_of({{"date", "nonsense"}, {"retry-after", "Sat, 28 Nov 2026 12:00:30 GMT"}}) == Microseconds{30s});
}

TEST_CASE("X-RateLimit-Reset counts where there is no Retry-After: a time from now, or a moment in seconds since 1970") {
  CHECK(wait_of({{"x-ratelimit-reset", "7"}}) == Microseconds{7s});
  CHECK(wait_of({{"x-ratelimit-reset", std::to_string(unix_ms(kNow) / 1'000 + 40)}}) == Microseconds{40s});
  CHECK(wait_of({{"x-ratelimit-reset", "7"}, {"retry-after", "3"}}) == Microseconds{3s});
  CHECK(wait_of({{"x-ratelimit-reset", "7"}, {"retry-after", "soon"}}) == Microseconds{7s});
}

TEST_CASE("no wait is longer than a day, and an unreadable header asks for no wait") {
  CHECK(wait_of({{"retry-after", "99999999999999999999"}}) == Microseconds{24h});
  CHECK(wait_of({{"x-ratelimit-reset", "99999999999"}}) == Microseconds{24h});
  for (const char* text : {"", "-5", "nan", "inf", "1e9", "0x10", "12 seconds", " "}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(wait_of({{"retry-after", text}}).has_value());
  }
  CHECK_FALSE(wait_of({}).has_value());
}
