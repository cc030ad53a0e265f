#include "consumers/scoring/pure/measurement.hpp"

#include "tests/unit/scoring/property.hpp"

#include <array>
#include <cmath>

using namespace weir::scoring;

namespace {

/// Equal but for the last digits of a double.
doctest::Approx exactly(double value) { return doctest::Approx(value).epsilon(1e-13); }

double real(std::int32_t thousandths) { return static_cast<double>(thousandths) / 1'000; }

}  // namespace

TEST_CASE("the normal distribution as its tables have it, far out in the tails too") {
  CHECK(normal_cdf(0) == 0.5);
  CHECK(normal_cdf(1) == exactly(0.8413447460685429));
  CHECK(normal_cdf(-1.96) == exactly(0.0249978951482204));
  CHECK(normal_cdf(1.96) == exactly(0.9750021048517795));
  CHECK(normal_cdf(-8) == exactly(6.220960574271785e-16));
  CHECK(normal_cdf(-20) == exactly(2.753624118606233e-89));
  CHECK(normal_cdf(40) == 1);
}

TEST_CASE("a T-score counts tenths of a standard deviation around 50") {
  CHECK(t_score(60, {60, 12}) == 50);
  CHECK(t_score(72, {60, 12}) == 60);
  CHECK(t_score(36, {60, 12}) == 30);
}

TEST_CASE("a percentile is the share of the norm group below, in percent") {
  CHECK(percentile(60, {60, 12}) == 50);
  CHECK(percentile(72, {60, 12}) == exactly(84.13447460685429));
  CHECK(percentile(100, {0, 0.01}) == 100);
  CHECK(percentile(0, {100, 0.01}) == 0);
}

TEST_CASE("fewer items are less reliable, by Spearman and Brown; all of them are as reliable as measured") {
  CHECK(shortened_reliability(0.8, 8, 8) == 0.8);
  CHECK(shortened_reliability(0.8, 4, 8) == exactly(2.0 / 3));
  CHECK(shortened_reliability(0.9, 1, 10) == exactly(0.09 / 0.19));
  CHECK(shortened_reliability(0, 1, 10) == 0);
}

TEST_CASE("the standard error grows with the spread and shrinks with reliability") {
  CHECK(standard_error(15, 0.91) == exactly(4.5));
  CHECK(standard_error(10, 0) == 10);
}

TEST_CASE("an interval is 1.96 errors wide on each side and ends where the scale ends") {
  CHECK(interval_95(50, 4.5) == Interval{50 - 1.96 * 4.5, 50 + 1.96 * 4.5});
  CHECK(interval_95(98, 4.5).high == 100);
  CHECK(interval_95(3, 4.5).low == 0);
}

TEST_CASE("errors of a composite add up as independent ones do") {
  const std::array<double, 2> weights{0.5, 0.5};
  const std::array<double, 2> errors{6, 8};
  CHECK(composite_error(weights, errors) == 5);
}

TEST_CASE("a value past the end of its range by rounding is cut to it") {
  CHECK(cut_score(100.00000000000001) == 100);
  CHECK(cut_score(-1e-15) == 0);
  CHECK(cut_score(41.5) == 41.5);
}

TEST_CASE("whatever the scores and norms, each figure stays in its range") {
  holds("ranges", [] {
    const double raw = real(*rc::gen::inRange(0, 100'001));
    const Norm norm{real(*rc::gen::inRange(0, 100'001)), real(*rc::gen::inRange(10, 100'001))};
    const double reliability = real(*rc::gen::inRange(0, 1'000));
    const auto all = static_cast<std::size_t>(*rc::gen::inRange(1, 1'000));
    const auto answered = 1 + static_cast<std::size_t>(*rc::gen::inRange(0, 1'000)) % all;
    const double shortened = shortened_reliability(reliability, answered, all);
    RC_ASSERT(shortened >= 0.0);
    RC_ASSERT(shortened <= reliability);
    const double error = standard_error(norm.sd, shortened);
    RC_ASSERT(error > 0.0);
    const Interval interval = interval_95(raw, error);
    RC_ASSERT(0.0 <= interval.low);
    RC_ASSERT(interval.low <= raw);
    RC_ASSERT(raw <= interval.high);
    RC_ASSERT(interval.high <= 100.0);
    const double percent = percentile(raw, norm);
    RC_ASSERT(0.0 <= percent);
    RC_ASSERT(percent <= 100.0);
    RC_ASSERT(std::isfinite(t_score(raw, norm)));
  });
}
