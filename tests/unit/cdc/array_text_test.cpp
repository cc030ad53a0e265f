// Postgres' text of an array as JSON.
#include "producers/cdc/array_text.hpp"

#include "producers/cdc/types.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace weir::cdc;

namespace {

constexpr std::uint32_t kInt4Array = 1007;
constexpr std::uint32_t kTextArray = 1009;

std::string json_of(std::uint32_t type, std::string_view text) {
  std::string out;
  return append_array(out, builtin_type(type, -1).value(), text) ? out : "no array";
}

}  // namespace

TEST_CASE("elements are written by their type, and lists within lists as they stand") {
  CHECK(json_of(kInt4Array, "{}") == "[]");
  CHECK(json_of(kInt4Array, "{1,NULL,-3}") == "[1,null,-3]");
  CHECK(json_of(kInt4Array, "{{1,2},{3,4}}") == "[[1,2],[3,4]]");
  CHECK(json_of(kInt4Array, "[2:3]={1,2}") == "[1,2]");
  CHECK(json_of(kTextArray, R"({a,"b,c","d\"e","NULL",""})") == R"(["a","b,c","d\"e","NULL",""])");
}

TEST_CASE("a text that is not an array is refused") {
  for (const char* text : {"", "1", "{1", "{1,}", "{,1}", "{1}}", "{\"a}", "{a b"}) {
    CAPTURE(text);
    CHECK(json_of(kTextArray, text) == "no array");
  }
}
