// Postgres' texts of times in the forms that Debezium writes.
#include "producers/cdc/time_text.hpp"

#include <doctest/doctest.h>

using namespace weir::cdc;

TEST_CASE("a date, also before the common era and without end") {
  CHECK(iso_date("2026-11-18") == "2026-11-18Z");
  CHECK(iso_date("0044-03-15 BC") == "-0043-03-15Z");
  CHECK(iso_date("infinity") == "infinity");
  CHECK(iso_date("-infinity") == "-infinity");
  CHECK_FALSE(iso_date("18.11.2026").has_value());
  CHECK_FALSE(iso_date("").has_value());
}

TEST_CASE("a time of day, moved to UTC") {
  CHECK(iso_time("23:59:59.123456") == "23:59:59.123456Z");
  CHECK(iso_time_utc("12:00:00+02") == "10:00:00Z");
  CHECK(iso_time_utc("00:30:00+01") == "23:30:00Z");
  CHECK(iso_time("24:00:00") == "24:00:00Z");
  CHECK(iso_time_utc("00:00:00+00") == "00:00:00Z");
  CHECK(iso_time_utc("24:00:00+00") == "24:00:00Z");
  CHECK(iso_time_utc("24:00:00+02") == "24:00:00+02:00");
  CHECK(iso_time_utc("24:00:00-09:30:15") == "24:00:00-09:30:15");
  CHECK_FALSE(iso_time("noon").has_value());
  CHECK_FALSE(iso_time_utc("12:00:00").has_value());
}

TEST_CASE("a point in time") {
  CHECK(iso_timestamp("2026-11-18 01:02:03.1") == "2026-11-18T01:02:03.1Z");
  CHECK(iso_timestamp("infinity") == "infinity");
  CHECK(iso_instant("2026-11-18 01:02:03.1+00", 6) == "2026-11-18T01:02:03.100000Z");
  CHECK(iso_instant("2026-11-18 01:02:03.12+00", 3) == "2026-11-18T01:02:03.120Z");
  CHECK(iso_instant("-infinity", 6) == "-infinity");
  CHECK_FALSE(iso_timestamp("2026-11-18").has_value());
  CHECK_FALSE(iso_instant("now", 6).has_value());
}

TEST_CASE("an interval has each of its parts") {
  CHECK(iso_interval("P-1D") == "P0Y0M-1DT0H0M0S");
  CHECK(iso_interval("P1Y2M3DT4H5M6.5S") == "P1Y2M3DT4H5M6.5S");
  CHECK_FALSE(iso_interval("1 day").has_value());
}
