#include "common/cli/output.hpp"

#include "common/core/json.hpp"

#include <doctest/doctest.h>

using namespace weir;
using cli::printable;

TEST_CASE("a terminal is shown control characters and bytes that are no text, and obeys none of them") {
  CHECK(printable("\x1b]0;mine\x07") == "\\u001b]0;mine\\u0007");
  CHECK(printable("a\x7f\xc2\x9b"
                  "2J") == "a\\u007f\\u009b2J");  // C1 is one character of two bytes
  CHECK(printable("\x9b"
                  "2J\xff") == "\\x9b2J\\xff");
  CHECK(printable(std::string_view("a\0b", 3)) == "a\\u0000b");
  CHECK(printable("one\rtwo\r\n") == "one\\u000dtwo\r\n");
}

TEST_CASE("text, lines and tabs stay as they are") {
  CHECK(printable("Ä é 漢 🙂\n\tx\n") == "Ä é 漢 🙂\n\tx\n");
  CHECK(printable("").empty());
}

TEST_CASE("JSON stays JSON") {
  const std::string json = json_string(std::string_view("\x1b\x9b\xc2\x9b\n\0x", 7));
  CHECK(printable(json) == "\"\\u001b\xef\xbf\xbd\\u009b\\n\\u0000x\"");
}
