// What is written as a JSON string can always be read.
#include "common/core/json.hpp"

#include <doctest/doctest.h>

using weir::json_string;

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
