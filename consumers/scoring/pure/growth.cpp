#include "consumers/scoring/pure/growth.hpp"

#include "common/core/result.hpp"
#include "consumers/scoring/pure/measurement.hpp"

#include <algorithm>
#include <cmath>

namespace weir::scoring {

double reliable_change_index(const Measured& before, const Measured& after) {
  // hypot also works for errors so small that their squares would be 0.
  return (after.raw - before.raw) / std::hypot(before.error, after.error);
}

bool is_reliable(double reliable_change_index) { return std::fabs(reliable_change_index) > kTwoSided95; }

double slope(std::span<const double> scores) {
  WEIR_ASSERT(scores.size() >= 2);
  const auto n = static_cast<double>(scores.size());
  const double middle = (n + 1) / 2;
  double covariance = 0;
  double variance = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double x = static_cast<double>(i + 1) - middle;
    // The mean of the scores need not be subtracted, because the x sum to 0.
    covariance += x * scores[i];
    variance += x * x;
  }
  return covariance / variance;
}

std::string_view direction_text(Direction direction) {
  switch (direction) {
    case Direction::kImproving:
      return "improving";
    case Direction::kDeclining:
      return "declining";
    case Direction::kStable:
      return "stable";
  }
  return {};
}

std::optional<Direction> parse_direction(std::string_view text) {
  for (const Direction direction : {Direction::kImproving, Direction::kDeclining, Direction::kStable}) {
    if (text == direction_text(direction)) return direction;
  }
  return std::nullopt;
}

std::optional<Direction> direction_of(double reliable_change_index, Polarity polarity) {
  if (polarity == Polarity::kNone) return std::nullopt;
  if (!is_reliable(reliable_change_index)) return Direction::kStable;
  const bool rises = reliable_change_index > 0;
  return rises == (polarity == Polarity::kHigherIsBetter) ? Direction::kImproving : Direction::kDeclining;
}

std::vector<Growth> growth_of(std::span<const Measured> series, Polarity polarity) {
  std::vector<Growth> rows;
  std::vector<double> scores;
  std::int32_t streak = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    scores.push_back(series[i].raw);
    if (i == 0) continue;
    Growth row;
    row.difference = series[i].raw - series[i - 1].raw;
    row.reliable_change_index = reliable_change_index(series[i - 1], series[i]);
    row.slope = slope(std::span<const double>(scores).last(std::min(scores.size(), kSlopeLength)));
    row.direction = direction_of(row.reliable_change_index, polarity);
    streak = row.direction == Direction::kImproving ? streak + 1 : 0;
    row.improvement_streak = streak;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace weir::scoring
