// Quiet hours, also over both changes of daylight saving time in three places.
#include "consumers/notifications/pure/quiet_hours.hpp"

#include "tests/unit/notifications/zones.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::notifications;
using namespace weir::testing;

namespace {

constexpr QuietHours kNight{22h, 7h};
constexpr QuietHours kNoon{12h, 14h};

std::string end_at(std::string_view now, const QuietHours& hours, Zone zone) {
  const auto until = quiet_until(hours, zone, utc(now));
  return until ? format_instant(*until).substr(0, 16) : "not quiet";
}

}  // namespace

TEST_CASE("quiet hours begin with their first moment and are over at their end") {
  CHECK(end_at("2026-01-10T10:59:59Z", kNoon, kBerlin) == "not quiet");
  CHECK(end_at("2026-01-10T11:00:00Z", kNoon, kBerlin) == "2026-01-10T13:00");
  CHECK(end_at("2026-01-10T12:59:59Z", kNoon, kBerlin) == "2026-01-10T13:00");
  CHECK(end_at("2026-01-10T13:00:00Z", kNoon, kBerlin) == "not quiet");
}

TEST_CASE("quiet hours cross midnight") {
  CHECK(end_at("2026-01-10T20:59:59Z", kNight, kBerlin) == "not quiet");
  CHECK(end_at("2026-01-10T21:00:00Z", kNight, kBerlin) == "2026-01-11T06:00");
  CHECK(end_at("2026-01-11T00:30:00Z", kNight, kBerlin) == "2026-01-11T06:00");
  CHECK(end_at("2026-01-11T05:59:59Z", kNight, kBerlin) == "2026-01-11T06:00");
  CHECK(end_at("2026-01-11T06:00:00Z", kNight, kBerlin) == "not quiet");
}

TEST_CASE("a start that is also the end means no quiet hours") {
  for (int hour = 0; hour < 24; ++hour) {
    const auto at = utc("2026-01-10T00:00:00Z") + std::chrono::hours{hour};
    CHECK_FALSE(quiet_until({8h, 8h}, kBerlin, at).has_value());
    CHECK_FALSE(quiet_until({0h, 0h}, kBerlin, at).has_value());
  }
}

TEST_CASE("a night in which clocks change ends at the local time of its end") {
  CHECK(end_at("2026-03-28T22:00:00Z", kNight, kBerlin) == "2026-03-29T05:00");  // an hour shorter
  CHECK(end_at("2026-10-24T22:00:00Z", kNight, kBerlin) == "2026-10-25T06:00");  // an hour longer
  CHECK(end_at("2026-03-08T04:00:00Z", kNight, kNewYork) == "2026-03-08T11:00");
  CHECK(end_at("2026-11-01T04:00:00Z", kNight, kNewYork) == "2026-11-01T12:00");
  CHECK(end_at("2026-10-03T12:00:00Z", kNight, kLordHowe) == "2026-10-03T20:00");
  CHECK(end_at("2026-04-04T12:00:00Z", kNight, kLordHowe) == "2026-04-04T20:30");
}

TEST_CASE("an end in a gap is the first moment after the gap") {
  CHECK(end_at("2026-03-28T23:30:00Z", {0h, 150min}, kBerlin) == "2026-03-29T01:00");
  CHECK(end_at("2026-03-08T06:00:00Z", {0h, 150min}, kNewYork) == "2026-03-08T07:00");
  CHECK(end_at("2026-10-03T15:00:00Z", {0h, 135min}, kLordHowe) == "2026-10-03T15:30");
}

TEST_CASE("a start in a gap is the first moment after the gap") {
  CHECK(end_at("2026-03-29T00:59:59Z", {150min, 5h}, kBerlin) == "not quiet");
  CHECK(end_at("2026-03-29T01:00:00Z", {150min, 5h}, kBerlin) == "2026-03-29T03:00");
}

TEST_CASE("quiet hours that lie within a gap do not take place") {
  CHECK(end_at("2026-03-29T00:59:59Z", {130min, 170min}, kBerlin) == "not quiet");
  CHECK(end_at("2026-03-29T01:00:00Z", {130min, 170min}, kBerlin) == "not quiet");
}

TEST_CASE("an ambiguous start is the earlier, an ambiguous end the later") {
  CHECK(end_at("2026-10-25T00:30:00Z", {150min, 5h}, kBerlin) == "2026-10-25T04:00");
  CHECK(end_at("2026-10-25T00:29:59Z", {150min, 5h}, kBerlin) == "not quiet");
  CHECK(end_at("2026-10-24T23:00:00Z", {0h, 150min}, kBerlin) == "2026-10-25T01:30");
  CHECK(end_at("2026-10-25T00:45:00Z", {0h, 150min}, kBerlin) == "2026-10-25T01:30");
  CHECK(end_at("2026-11-01T05:45:00Z", {0h, 90min}, kNewYork) == "2026-11-01T06:30");
  CHECK(end_at("2026-04-04T14:50:00Z", {0h, 105min}, kLordHowe) == "2026-04-04T15:15");
}

TEST_CASE("at each quarter of an hour of a year the local time says whether hours are quiet, but where clocks change") {
  for (const Zone zone : {Zone(kBerlin), Zone(kNewYork), Zone(kLordHowe)}) {
    for (Instant at = utc("2026-01-01T00:00:00Z"); at < utc("2026-12-31T00:00:00Z"); at += 15min) {
      const auto local = local_time(at, zone);
      const auto of_day = local - std::chrono::floor<std::chrono::days>(local);
      const bool is_night = of_day >= kNight.from || of_day < kNight.until;
      const auto until = quiet_until(kNight, zone, at);
      REQUIRE(until.has_value() == is_night);  // 22:00 and 07:00 are never ambiguous here, and in no gap
      if (until) REQUIRE(*until > at);
      if (until) REQUIRE(*until - at <= 10h);
    }
  }
}
