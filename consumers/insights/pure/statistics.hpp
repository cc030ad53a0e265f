// The tests of significance that patterns stand on, each with its source.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace weir::insights {

/// The share of a standard normal distribution below z.
[[nodiscard]] double normal_cdf(double z);
/// The probability of a value at least as far from 0 as z, by chance alone.
[[nodiscard]] double two_sided_p(double z);

/// Probabilities of which each is adjusted for how many were looked at: the smallest that stays below α keeps the probability of any false
/// alarm among all of them below α (Holm, Scandinavian Journal of Statistics 6, 1979). In the order of `p`.
[[nodiscard]] std::vector<double> holm(std::span<const double> p);

/// Of values in any order, which are not empty.
[[nodiscard]] double median(std::span<const double> values);
[[nodiscard]] double mean(std::span<const double> values);
/// With n − 1 in the denominator; 0 for a single value.
[[nodiscard]] double variance(std::span<const double> values);

/// z of the difference of two shares, `a_of_n` minus `b_of_m`, with their pooled error (Fleiss, Statistical Methods for Rates and
/// Proportions, 2nd edition, 1981, 2.2, without the correction for continuity). 0 where the shares are both 0 or both 1.
[[nodiscard]] double difference_of_shares(std::int64_t a, std::int64_t n, std::int64_t b, std::int64_t m);

/// z by which values of `a` are greater than those of `b`, by ranks (Mann and Whitney, Annals of Mathematical Statistics 18, 1947), with
/// ties and with the correction for continuity, as scipy.stats.mannwhitneyu has it. 0 where all values are equal. Neither is empty.
[[nodiscard]] double mann_whitney_z(std::span<const double> a, std::span<const double> b);

/// Directions on a circle: where their mean points (0 to 2π), and how long it is (0: in every direction alike; 1: all in one).
struct CircularMean {
  double angle = 0;
  double length = 0;
};
[[nodiscard]] CircularMean circular_mean(std::span<const double> angles);

/// The probability of a mean that is so long although every direction is as likely as any other (Rayleigh's test, by the approximation of
/// Zar, Biostatistical Analysis, 5th edition, 2010, equation 27.4).
[[nodiscard]] double rayleigh_p(std::size_t n, double mean_length);

}  // namespace weir::insights
