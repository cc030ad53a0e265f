// The values that a template is filled with.
#include "consumers/notifications/pure/variables.hpp"

#include <doctest/doctest.h>

using namespace weir::notifications;

TEST_CASE("what is read of JSON is written again as the same JSON") {
  const std::string json = R"({"a":"x\"y","b":3.5,"c":null,"d":true,"e":[1,"z"],"f":{"g":[]}})";
  const auto variables = read_variables(json);
  REQUIRE(variables.has_value());
  CHECK(json_of(*variables) == json);
  CHECK(variables->at("a") == Variable::of_text("x\"y"));
  CHECK(variables->at("b") == Variable::of_number("3.5"));
}

TEST_CASE("only an object has variables") {
  CHECK_FALSE(read_variables("[]").has_value());
  CHECK_FALSE(read_variables("\"x\"").has_value());
  CHECK_FALSE(read_variables("{").has_value());
  CHECK(read_variables("{}")->empty());
}

TEST_CASE("the longest text is found however deep it stands") {
  auto variables = *read_variables(R"({"a":"12","b":[{"c":"12345"},"123"],"n":1234567890})");
  REQUIRE(longest_text(variables) != nullptr);
  CHECK(*longest_text(variables) == "12345");
  variables = *read_variables(R"({"n":1})");
  CHECK(longest_text(variables) == nullptr);
}
