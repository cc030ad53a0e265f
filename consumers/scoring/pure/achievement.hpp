// Achievements: rules held as data, {"streak_days": 7}. A condition names one measure of a learner and how high it must be.
#pragma once

#include "consumers/scoring/pure/document_fault.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::scoring {

/// The measures of a learner that a condition can name.
enum class Measure : std::uint8_t {
  kActivitiesCompleted,  // different activities that were done
  kModulesCompleted,
  kStreakDays,  // the longest streak
  kPoints,      // of activities alone: points of achievements would hang on each other
  kSkill,
};
inline constexpr std::array kMeasures{Measure::kActivitiesCompleted, Measure::kModulesCompleted, Measure::kStreakDays, Measure::kPoints,
                                      Measure::kSkill};
[[nodiscard]] std::string_view measure_name(Measure measure);

struct Condition {
  Measure measure = Measure::kActivitiesCompleted;
  std::int64_t least = 1;
  friend bool operator==(const Condition&, const Condition&) = default;
};

struct ConditionReading {
  std::optional<Condition> condition;  // where there are no faults
  Faults faults;                       // all of them, in order of their pointers
};

/// Reads achievements.condition. A member that no measure has the name of, none or two of them, a repeated key, null, and a number with a
/// fraction, an exponent or less than 1 are faults.
[[nodiscard]] ConditionReading read_condition(std::string_view json);

}  // namespace weir::scoring
