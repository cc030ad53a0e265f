#include "operations/console/tail_place.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using weir::console::place_of;
using weir::console::TailPlace;
using weir::console::text_of;

TEST_CASE("a place is its text, and a text its place") {
  CHECK(text_of({}) == "");
  CHECK(text_of({{0, 5}, {3, 17}}) == "0:5,3:17");
  CHECK(place_of("0:5,3:17") == TailPlace{{0, 5}, {3, 17}});
  CHECK(rc::check("there and back", [](const std::map<std::int32_t, std::int64_t>& any) {
    TailPlace place;
    for (const auto& [partition, offset] : any) {
      if (partition >= 0 && offset >= 0) place[partition] = offset;
    }
    RC_ASSERT(place_of(text_of(place)) == place);
  }));
}

TEST_CASE("anything else is no place") {
  for (const char* text : {"x", "0", "0:", ":5", "0:5,", "0:5,0:6", "0:-1", "-1:0", "0:5;1:2", "0:99999999999999999999"})
    CHECK_FALSE_MESSAGE(place_of(text).has_value(), text);
}
