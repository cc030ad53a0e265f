// All that is kept of one learner, as a function of the course, the achievements and the learner's completions: a fold over the completions
// in order of (completed_at, id). So neither the order in which they arrive nor what was there before makes a difference, and a completion
// that is deleted leaves what would be there had it never come.
#pragma once

#include "consumers/scoring/pure/achievement.hpp"
#include "consumers/scoring/pure/completion.hpp"
#include "consumers/scoring/pure/course.hpp"
#include "consumers/scoring/pure/progress.hpp"
#include "consumers/scoring/pure/skill.hpp"
#include "consumers/scoring/pure/streak.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>

namespace weir::scoring {

/// An achievement that is not deleted.
struct Achievement {
  Uuid id;
  Condition condition;
  std::int64_t points = 0;
};

/// Counts of a learner after some completions.
struct Attainment {
  double skill = kFirstSkill;
  std::int64_t points = 0;  // of activities
  std::int64_t activities_completed = 0;
  std::int64_t modules_completed = 0;
  Streak streak;
  [[nodiscard]] bool meets(const Condition& condition) const;
};

struct Learned {
  Attainment attainment;
  std::int64_t points = 0;            // of activities, and of the achievements that are held
  std::map<Uuid, Instant> unlocked;   // achievements that are held: the time of the first completion after which the condition held
  std::map<Uuid, Progress> progress;  // where it is not the default
};

/// None where no completion counts: such a user has no results as a learner.
[[nodiscard]] std::optional<Learned> learn(const Course& course, std::span<const Achievement> achievements,
                                           std::span<const Completion> completions);

}  // namespace weir::scoring
