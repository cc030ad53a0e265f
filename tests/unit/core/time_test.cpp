#include "common/core/time.hpp"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("an instant reads in every zone form and prints in one") {
  for (const char* text : {"2026-11-17T23:02:03.123456Z", "2026-11-18T01:02:03.123456+02:00", "2026-11-18 01:02:03.123456+0200",
                           "2026-11-18T01:02:03.1234569+02"}) {
    REQUIRE(parse_instant(text));
    CHECK(format_instant(*parse_instant(text)) == "2026-11-17T23:02:03.123456Z");
  }
  CHECK(format_instant(*parse_instant("1969-12-31T23:59:59.9Z")) == "1969-12-31T23:59:59.900000Z");
}

TEST_CASE("what is not an instant gives nothing") {
  for (const char* text :
       {"", "2026-11-18", "2026-11-18T01:02:03", "2026-02-30T00:00:00Z", "2026-11-18T24:00:00Z", "2026-11-18T01:02:60Z",
        "2026-11-18T01:02:03.Z", "2026-11-18T01:02:03Zx", "2026-11-18T01:02:03+25:00", "infinity", "2026-11-18T01:02:03.1234567890Z"}) {
    CHECK_MESSAGE(!parse_instant(text), text);
  }
}

TEST_CASE("durations read and print in the largest exact unit") {
  CHECK(parse_duration("250ms").value() == Milliseconds{250});
  CHECK(parse_duration("30d").value() == std::chrono::hours{720});
  CHECK(format_duration(Seconds{120}) == "2m");
  CHECK(format_duration(Microseconds{0}) == "0s");
  for (const char* text : {"", "5", "s", "-1s", "1.5s", "5 s", "99999999999999999d"}) CHECK_MESSAGE(!parse_duration(text), text);
}
