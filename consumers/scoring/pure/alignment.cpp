#include "consumers/scoring/pure/alignment.hpp"

#include "common/core/result.hpp"
#include "consumers/scoring/pure/measurement.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace weir::scoring {

namespace {

bool is_flat(std::span<const double> scores) {
  const auto [lowest, highest] = std::minmax_element(scores.begin(), scores.end());
  return *highest - *lowest <= kFlatSpread;
}

double mean(std::span<const double> scores) {
  return std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(scores.size());
}

}  // namespace

std::optional<double> profile_correlation(std::span<const double> a, std::span<const double> b) {
  WEIR_ASSERT(!a.empty() && a.size() == b.size());
  if (is_flat(a) || is_flat(b)) return std::nullopt;
  const double mean_a = mean(a);
  const double mean_b = mean(b);
  double both = 0;
  double of_a = 0;
  double of_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += (a[i] - mean_a) * (b[i] - mean_b);
    of_a += (a[i] - mean_a) * (a[i] - mean_a);
    of_b += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return cut(both / (std::sqrt(of_a) * std::sqrt(of_b)), -1, 1);
}

double mean_absolute_difference(std::span<const double> a, std::span<const double> b) {
  WEIR_ASSERT(!a.empty() && a.size() == b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::fabs(a[i] - b[i]);
  return cut_score(sum / static_cast<double>(a.size()));
}

std::optional<Alignment> align(const Profile& a, const Profile& b) {
  std::vector<double> of_a;
  std::vector<double> of_b;
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() && right != b.end()) {
    if (left->dimension == right->dimension) {
      of_a.push_back((left++)->raw);
      of_b.push_back((right++)->raw);
    } else if (left->dimension < right->dimension) {
      ++left;
    } else {
      ++right;
    }
  }
  if (of_a.empty()) return std::nullopt;
  return Alignment{profile_correlation(of_a, of_b), mean_absolute_difference(of_a, of_b)};
}

}  // namespace weir::scoring
