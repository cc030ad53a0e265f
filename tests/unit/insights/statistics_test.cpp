#include "consumers/insights/pure/statistics.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

using namespace weir::insights;

TEST_CASE("the normal distribution is that of the tables") {
  CHECK(normal_cdf(0) == 0.5);
  CHECK(normal_cdf(1.959963984540054) == doctest::Approx(0.975));
  CHECK(two_sided_p(-1.959963984540054) == doctest::Approx(0.05));
  CHECK(two_sided_p(40) >= 0);
}

TEST_CASE("the smallest of several probabilities is multiplied by their number, the next by one less") {
  const std::vector<double> adjusted = holm(std::array{0.04, 0.01, 0.03});
  REQUIRE(adjusted.size() == 3);
  CHECK(adjusted[1] == doctest::Approx(0.03));
  CHECK(adjusted[2] == doctest::Approx(0.06));
  CHECK(adjusted[0] == doctest::Approx(0.06));  // never below one that is smaller
  CHECK(holm(std::array{0.7, 0.9}) == std::vector{1.0, 1.0});
  CHECK(holm({}).empty());
}

TEST_CASE("median, mean and variance") {
  CHECK(median(std::array{3.0, 1.0, 2.0}) == 2);
  CHECK(median(std::array{4.0, 1.0, 2.0, 3.0}) == 2.5);
  CHECK(mean(std::array{1.0, 2.0, 6.0}) == 3);
  CHECK(variance(std::array{1.0, 2.0, 6.0}) == 7);
  CHECK(variance(std::array{5.0}) == 0);
}

TEST_CASE("two shares are compared with their pooled error") {
  // 45 of 50 against 30 of 50: pooled 0.75, error √(0.1875·0.04).
  CHECK(difference_of_shares(45, 50, 30, 50) == doctest::Approx(0.3 / std::sqrt(0.0075)));
  CHECK(difference_of_shares(30, 50, 45, 50) == doctest::Approx(-0.3 / std::sqrt(0.0075)));
  CHECK(difference_of_shares(50, 50, 40, 40) == 0);
}

TEST_CASE("values are compared by ranks, equal ones sharing theirs") {
  // All of a are above all of b: U = 9 of 9, expected 4.5, error √(9·7/12).
  CHECK(mann_whitney_z(std::array{4.0, 5.0, 6.0}, std::array{1.0, 2.0, 3.0}) == doctest::Approx(4 / std::sqrt(63.0 / 12)));
  CHECK(mann_whitney_z(std::array{1.0, 2.0, 3.0}, std::array{4.0, 5.0, 6.0}) < -2);
  CHECK(mann_whitney_z(std::array{7.0, 7.0}, std::array{7.0, 7.0, 7.0}) == 0);
}

TEST_CASE("directions around the turn of the circle have their mean there") {
  const CircularMean around = circular_mean(std::array{0.1, 2 * std::numbers::pi - 0.1});
  CHECK(std::cos(around.angle) == doctest::Approx(1));
  CHECK(around.length == doctest::Approx(std::cos(0.1)));
  CHECK(circular_mean(std::array{0.0, std::numbers::pi / 2}).angle == doctest::Approx(std::numbers::pi / 4));
  CHECK(circular_mean(std::array{3 * std::numbers::pi / 2}).angle == doctest::Approx(3 * std::numbers::pi / 2));
  CHECK(circular_mean(std::array{0.0, std::numbers::pi}).length == doctest::Approx(0).epsilon(1e-9));
}

TEST_CASE("Rayleigh's test is that of Zar's example") {
  // Biostatistical Analysis, example 27.4: n = 8, R = 6.5785, P = 0.002 by its table.
  CHECK(rayleigh_p(8, 6.5785 / 8) == doctest::Approx(0.0016).epsilon(0.1));
  CHECK(rayleigh_p(10, 0) == doctest::Approx(1).epsilon(0.05));
  CHECK(rayleigh_p(100, 1) < 1e-40);
}
