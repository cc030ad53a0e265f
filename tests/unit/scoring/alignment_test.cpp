#include "consumers/scoring/pure/alignment.hpp"

#include "tests/unit/scoring/property.hpp"

#include <array>
#include <cmath>

using namespace weir::scoring;

namespace {

Profile profile(std::initializer_list<ProfileScore> scores) { return scores; }

}  // namespace

TEST_CASE("profiles of the same shape agree fully, mirrored ones not at all, whatever their level") {
  CHECK(profile_correlation(std::array{10.0, 20.0, 40.0}, std::array{30.0, 40.0, 60.0}) == doctest::Approx(1).epsilon(1e-14));
  CHECK(profile_correlation(std::array{10.0, 20.0, 40.0}, std::array{60.0, 50.0, 30.0}) == doctest::Approx(-1).epsilon(1e-14));
  CHECK(*profile_correlation(std::array{1.0, 2.0, 3.0}, std::array{1.0, 3.0, 2.0}) == doctest::Approx(0.5).epsilon(1e-14));
}

TEST_CASE("a flat profile has no correlation; scores that differ by no more than 10⁻⁹ are flat") {
  CHECK(!profile_correlation(std::array{50.0, 50.0}, std::array{10.0, 20.0}));
  CHECK(!profile_correlation(std::array{10.0, 20.0}, std::array{50.0, 50.0 + 1e-9}));
  CHECK(profile_correlation(std::array{10.0, 20.0}, std::array{0.0, 1.1e-9}).has_value());
}

TEST_CASE("the mean absolute difference is in points") {
  CHECK(mean_absolute_difference(std::array{10.0, 20.0, 40.0}, std::array{30.0, 40.0, 60.0}) == 20);
  CHECK(mean_absolute_difference(std::array{0.0, 100.0}, std::array{100.0, 0.0}) == 100);
}

TEST_CASE("two users are compared over the dimensions that both have scores of") {
  const Profile a = profile({{"honesty", 10}, {"kindness", 30}, {"order", 20}});
  const Profile b = profile({{"freedom", 90}, {"honesty", 20}, {"order", 50}});
  const auto found = align(a, b);
  REQUIRE(found.has_value());
  CHECK(found->mean_absolute_difference == 20);
  CHECK(*found->correlation == doctest::Approx(1).epsilon(1e-14));
}

TEST_CASE("one dimension in common gives a difference and no correlation, none in common nothing") {
  const auto one = align(profile({{"honesty", 10}}), profile({{"honesty", 40}}));
  REQUIRE(one.has_value());
  CHECK(!one->correlation);
  CHECK(one->mean_absolute_difference == 30);
  CHECK(!align(profile({{"honesty", 10}}), profile({{"order", 40}})));
  CHECK(!align(profile({}), profile({{"order", 40}})));
}

TEST_CASE("the order of the two users makes no difference, and both figures stay in their ranges") {
  holds("symmetric", [] {
    const auto n = *rc::gen::inRange<std::size_t>(1, 12);
    const auto scores =
        rc::gen::container<std::vector<double>>(n, rc::gen::map(rc::gen::inRange(0, 100'001), [](int t) { return t / 1'000.0; }));
    const auto a = *scores;
    const auto b = *scores;
    const auto correlation = profile_correlation(a, b);
    RC_ASSERT(correlation == profile_correlation(b, a));
    RC_ASSERT(std::fabs(correlation.value_or(0)) <= 1.0);
    RC_ASSERT(mean_absolute_difference(a, b) == mean_absolute_difference(b, a));
    RC_ASSERT(mean_absolute_difference(a, b) <= 100.0);
  });
}
