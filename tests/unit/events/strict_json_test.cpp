// JSON that every reader understands alike, and texts that are refused because readers might understand them differently.
#include "common/events/strict_json.hpp"

#include <doctest/doctest.h>

using namespace weir::events;

namespace {

/// "reason pointer", or "taken DATA".
std::string judged(const std::string& json) {
  StrictJson strict;
  std::string_view data;
  const auto fault = strict.check(json, data);
  return fault ? fault->reason + " " + fault->pointer : "taken " + std::string(data);
}

std::string nested(int levels) {
  std::string text = "1";
  for (int level = 0; level < levels; ++level) text = level == levels - 1 ? "{\"a\":" + text + "}" : "[" + text + "]";
  return text;
}

}  // namespace

TEST_CASE("an object is taken, and the bytes of its data are told as they stand") {
  CHECK(judged(R"({"id":"1","data":{"a": [1, 2]} })") == R"(taken {"a": [1, 2]})");
  CHECK(judged(R"({"data":5})") == "taken ");
  CHECK(judged(R"({"x":{"data":{"a":1}}})") == "taken ");
}

TEST_CASE("a text that two readers could understand differently is refused, with its place") {
  CHECK(judged(R"({"a":1,"b":{"c":1,"c":2}})") == "duplicate_key /b/c");
  CHECK(judged(R"({"a":1,"\u0061":2})") == "duplicate_key /a");
  CHECK(judged(R"({"a":9223372036854775808})") == "out_of_domain /a");
  CHECK(judged(R"({"a":1e999})") == "out_of_domain /a");
  CHECK(judged(R"({"a":"\u0000"})") == "out_of_domain /a");
  CHECK(judged("{\"a\":" + std::string(65, '1') + "}") == "out_of_domain /a");
}

TEST_CASE("nesting is bounded") {
  CHECK(judged(nested(kMaxDepth)) == "taken ");
  CHECK(judged(nested(kMaxDepth + 1)).starts_with("too_deep /a/0"));
}

TEST_CASE("a text that is not JSON, not UTF-8 or not an object says so") {
  CHECK(judged("{\"a\":1} x").starts_with("malformed_json"));
  CHECK(judged("{\"a\":1").starts_with("malformed_json"));
  CHECK(judged("{\"a\":\"\xff\"}").starts_with("bad_utf8"));
  CHECK(judged("[1]") == "wrong_type ");
}
