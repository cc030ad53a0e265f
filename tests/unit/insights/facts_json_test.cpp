#include "consumers/insights/pure/facts_json.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace weir;
using namespace weir::insights;

TEST_CASE("facts come back from JSON as they were, whatever people wrote in them") {
  const Facts facts{{"times", std::int64_t{3}},
                    {"least", std::numeric_limits<std::int64_t>::min()},
                    {"points", 0.1},
                    {"whole", 4.0},
                    {"module", std::string("Quote \" and \\ and \n and \xE2\x98\x83")},
                    {"empty", std::string()},
                    {"dimension", Word{"dimension.empathy"}},
                    {"until", *parse_instant("2026-11-29T01:02:03.000004Z")}};
  const auto read = read_facts(json_of(facts));
  REQUIRE(read.has_value());
  CHECK(*read == facts);
  CHECK(read_facts("{}") == Facts{});
}

TEST_CASE("facts have one form") {
  for (const char* text : {"", "[]", "{", R"({"a": 1})", R"({"a": {}})", R"({"a": {"int": "1"}})", R"({"a": {"int": 1, "real": 1}})",
                           R"({"a": {"integer": 1}})", R"({"a": {"word": 1}})"}) {
    CAPTURE(text);
    CHECK_FALSE(read_facts(text).has_value());
  }
}
