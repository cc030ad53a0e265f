// The two sums of squares are taken about the means, so that large values do not cancel out their differences.
#include "consumers/rollups/pure/trend.hpp"

#include "common/core/result.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

namespace weir::rollups {

namespace {

/// Student's t at 0.975 for 6 to 10 degrees of freedom, those of 8 to 12 values.
constexpr std::array kCritical{2.446911851144969, 2.364624251592785, 2.306004135033371, 2.262157162740992, 2.2281388519649385};

std::vector<double> present(Values values) {
  std::vector<double> out;
  for (const auto& value : values) {
    if (value) out.push_back(*value);
  }
  return out;
}

/// The mean of the two middle values where their number is even.
double median_of(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

}  // namespace

std::string_view text_of(Direction direction) {
  switch (direction) {
    case Direction::kStable:
      return "stable";
    case Direction::kRising:
      return "rising";
    case Direction::kFalling:
      return "falling";
  }
  return "";
}

Trend trend_of(Values values) {
  WEIR_ASSERT(values.size() <= kTrendWindows);
  std::vector<std::pair<double, double>> points;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i]) points.emplace_back(static_cast<double>(i), *values[i]);
  }
  if (points.size() < kFewestValues) return {};
  const auto n = static_cast<double>(points.size());
  double mean_x = 0;
  double mean_y = 0;
  for (const auto& [x, y] : points) {
    mean_x += x / n;
    mean_y += y / n;
  }
  const bool constant = std::all_of(points.begin(), points.end(), [&](const auto& point) { return point.second == points[0].second; });
  // Rounding would give a constant a slope.
  if (constant) return {Direction::kStable, 0.0, std::nullopt};
  double sxx = 0;
  double sxy = 0;
  for (const auto& [x, y] : points) {
    sxx += (x - mean_x) * (x - mean_x);
    sxy += (x - mean_x) * (y - mean_y);
  }
  const double slope = sxy / sxx;
  double residue = 0;
  for (const auto& [x, y] : points) {
    const double left = y - mean_y - slope * (x - mean_x);
    residue += left * left;
  }
  const Direction heading = slope > 0 ? Direction::kRising : slope < 0 ? Direction::kFalling : Direction::kStable;
  if (residue == 0) return {heading, slope, std::nullopt};
  const double t = slope / std::sqrt(residue / (n - 2) / sxx);
  const bool significant = std::abs(t) > kCritical[points.size() - kFewestValues];
  return {significant ? heading : Direction::kStable, slope, t};
}

std::optional<double> robust_score(Values values) {
  if (values.empty() || !values.back()) return std::nullopt;
  std::vector<double> sorted = present(values);
  if (sorted.size() < kFewestValues) return std::nullopt;
  const double median = median_of(sorted);
  for (double& value : sorted) value = std::abs(value - median);
  const double deviation = median_of(sorted);
  if (deviation == 0) return std::nullopt;
  return (*values.back() - median) / (1.4826 * deviation);
}

}  // namespace weir::rollups
