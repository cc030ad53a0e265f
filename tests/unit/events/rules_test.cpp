// Values against rules of data: a fault has the place, the reason, and a message that says which values are right.
#include "common/events/rules.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <array>

using namespace weir::events;

namespace {

constexpr std::array<std::string_view, 2> kChannels{"email", "push"};
constexpr Rule kChannel{.name = "channel", .one_of = kChannels};
constexpr std::array<Rule, 4> kRules{{
    {.name = "name", .required = true, .form = TextForm::kName, .min_size = 1, .max_size = 8},
    {.name = "count", .type = JsonType::kInteger, .minimum = 0, .maximum = 9},
    {.name = "channels", .type = JsonType::kArray, .min_size = 1, .max_size = 2, .element = &kChannel},
    {.name = "more", .type = JsonType::kObject, .max_size = 1},
}};

/// "reason pointer: message", or "fits".
std::string check(const std::string& json) {
  simdjson::dom::parser parser;
  const MaybeFault fault = check_members(kRules, parser.parse(json).get_object().value(), "/data");
  return fault ? fault->reason + " " + fault->pointer + ": " + fault->message : "fits";
}

}  // namespace

TEST_CASE("a value that fits every rule is taken") {
  CHECK(check(R"({"name":"a.b","count":9,"channels":["push","email"],"more":{"x":[1]}})") == "fits");
  CHECK(check(R"({"name":"a"})") == "fits");
}

TEST_CASE("a fault names its place and what may stand there") {
  const std::array<std::pair<std::string, std::string>, 8> cases{{
      {R"({})", "missing_field /data/name: data.name is missing"},
      {R"({"name":1})", "wrong_type /data/name: data.name must be a string, not a whole number"},
      {R"({"name":"a","x/y":1})", "unknown_field /data/x~1y: data.x~1y has no place here: there may be name, count, channels, more"},
      {R"({"name":"a","count":10})", "out_of_domain /data/count: data.count must be 0 to 9"},
      {R"({"name":"a","count":1.5})", "wrong_type /data/count: data.count must be a whole number, not a number with a fraction"},
      {R"({"name":"a","channels":[]})", "out_of_domain /data/channels: data.channels must have 1 to 2 elements, not 0"},
      {R"({"name":"a","channels":["fax"]})", "out_of_domain /data/channels/0: data.channels.0 must be one of email, push"},
      {R"({"name":"a","more":{"x":1,"y":2}})", "out_of_domain /data/more: data.more must have at most 1 members, not 2"},
  }};
  for (const auto& [json, expected] : cases) CHECK(check(json) == expected);
}

TEST_CASE("an array holds each element once, and a text is measured in characters") {
  CHECK(check(R"({"name":"a","channels":["push","push"]})").starts_with("out_of_domain /data/channels: "));
  CHECK(check_text(Rule{.name = "t", .max_size = 2}, "\u00e9\u00e9", "/t") == std::nullopt);
  CHECK(check_text(Rule{.name = "t", .max_size = 2}, "\u00e9\u00e9\u00e9", "/t").has_value());
}
