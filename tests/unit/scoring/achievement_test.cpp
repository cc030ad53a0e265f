#include "consumers/scoring/pure/achievement.hpp"

#include "tests/unit/scoring/property.hpp"

using namespace weir::scoring;

namespace {

std::string faults(std::string_view json) {
  std::string text;
  const ConditionReading reading = read_condition(json);
  CHECK(reading.condition.has_value() == reading.faults.empty());
  for (const DocumentFault& fault : reading.faults) text += fault.pointer + " " + fault.reason + "; ";
  return text;
}

}  // namespace

TEST_CASE("a condition names a measure and its least value") {
  for (const Measure measure : kMeasures) {
    CAPTURE(measure_name(measure));
    CHECK(read_condition(fmt::format(R"({{"{}": 7}})", measure_name(measure))).condition == Condition{measure, 7});
  }
  CHECK(read_condition(R"({"points": 1000000000})").condition == Condition{Measure::kPoints, 1'000'000'000});
}

TEST_CASE("a condition of any other form is refused with the place of each fault") {
  struct Row {
    const char* json;
    const char* faults;
  };
  for (const Row& row :
       {Row{R"({})", " out_of_domain; "}, Row{R"([])", " wrong_type; "}, Row{R"({"points": 0})", "/points out_of_domain; "},
        Row{R"({"points": -1})", "/points out_of_domain; "}, Row{R"({"points": null})", "/points wrong_type; "},
        Row{R"({"points": "5"})", "/points wrong_type; "}, Row{R"({"points": 5.0})", "/points wrong_type; "},
        Row{R"({"points": 5e1})", "/points wrong_type; "}, Row{R"({"points": 1000000001})", "/points out_of_domain; "},
        Row{R"({"points": 5, "skill": 5})", " out_of_domain; "}, Row{R"({"points": 5, "points": 6})", "/points repeated_key; "},
        Row{R"({"days": 5})", "/days unknown_field; "}, Row{R"({"points": 5, "of": "quiz"})", " out_of_domain; /of unknown_field; "},
        Row{"{", " malformed_json; "}}) {
    CAPTURE(row.json);
    CHECK(faults(row.json) == row.faults);
  }
}
