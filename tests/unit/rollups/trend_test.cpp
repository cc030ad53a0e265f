#include "consumers/rollups/pure/trend.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace weir::rollups;

namespace {

using Series = std::vector<std::optional<double>>;

constexpr auto kNone = std::nullopt;

}  // namespace

TEST_CASE("values on a line rise or fall by its slope, and have no t statistic") {
  const Trend rising = trend_of(Series{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  CHECK(rising.direction == Direction::kRising);
  CHECK(rising.slope == 1.0);
  CHECK(rising.t_statistic == kNone);
  CHECK(trend_of(Series{24, 22, 20, 18, 16, 14, 12, 10}).direction == Direction::kFalling);
  CHECK(trend_of(Series{24, 22, 20, 18, 16, 14, 12, 10}).slope == -2.0);
}

TEST_CASE("a slope that chance explains is stable") {
  // x̄ = 3.5, ȳ = 0.5: Sxx = 42, Sxy = 2, SSE = 2 − 4/42, so t = √0.3.
  const Trend trend = trend_of(Series{0, 1, 0, 1, 0, 1, 0, 1});
  CHECK(trend.direction == Direction::kStable);
  CHECK(*trend.slope == doctest::Approx(2.0 / 42).epsilon(1e-15));
  CHECK(*trend.t_statistic == doctest::Approx(std::sqrt(0.3)).epsilon(1e-14));
}

TEST_CASE("a slope is significant beyond the critical value, and only then") {
  // Sxx = 42; y = x + d·(−1)^x has Sxy = 42 − 4d, and SSE = 8d² − 16d²/42.
  const auto noisy = [](double d) {
    Series values;
    for (int x = 0; x < 8; ++x) values.emplace_back(x + (x % 2 == 0 ? d : -d));
    return trend_of(values);
  };
  const auto t_of = [](double d) { return (42 - 4 * d) / 42 / std::sqrt((8 * d * d - 16 * d * d / 42) / 6 / 42); };
  for (const double d : {0.5, 1.0, 1.8, 1.85, 1.9, 2.5, 4.0}) {
    CAPTURE(d);
    CHECK(*noisy(d).t_statistic == doctest::Approx(t_of(d)).epsilon(1e-12));
    CHECK((noisy(d).direction == Direction::kRising) == (t_of(d) > 2.446911851144969));
  }
}

TEST_CASE("windows without a value are left out, at their places") {
  const Trend trend = trend_of(Series{0, kNone, 2, 3, kNone, 5, 6, kNone, kNone, 9, 10, 11});
  CHECK(trend.direction == Direction::kRising);
  CHECK(*trend.slope == doctest::Approx(1).epsilon(1e-14));
}

TEST_CASE("fewer than 8 values say nothing") {
  const Series seven{1, 2, 3, 4, 5, 6, 7, kNone, kNone, kNone, kNone, kNone};
  CHECK(trend_of(seven).direction == Direction::kStable);
  CHECK(trend_of(seven).slope == kNone);
  CHECK(robust_score(Series{1, 2, 3, 4, 5, 6, 700}) == kNone);
}

TEST_CASE("equal values have the slope 0, whatever their rounding") {
  const Trend trend = trend_of(Series(12, 0.1));
  CHECK(trend.direction == Direction::kStable);
  CHECK(trend.slope == 0.0);
}

TEST_CASE("the robust score is the distance from the median in units of 1.4826 MAD") {
  // Median 5; deviations 4 3 2 1 0 1 2 3 95, whose median is 2.
  CHECK(*robust_score(Series{1, 2, 3, 4, 5, 6, 7, 8, 100}) == doctest::Approx(95 / (1.4826 * 2)).epsilon(1e-15));
  // Of an even number the two middle values count: median 4.5, deviations 3.5 2.5 1.5 0.5 0.5 1.5 2.5 3.5, MAD 2.
  CHECK(*robust_score(Series{8, 2, 3, 4, 5, 6, 7, 1}) == doctest::Approx(-3.5 / (1.4826 * 2)).epsilon(1e-15));
  CHECK(*robust_score(Series{kNone, 1, 2, kNone, 3, 4, 5, 6, 7, 8, 100}) == doctest::Approx(95 / (1.4826 * 2)).epsilon(1e-15));
}

TEST_CASE("there is no robust score without a newest value, and none where most values are the same") {
  CHECK(robust_score(Series{1, 2, 3, 4, 5, 6, 7, 8, kNone}) == kNone);
  CHECK(robust_score(Series{5, 5, 5, 5, 5, 5, 7, 8, 100}) == kNone);
  CHECK(robust_score(Series{}) == kNone);
}
