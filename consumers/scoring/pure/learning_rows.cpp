#include "consumers/scoring/pure/learning_rows.hpp"

namespace weir::scoring {

void add_rows(const OrganizationId& organization, const UserId& user, const Learned& learned, LearningRows& rows) {
  rows.learners.push_back({organization, user, learned.attainment.skill, learned.points, learned.attainment.streak});
  for (const auto& [module, progress] : learned.progress) rows.progress.push_back({organization, user, module, progress});
  for (const auto& [achievement, at] : learned.unlocked) rows.unlocked.push_back({organization, user, achievement, at});
}

RatingRow rating_row(const OrganizationId& organization, const Uuid& activity, double start, std::int64_t failed, std::int64_t succeeded) {
  return {organization, activity, difficulty_rating(start, failed, succeeded), failed + succeeded};
}

}  // namespace weir::scoring
