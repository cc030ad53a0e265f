// Rows of learners and activities as values, so that wanted rows can be compared with stored rows.
#pragma once

#include "common/core/uuid.hpp"
#include "consumers/scoring/pure/learner.hpp"

#include <cstdint>
#include <tuple>
#include <vector>

namespace weir::scoring {

/// A row of module_progress.
struct ProgressRow {
  OrganizationId organization;
  UserId user;
  Uuid module;
  Progress progress;
  friend bool operator==(const ProgressRow&, const ProgressRow&) = default;
  [[nodiscard]] auto key() const { return std::tie(organization, user, module); }
};

/// A row of learner_states.
struct LearnerRow {
  OrganizationId organization;
  UserId user;
  double skill = kFirstSkill;
  std::int64_t points = 0;
  Streak streak;
  friend bool operator==(const LearnerRow&, const LearnerRow&) = default;
  [[nodiscard]] auto key() const { return std::tie(organization, user); }
};

/// A row of achievements_unlocked.
struct UnlockedRow {
  OrganizationId organization;
  UserId user;
  Uuid achievement;
  Instant unlocked_at{};
  friend bool operator==(const UnlockedRow&, const UnlockedRow&) = default;
  [[nodiscard]] auto key() const { return std::tie(organization, user, achievement); }
};

/// A row of activity_ratings.
struct RatingRow {
  OrganizationId organization;
  Uuid activity;
  double difficulty = 0;
  std::int64_t attempts = 0;
  friend bool operator==(const RatingRow&, const RatingRow&) = default;
  [[nodiscard]] auto key() const { return std::tie(organization, activity); }
};

/// How many users of an organization have an achievement; no row where nobody has it.
struct HoldersRow {
  OrganizationId organization;
  Uuid achievement;
  std::int64_t holders = 0;
  friend bool operator==(const HoldersRow&, const HoldersRow&) = default;
  [[nodiscard]] auto key() const { return std::tie(organization, achievement); }
};

struct LearningRows {
  std::vector<ProgressRow> progress;
  std::vector<LearnerRow> learners;
  std::vector<UnlockedRow> unlocked;
};

/// Adds the rows of one learner.
void add_rows(const OrganizationId& organization, const UserId& user, const Learned& learned, LearningRows& rows);

/// The rating of an activity that the author began at `start`, by all of its results.
[[nodiscard]] RatingRow rating_row(const OrganizationId& organization, const Uuid& activity, double start, std::int64_t failed,
                                   std::int64_t succeeded);

}  // namespace weir::scoring
