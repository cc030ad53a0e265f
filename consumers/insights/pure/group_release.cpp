#include "consumers/insights/pure/group_release.hpp"

#include "consumers/insights/pure/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace weir::insights {

namespace {

double rounded(double value, double step) { return std::round(value / step) * step; }

}  // namespace

std::size_t difference_of(const Members& a, const Members& b) {
  Members in_one;
  std::ranges::set_symmetric_difference(a, b, std::back_inserter(in_one));
  return in_one.size();
}

std::optional<Release> release_of(std::span<const MemberScore> people, std::span<const Members> earlier) {
  if (people.size() < kLeastMembers) return std::nullopt;
  Release release;
  std::vector<double> scores;
  for (const MemberScore& person : people) {
    release.members.push_back(person.member);
    scores.push_back(person.score);
  }
  std::ranges::sort(release.members);
  const bool is_safe = std::ranges::all_of(earlier, [&](const Members& members) {
    const std::size_t difference = difference_of(release.members, members);
    return difference == 0 || difference >= kLeastDifference;
  });
  if (!is_safe) return std::nullopt;
  release.mean = rounded(mean(scores), kMeanStep);
  release.deviation = rounded(std::sqrt(variance(scores)), kDeviationStep);
  return release;
}

}  // namespace weir::insights
