// Letters in lower case, and hexadecimal digits.
#include "common/core/text.hpp"

#include <doctest/doctest.h>

#include <string>

TEST_CASE("ASCII letters become small, and no other byte changes") {
  CHECK(weir::lower("Content-TYPE @[`{ 09") == "content-type @[`{ 09");
  CHECK(weir::lower("\xc3\x84\xff") == "\xc3\x84\xff");
}

TEST_CASE("a hexadecimal digit has its value in either case, and no other byte has a value") {
  std::string decimal;
  std::string digits;
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    if (weir::is_digit(c)) decimal += c;
    if (const auto value = weir::hex_digit(c)) digits += std::string(1, c) + "=" + std::to_string(*value) + " ";
  }
  CHECK(decimal == "0123456789");
  CHECK(digits == "0=0 1=1 2=2 3=3 4=4 5=5 6=6 7=7 8=8 9=9 A=10 B=11 C=12 D=13 E=14 F=15 a=10 b=11 c=12 d=13 e=14 f=15 ");
}
