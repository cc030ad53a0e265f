// The forms of JSON that an envelope needs beside strings.
#include "producers/cdc/json.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

using namespace weir::cdc;

TEST_CASE("numbers are written whole, at both ends of what they can be") {
  std::string out;
  json::append_integer(out, INT64_MIN);
  out += ' ';
  json::append_unsigned(out, UINT64_MAX);
  CHECK(out == "-9223372036854775808 18446744073709551615");
}

TEST_CASE("bytes are written as padded base64") {
  const auto base64 = [](std::string_view bytes) {
    std::string out;
    json::append_base64(out, bytes);
    return out;
  };
  CHECK(base64("") == R"("")");
  CHECK(base64("f") == R"("Zg==")");
  CHECK(base64("fo") == R"("Zm8=")");
  CHECK(base64("foo") == R"("Zm9v")");
  CHECK(base64(std::string("\0\xff\x10", 3)) == R"("AP8Q")");
}
