#include "consumers/scoring/pure/measurement.hpp"

#include "common/core/result.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace weir::scoring {

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double t_score(double raw, const Norm& norm) { return 50 + 10 * ((raw - norm.mean) / norm.sd); }

double percentile(double raw, const Norm& norm) { return cut(100 * normal_cdf((raw - norm.mean) / norm.sd), 0, 100); }

double shortened_reliability(double reliability, std::size_t answered, std::size_t all) {
  WEIR_ASSERT(answered >= 1 && answered <= all);
  if (answered == all) return reliability;
  const double length = static_cast<double>(answered) / static_cast<double>(all);
  return length * reliability / (1 + (length - 1) * reliability);
}

double standard_error(double sd, double reliability) { return sd * std::sqrt(1 - reliability); }

Interval interval_95(double raw, double error) { return {cut_score(raw - kTwoSided95 * error), cut_score(raw + kTwoSided95 * error)}; }

double composite_error(std::span<const double> weights, std::span<const double> errors) {
  WEIR_ASSERT(weights.size() == errors.size());
  double squares = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) squares += (weights[i] * errors[i]) * (weights[i] * errors[i]);
  return std::sqrt(squares);
}

double cut(double value, double lowest, double highest) { return std::clamp(value, lowest, highest); }
double cut_score(double value) { return cut(value, kLowestScore, kHighestScore); }

}  // namespace weir::scoring
