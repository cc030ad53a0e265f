#include "producers/cdc/types.hpp"

#include "common/core/json.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace weir::cdc;

namespace {

std::string value(std::uint32_t oid, std::string_view text, std::int32_t modifier = -1) {
  std::string out;
  append_value(out, builtin_type(oid, modifier).value(), text);
  return out;
}

struct Case {
  std::uint32_t oid;
  std::string_view text;
  std::string_view json;
  std::int32_t modifier = -1;
};

}  // namespace

TEST_CASE("values have Debezium's forms") {
  const Case cases[] = {
      {16, "t", "true"},
      {16, "f", "false"},
      {21, "-32768", "-32768"},
      {20, "9223372036854775807", "9223372036854775807"},
      {700, "1.5", "1.5"},
      {701, "100", "100.0"},
      {701, "1e+20", "1e+20"},
      {701, "NaN", R"("NaN")"},
      {700, "-Infinity", R"("-Infinity")"},
      {1700, "12345678901234567890.123456789", R"("12345678901234567890.123456789")"},
      {1700, "NaN", R"("NaN")"},
      {1700, "-0.001", R"("-0.001")"},
      {17, "\\x00ff10", R"("AP8Q")"},
      {17, "\\x", R"("")"},
      {1082, "2026-02-28", R"("2026-02-28Z")"},
      {1082, "0044-03-15 BC", R"("-0043-03-15Z")"},
      {1082, "0001-01-01 BC", R"("0000-01-01Z")"},
      {1082, "12026-02-28", R"("+12026-02-28Z")"},
      {1082, "infinity", R"("infinity")"},
      {1082, "-infinity", R"("-infinity")"},
      {1083, "23:59:59.123456", R"("23:59:59.123456Z")"},
      {1083, "24:00:00", R"("24:00:00Z")"},
      {1266, "12:00:00+02", R"("10:00:00Z")"},
      {1266, "24:00:00-09:30", R"("24:00:00-09:30")"},
      {1266, "00:30:00.5-09:30", R"("10:00:00.5Z")"},
      {1266, "01:00:00+05:30", R"("19:30:00Z")"},
      {1114, "2026-11-18 01:02:03.123456", R"("2026-11-18T01:02:03.123456Z")"},
      {1114, "0044-03-15 01:02:03 BC", R"("-0043-03-15T01:02:03Z")"},
      {1114, "infinity", R"("infinity")"},
      {1184, "2026-11-17 23:02:03.123456+00", R"("2026-11-17T23:02:03.123456Z")"},
      {1184, "2026-11-17 23:02:03+00", R"("2026-11-17T23:02:03.000000Z")"},
      {1184, "2026-11-17 23:02:03.1+00", R"("2026-11-17T23:02:03.100Z")", 3},
      {1184, "2026-11-17 23:02:03+00", R"("2026-11-17T23:02:03Z")", 0},
      {1184, "0044-03-15 01:02:03+00 BC", R"("-0043-03-15T01:02:03.000000Z")"},
      {1184, "infinity", R"("infinity")"},
      {1184, "-infinity", R"("-infinity")"},
      {1186, "P1Y2M3DT4H5M6.7S", R"("P1Y2M3DT4H5M6.7S")"},
      {1186, "P-1D", R"("P0Y0M-1DT0H0M0S")"},
      {1186, "PT0S", R"("P0Y0M0DT0H0M0S")"},
      {1186, "P-1Y-2M3DT-4H-5M-6S", R"("P-1Y-2M3DT-4H-5M-6S")"},
      {1007, "{1,NULL,3}", "[1,null,3]"},
      {1007, "{}", "[]"},
      {1007, "{{1,2},{3,4}}", "[[1,2],[3,4]]"},
      {1007, "[2:3]={1,2}", "[1,2]"},
      {1009, R"({a,"b,c",NULL,"NULL","q\"\\"})", R"(["a","b,c",null,"NULL","q\"\\"])"},
      {1185, R"({"2026-11-17 23:02:03+00"})", R"(["2026-11-17T23:02:03.000000Z"])"},
      {114, R"({"a": 1})", R"("{\"a\": 1}")"},
      {2950, "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f", R"("7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f")"},
      {1042, "c    ", R"("c    ")"},
  };
  for (const Case& row : cases) {
    CAPTURE(row.oid);
    CHECK(value(row.oid, row.text, row.modifier) == row.json);
  }
}

TEST_CASE("a text without its type's form goes out as text") {
  const Case cases[] = {{16, "yes", R"("yes")"},
                        {20, "1x", R"("1x")"},
                        {20, "", R"("")"},
                        {701, "", R"("")"},
                        {17, "abc", R"("abc")"},
                        {1082, "today", R"("today")"},
                        {1007, "{1", R"("{1")"},
                        {1007, "{1,}", R"("{1,}")"},
                        {1186, "1 day", R"("1 day")"},
                        {1184, "2026-11-17 23:02:03+02", R"("2026-11-17 23:02:03+02")"}};
  for (const Case& row : cases) CHECK(value(row.oid, row.text) == row.json);
}

TEST_CASE("no text breaks any type") {
  CHECK(rc::check([](const std::string& text) {
    const std::uint32_t oid = *rc::gen::element<std::uint32_t>(16, 17, 20, 701, 1082, 1083, 1114, 1184, 1186, 1266, 1007, 1185, 1700);
    RC_ASSERT(!value(oid, text).empty());
    RC_ASSERT(!value(oid, "{" + text + "}").empty());
  }));
}

TEST_CASE("strings are escaped as JSON") {
  std::string out;
  weir::append_json_string(out, "é\"\\ \n\x01😀");
  CHECK(out == "\"é\\\"\\\\ \\n\\u0001😀\"");
}
