// How far the values of two users agree: their newest scores of one version of an instrument, dimension by dimension.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::scoring {

struct ProfileScore {
  std::string dimension;
  double raw = 0;  // 0 to 100
  friend auto operator<=>(const ProfileScore&, const ProfileScore&) = default;
};

/// The scores of one submission in order of dimension, without the composite and without dimensions that have no score.
using Profile = std::vector<ProfileScore>;

/// A profile whose scores differ by no more than this is flat: it has no shape to compare.
inline constexpr double kFlatSpread = 1e-9;

struct Alignment {
  std::optional<double> correlation;    // −1 to 1; none where a profile is flat
  double mean_absolute_difference = 0;  // 0 to 100 points
  friend bool operator==(const Alignment&, const Alignment&) = default;
};

/// Pearson's r over the dimensions. None where a profile is flat, as a profile of one dimension always is. Both spans have one score for
/// each dimension.
[[nodiscard]] std::optional<double> profile_correlation(std::span<const double> a, std::span<const double> b);

/// Σ|a − b|/n in points; n is at least 1.
[[nodiscard]] double mean_absolute_difference(std::span<const double> a, std::span<const double> b);

/// Aligns two profiles over the dimensions in which both have scores; none where there is no such dimension.
[[nodiscard]] std::optional<Alignment> align(const Profile& a, const Profile& b);

}  // namespace weir::scoring
