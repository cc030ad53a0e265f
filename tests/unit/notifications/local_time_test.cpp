// Times as clocks show them, around changes of daylight saving time.
#include "tests/unit/notifications/zones.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::notifications;
using namespace weir::testing;

namespace {

LocalTime local(std::string_view text) { return LocalTime{utc(std::string(text) + "Z").time_since_epoch()}; }

void check_moments(std::string_view text, Zone zone, std::string_view first, std::string_view last) {
  CAPTURE(std::string(text));
  const Moments moments = moments_of(local(text), zone);
  CHECK(format_instant(moments.first) == format_instant(utc(first)));
  CHECK(format_instant(moments.last) == format_instant(utc(last)));
}

}  // namespace

TEST_CASE("clocks show the offset that holds at a moment") {
  CHECK(local_time(utc("2026-03-29T00:59:59Z"), kBerlin) == local("2026-03-29T01:59:59"));
  CHECK(local_time(utc("2026-03-29T01:00:00Z"), kBerlin) == local("2026-03-29T03:00:00"));
  CHECK(local_time(utc("2026-10-25T00:59:59Z"), kBerlin) == local("2026-10-25T02:59:59"));
  CHECK(local_time(utc("2026-10-25T01:00:00Z"), kBerlin) == local("2026-10-25T02:00:00"));
  CHECK(local_time(utc("2020-01-01T00:00:00Z"), kNewYork) == local("2019-12-31T19:00:00"));
  CHECK(local_time(utc("2026-04-04T15:00:00Z"), kLordHowe) == local("2026-04-05T01:30:00"));
}

TEST_CASE("a time that clocks show once has a single moment") {
  check_moments("2026-01-01T12:00:00", kBerlin, "2026-01-01T11:00:00Z", "2026-01-01T11:00:00Z");
  check_moments("2026-07-01T12:00:00", kNewYork, "2026-07-01T16:00:00Z", "2026-07-01T16:00:00Z");
  check_moments("2026-03-29T01:59:59", kBerlin, "2026-03-29T00:59:59Z", "2026-03-29T00:59:59Z");
  check_moments("2026-03-29T03:00:00", kBerlin, "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z");
}

TEST_CASE("a time that clocks show twice has two moments") {
  check_moments("2026-10-25T02:30:00", kBerlin, "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z");
  check_moments("2026-11-01T01:00:00", kNewYork, "2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z");
  check_moments("2026-04-05T01:45:00", kLordHowe, "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z");
}

TEST_CASE("a time in a gap is the first moment after the gap") {
  check_moments("2026-03-29T02:00:00", kBerlin, "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z");
  check_moments("2026-03-29T02:59:59", kBerlin, "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z");
  check_moments("2026-03-08T02:30:00", kNewYork, "2026-03-08T07:00:00Z", "2026-03-08T07:00:00Z");
  check_moments("2026-10-04T02:15:00", kLordHowe, "2026-10-03T15:30:00Z", "2026-10-03T15:30:00Z");
}

TEST_CASE("each moment of two years is among those of the time that clocks show at it") {
  for (const Zone zone : {Zone(kBerlin), Zone(kNewYork), Zone(kLordHowe)}) {
    for (Instant at = utc("2025-11-03T00:00:00Z"); at < utc("2027-01-01T00:00:00Z"); at += 15min) {
      const Moments moments = moments_of(local_time(at, zone), zone);
      REQUIRE((moments.first == at || moments.last == at));
      REQUIRE(moments.first <= moments.last);
    }
  }
}
