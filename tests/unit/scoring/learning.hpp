// What the tests of learning share: short ids, a course to learn, and histories of completions by a seed.
#pragma once

#include "consumers/scoring/pure/learner.hpp"
#include "tests/unit/scoring/property.hpp"

#include <string>
#include <vector>

namespace weir::scoring {

inline Uuid numbered(int kind, int n) {
  Uuid id;
  id.bytes[0] = static_cast<std::uint8_t>(kind);
  id.bytes[14] = static_cast<std::uint8_t>(n >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(n);
  return id;
}
inline Uuid module_id(int n) { return numbered(1, n); }
inline Uuid activity_id(int n) { return numbered(2, n); }
inline Uuid achievement_id(int n) { return numbered(4, n); }

/// 2026-11-02, a Monday, and days from it.
inline Day day(int n) { return Day{std::chrono::year{2026} / 11 / 2} + std::chrono::days{n}; }
/// `minute` minutes into day(0), in UTC.
inline Instant minute(int n) { return Instant{day(0)} + std::chrono::minutes{n}; }

/// The completion number n, at minute n, on the date that UTC has then.
inline Completion completion(int n, int activity, bool succeeded = true, std::optional<double> score = std::nullopt) {
  return {minute(n), numbered(3, n), activity_id(activity), succeeded, score, std::chrono::floor<std::chrono::days>(minute(n))};
}

/// Modules 1, 2 after 1, and 3 after 1 and 2; each with two required activities and an optional third one: 11, 12, 13, 21, … Points are
/// those numbers.
inline Course three_modules() {
  Course course;
  for (int m = 1; m <= 3; ++m) course.add_module(module_id(m));
  course.add_prerequisite(module_id(2), module_id(1));
  course.add_prerequisite(module_id(3), module_id(1));
  course.add_prerequisite(module_id(3), module_id(2));
  for (int m = 1; m <= 3; ++m) {
    for (int a = 1; a <= 3; ++a) {
      course.add_activity(activity_id(10 * m + a), {module_id(m), 1'000.0 + 100 * m, 10 * m + a, a != 3});
    }
  }
  return course;
}

/// Up to 40 completions of the activities above and of some that do not count, within four weeks, by a seed.
inline std::vector<Completion> any_history(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](int end) { return static_cast<int>(random() % static_cast<std::uint32_t>(end)); };
  std::vector<Completion> history;
  const int count = below(41);
  for (int n = 0; n < count; ++n) {
    Completion one = completion(below(28 * 24 * 60), 10 * (1 + below(4)) + 1 + below(3), below(3) != 0);
    one.id = numbered(3, n);
    if (below(2) == 0) one.score = below(101) / 100.0;
    one.local_date += std::chrono::days{below(8) == 0 ? -1 : 0};  // a traveller
    history.push_back(one);
  }
  return history;
}

/// One achievement for each measure, and a second one that is harder.
inline std::vector<Achievement> any_achievements() {
  std::vector<Achievement> achievements;
  int n = 0;
  for (const auto& [measure, least] :
       {std::pair{Measure::kActivitiesCompleted, 3}, std::pair{Measure::kModulesCompleted, 1}, std::pair{Measure::kStreakDays, 3},
        std::pair{Measure::kPoints, 60}, std::pair{Measure::kSkill, 1'220}, std::pair{Measure::kActivitiesCompleted, 7},
        std::pair{Measure::kStreakDays, 6}}) {
    ++n;
    achievements.push_back({achievement_id(n), {measure, least}, 100 * n});
  }
  return achievements;
}

}  // namespace weir::scoring
