#include "consumers/scoring/pure/achievement.hpp"

#include "consumers/scoring/pure/json_members.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::scoring {

namespace {

constexpr Range kLeast{1, 1'000'000'000};

}  // namespace

std::string_view measure_name(Measure measure) {
  switch (measure) {
    case Measure::kActivitiesCompleted:
      return "activities_completed";
    case Measure::kModulesCompleted:
      return "modules_completed";
    case Measure::kStreakDays:
      return "streak_days";
    case Measure::kPoints:
      return "points";
    case Measure::kSkill:
      return "skill";
  }
  return {};
}

ConditionReading read_condition(std::string_view json) {
  simdjson::dom::parser parser;
  const simdjson::padded_string text(json);
  Element document;
  if (const auto error = parser.parse(text).get(document); error != simdjson::SUCCESS) {
    return {std::nullopt, {{"", "malformed_json", fmt::format("the text is not JSON: {}", simdjson::error_message(error))}}};
  }
  ConditionReading reading;
  const Members members(document, "", reading.faults,
                        {measure_name(Measure::kActivitiesCompleted), measure_name(Measure::kModulesCompleted),
                         measure_name(Measure::kStreakDays), measure_name(Measure::kPoints), measure_name(Measure::kSkill)});
  if (members.is_object() && members.names().size() != 1) {
    reading.faults.push_back({"", "out_of_domain", "a condition names exactly one measure"});
  }
  for (const Measure measure : kMeasures) {
    if (!members.has(measure_name(measure))) continue;
    if (const auto least = members.integer(measure_name(measure), kLeast)) reading.condition = Condition{measure, *least};
  }
  std::ranges::sort(reading.faults);
  if (!reading.faults.empty()) reading.condition.reset();
  return reading;
}

}  // namespace weir::scoring
