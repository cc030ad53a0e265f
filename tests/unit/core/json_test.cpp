// What is written as a JSON string can always be read.
#include "common/core/json_optional.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

using weir::json_string;
using weir::JsonWriter;

TEST_CASE("quotes, backslashes and control characters are escaped") {
  CHECK(json_string("a\"b\\c\n\r\t\x01\x7f") == "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u007f\"");
}

TEST_CASE("valid UTF-8 of every length stays as it is") {
  const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  CHECK(json_string(text) == "\"" + text + "\"");
}

TEST_CASE("bytes that are no UTF-8 become the replacement character") {
  const std::string replacement = "\xef\xbf\xbd";
  CHECK(json_string("\xff") == "\"" + replacement + "\"");
  CHECK(json_string("a\xc3") == "\"a" + replacement + "\"");
  CHECK(json_string("\xc0\xaf") == "\"" + replacement + replacement + "\"");                    // overlong
  CHECK(json_string("\xed\xa0\x80") == "\"" + replacement + replacement + replacement + "\"");  // a surrogate
  CHECK(weir::utf8_sequence("\xf5\x80\x80\x80") == 0);                                          // above U+10FFFF
}

TEST_CASE("a document has its commas where they belong, however deep") {
  std::string out = "data: ";
  JsonWriter json(out);
  json.begin_object().name("empty").begin_array().end_array().name("items").begin_array();
  json.begin_object().member("a\"b", "c").end_object().value(1).begin_array().value(2).null().end_array().end_array();
  json.member("last", true).end_object();
  CHECK(out == R"(data: {"empty":[],"items":[{"a\"b":"c"},1,[2,null]],"last":true})");
}

TEST_CASE("numbers keep their value; those that JSON has not are null") {
  std::string out;
  JsonWriter json(out);
  json.begin_array().value(std::numeric_limits<std::int64_t>::min()).value(std::numeric_limits<std::uint64_t>::max()).value(-1);
  json.value(0.1).value(std::numeric_limits<double>::infinity()).value(std::numeric_limits<double>::quiet_NaN()).value(false);
  json.json(R"({"as":"it stands"})").end_array();
  CHECK(out == R"([-9223372036854775808,18446744073709551615,-1,0.1,null,null,false,{"as":"it stands"}])");
}

TEST_CASE("a member that is not there is null, an empty text too where it stands for none") {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  member_or_null(json, "a", std::optional(7));
  member_or_null(json, "b", std::optional<std::string>());
  member_or_null(json, "c", std::optional<std::string>(""));
  member_or_null(json, "d", "x");
  member_or_null(json, "e", "").end_object();
  CHECK(out == R"({"a":7,"b":null,"c":"","d":"x","e":null})");
}
