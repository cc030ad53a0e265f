#include "consumers/insights/pure/statistics.hpp"

#include "common/core/result.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace weir::insights {

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double two_sided_p(double z) { return std::erfc(std::fabs(z) / std::numbers::sqrt2); }

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, std::min(1.0, p[order[i]] * static_cast<double>(p.size() - i)));
    adjusted[order[i]] = largest;
  }
  return adjusted;
}

double median(std::span<const double> values) {
  WEIR_ASSERT(!values.empty());
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double mean(std::span<const double> values) {
  WEIR_ASSERT(!values.empty());
  return std::reduce(values.begin(), values.end()) / static_cast<double>(values.size());
}

double variance(std::span<const double> values) {
  if (values.size() < 2) return 0;
  const double middle = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - middle) * (value - middle);
  return squares / static_cast<double>(values.size() - 1);
}

double difference_of_shares(std::int64_t a, std::int64_t n, std::int64_t b, std::int64_t m) {
  WEIR_ASSERT(n > 0 && m > 0);
  const auto of_n = static_cast<double>(n);
  const auto of_m = static_cast<double>(m);
  const double pooled = static_cast<double>(a + b) / (of_n + of_m);
  const double error = std::sqrt(pooled * (1 - pooled) * (1 / of_n + 1 / of_m));
  if (error == 0) return 0;
  return (static_cast<double>(a) / of_n - static_cast<double>(b) / of_m) / error;
}

double mann_whitney_z(std::span<const double> a, std::span<const double> b) {
  WEIR_ASSERT(!a.empty() && !b.empty());
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  std::ranges::sort(all);
  double ranks_of_a = 0;
  for (const double value : a) {
    const auto [first, last] = std::equal_range(all.begin(), all.end(), value);
    // Equal values share the mean of their ranks, which count from 1.
    ranks_of_a += (static_cast<double>(first - all.begin()) + static_cast<double>(last - all.begin()) + 1) / 2;
  }
  double ties = 0;
  for (auto at = all.begin(); at != all.end();) {
    const auto next = std::ranges::upper_bound(at, all.end(), *at);
    const auto equal = static_cast<double>(next - at);
    ties += equal * equal * equal - equal;
    at = next;
  }
  const auto n = static_cast<double>(a.size());
  const auto m = static_cast<double>(b.size());
  const double u = ranks_of_a - n * (n + 1) / 2;
  const double error = std::sqrt(n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1))));
  if (error == 0) return 0;
  return (u - n * m / 2 - 0.5) / error;
}

CircularMean circular_mean(std::span<const double> angles) {
  WEIR_ASSERT(!angles.empty());
  double x = 0;
  double y = 0;
  for (const double angle : angles) {
    x += std::cos(angle);
    y += std::sin(angle);
  }
  const double angle = std::atan2(y, x);
  return {angle < 0 ? angle + 2 * std::numbers::pi : angle, std::min(1.0, std::hypot(x, y) / static_cast<double>(angles.size()))};
}

double rayleigh_p(std::size_t n, double mean_length) {
  const auto count = static_cast<double>(n);
  const double sum = count * mean_length;
  return std::min(1.0, std::exp(std::sqrt(1 + 4 * count + 4 * (count * count - sum * sum)) - (1 + 2 * count)));
}

}  // namespace weir::insights
