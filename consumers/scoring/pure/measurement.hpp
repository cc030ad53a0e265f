// Figures of classical test theory: the place of a raw score in a norm group, and its error.
//
// Raw scores, means, standard deviations and errors are in points of the raw scale, 0 to 100. Reliabilities and probabilities have no unit
// and lie between 0 and 1. Every function is given finite numbers, and gives one.
#pragma once

#include <cstddef>
#include <span>

namespace weir::scoring {

inline constexpr double kLowestScore = 0;
inline constexpr double kHighestScore = 100;

/// How many standard errors lie on each side of a 95 % interval, rounded as test manuals round it.
inline constexpr double kTwoSided95 = 1.96;

/// The raw scores of a norm group: their mean, and their standard deviation, which is above 0.
struct Norm {
  double mean = 0;
  double sd = 0;
  friend bool operator==(const Norm&, const Norm&) = default;
};

/// Φ(z): the share of a standard normal distribution that lies below z. Computed as erfc(−z/√2)/2, which is as exact in the tails as in
/// the middle, where 1 − Φ(−z) would lose its digits.
[[nodiscard]] double normal_cdf(double z);

/// T = 50 + 10·(raw − mean)/sd: mean 50 and standard deviation 10 in the norm group (McCall, How to Measure in Education, 1922).
[[nodiscard]] double t_score(double raw, const Norm& norm);

/// Percent of the norm group whose raw score is lower, if the group's scores are normally distributed: 100·Φ((raw − mean)/sd).
[[nodiscard]] double percentile(double raw, const Norm& norm);

/// The reliability of a scale of which `answered` items of `all` are left, all items being alike: with m = answered/all,
/// m·r/(1 + (m − 1)·r) (Spearman 1910; Brown 1910). `answered` is at least 1 and at most `all`; the result is at most `reliability`.
[[nodiscard]] double shortened_reliability(double reliability, std::size_t answered, std::size_t all);

/// SEM = sd·√(1 − r), the standard error of measurement (Lord and Novick, Statistical Theories of Mental Test Scores, 1968, 3.9).
[[nodiscard]] double standard_error(double sd, double reliability);

struct Interval {
  double low = 0;
  double high = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// raw ± 1.96·SEM, cut to the raw scale.
[[nodiscard]] Interval interval_95(double raw, double error);

/// The error of a weighted sum of scores whose errors are independent: √(Σ w²·SEM²). `weights` sum to 1, one for each of `errors`.
[[nodiscard]] double composite_error(std::span<const double> weights, std::span<const double> errors);

/// A value that rounding may have carried past the end of its range, cut to it. A weighted mean of highest answers alone can come to
/// 100.00000000000001, and the column's CHECK must not refuse an honest submission for that.
[[nodiscard]] double cut(double value, double lowest, double highest);
[[nodiscard]] double cut_score(double value);

}  // namespace weir::scoring
