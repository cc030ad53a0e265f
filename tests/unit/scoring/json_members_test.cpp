#include "consumers/scoring/pure/json_members.hpp"

#include "tests/unit/scoring/property.hpp"

using namespace weir::scoring;

namespace {

struct Document {
  explicit Document(const std::string& json) : text(json) { REQUIRE(parser.parse(text).get(element) == simdjson::SUCCESS); }
  simdjson::padded_string text;
  simdjson::dom::parser parser;
  Element element;
};

std::vector<std::string> lines(const Faults& faults) {
  std::vector<std::string> out;
  for (const DocumentFault& fault : faults) out.push_back(fault.pointer + " " + fault.reason);
  return out;
}

}  // namespace

TEST_CASE("each member is read by its rule, and each that breaks it is a fault of its own") {
  const Document document(
      R"({"text": "a", "number": 0.5, "whole": 3, "yes": true, "long": "abcdef", "broken": 1.5, "big": 11, "x/y~": 1})");
  Faults faults;
  const Members members(document.element, "/at", faults, {});
  CHECK(members.text("text", 5) == "a");
  CHECK(members.number("number", {0, 1}) == 0.5);
  CHECK(members.integer("whole", {1, 10}) == 3);
  CHECK(members.boolean("yes") == true);
  CHECK(faults.empty());
  CHECK(!members.text("long", 5));
  CHECK(!members.text("number", 5));
  CHECK(!members.integer("broken", {1, 10}));
  CHECK(!members.number("big", {1, 10}));
  CHECK(!members.number("text", {1, 10}));
  CHECK(!members.boolean("text"));
  CHECK(!members.element("none"));
  members.fault("x/y~", "any", "");
  CHECK(lines(faults) == std::vector<std::string>{"/at/long out_of_domain", "/at/number wrong_type", "/at/broken wrong_type",
                                                  "/at/big out_of_domain", "/at/text wrong_type", "/at/text wrong_type",
                                                  "/at/none missing_field", "/at/x~1y~0 any"});
}

TEST_CASE("repeated and unknown members are faults, and so is a value that is not an object") {
  const Document document(R"({"a": 1, "a": 2, "b": 3})");
  Faults faults;
  const Members members(document.element, "", faults, {"a"});
  CHECK(members.is_object());
  CHECK(members.names().size() == 2);
  CHECK(lines(faults) == std::vector<std::string>{"/a repeated_key", "/b unknown_field"});
  const Document list("[1]");
  faults.clear();
  const Members none(list.element, "/list", faults, {});
  CHECK(!none.is_object());
  CHECK(!none.element("a"));
  CHECK(lines(faults) == std::vector<std::string>{"/list wrong_type"});
}

TEST_CASE("a range says whether its ends belong to it") {
  CHECK(Range{0, 1}.holds(0));
  CHECK(Range{0, 1}.holds(1));
  CHECK(!Range{0, 1, true}.holds(0));
  CHECK(!Range{0, 1, false, true}.holds(1));
  CHECK(Range{0, 1, true, true}.text() == "above 0 and below 1");
}
