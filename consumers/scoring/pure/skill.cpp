#include "consumers/scoring/pure/skill.hpp"

#include "consumers/scoring/pure/measurement.hpp"

#include <cmath>

namespace weir::scoring {

namespace {

/// So many points on the scale make success ten times as likely as failure.
constexpr double kTenfold = 400;
/// Failures and successes that every activity is taken to have had before the first result.
constexpr double kPrior = 5;

double cut_rating(double rating) { return cut(rating, kLowestRating, kHighestRating); }

}  // namespace

double expected_success(double skill, double difficulty) { return 1 / (1 + std::pow(10.0, (difficulty - skill) / kTenfold)); }

double skill_after(double skill, double difficulty, double success) {
  return cut_rating(skill + kSkillStep * (success - expected_success(skill, difficulty)));
}

double success_of(bool succeeded, std::optional<double> score) { return score.value_or(succeeded ? 1 : 0); }

double difficulty_rating(double start, std::int64_t failed, std::int64_t succeeded) {
  return cut_rating(start + kTenfold * std::log10((static_cast<double>(failed) + kPrior) / (static_cast<double>(succeeded) + kPrior)));
}

}  // namespace weir::scoring
