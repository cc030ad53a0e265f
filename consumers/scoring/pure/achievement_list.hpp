// Achievements as an author writes them: a JSON array of objects, each a row of public.achievements.
#pragma once

#include "consumers/scoring/pure/achievement.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::scoring {

struct WrittenAchievement {
  std::string key;
  std::string kind;  // achievement or badge
  std::string name;
  std::string condition;  // as JSON
  std::string rarity;
  std::int64_t points = 0;
  friend bool operator==(const WrittenAchievement&, const WrittenAchievement&) = default;
};

struct AchievementListReading {
  std::vector<WrittenAchievement> achievements;  // where there are no faults
  Faults faults;                                 // all of them, in order of their pointers
};

/// Every member must be there, and nothing else; a key stands once.
[[nodiscard]] AchievementListReading read_achievement_list(std::string_view json);

}  // namespace weir::scoring
