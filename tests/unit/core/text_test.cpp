// Letters in lower case.
#include "common/core/text.hpp"

#include <doctest/doctest.h>

TEST_CASE("ASCII letters become small, and no other byte changes") {
  CHECK(weir::lower("Content-TYPE @[`{ 09") == "content-type @[`{ 09");
  CHECK(weir::lower("\xc3\x84\xff") == "\xc3\x84\xff");
}
