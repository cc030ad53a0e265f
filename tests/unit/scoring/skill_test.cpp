#include "consumers/scoring/pure/skill.hpp"

#include "tests/unit/scoring/property.hpp"

#include <cmath>

using namespace weir::scoring;

TEST_CASE("expected success is a half among equals, and ten to one over 400 points") {
  CHECK(expected_success(1'500, 1'500) == 0.5);
  CHECK(expected_success(1'600, 1'200) == doctest::Approx(10.0 / 11).epsilon(1e-15));
  CHECK(expected_success(1'200, 1'600) == doctest::Approx(1.0 / 11).epsilon(1e-15));
}

// The worked example of https://en.wikipedia.org/wiki/Elo_rating_system ("Mathematical details"): a player of 1613 meets players of 1609,
// 1477, 1388, 1586 and 1720; the expected scores are 0.51, 0.69, 0.79, 0.54 and 0.35.
TEST_CASE("the published example of expected scores comes out") {
  const std::vector<std::pair<double, double>> rows{{1'609, 0.506}, {1'477, 0.686}, {1'388, 0.785}, {1'586, 0.539}, {1'720, 0.351}};
  for (const auto& [opponent, expected] : rows) {
    CAPTURE(opponent);
    CHECK(std::fabs(expected_success(1'613, opponent) - expected) < 0.0006);
  }
}

TEST_CASE("a skill moves by K times the surprise, and stays on its scale") {
  CHECK(skill_after(1'200, 1'200, 1) == 1'212);
  CHECK(skill_after(1'200, 1'200, 0) == 1'188);
  CHECK(skill_after(1'200, 1'200, 0.5) == 1'200);
  CHECK(skill_after(0, 0, 0) == 0);
  CHECK(skill_after(4'000, 4'000, 1) == 4'000);
  CHECK(skill_after(1'600, 1'200, 1) == doctest::Approx(1'600 + 24.0 / 11).epsilon(1e-15));
}

TEST_CASE("the success of an attempt is its score, and without a score all or nothing") {
  CHECK(success_of(true, std::nullopt) == 1);
  CHECK(success_of(false, std::nullopt) == 0);
  CHECK(success_of(false, 0.25) == 0.25);
  CHECK(success_of(true, 0) == 0);
}

TEST_CASE("difficulty moves by counts alone, slowly at first, and stays on its scale") {
  CHECK(difficulty_rating(1'300, 0, 0) == 1'300);
  CHECK(difficulty_rating(1'200, 45, 0) == doctest::Approx(1'600).epsilon(1e-15));
  CHECK(difficulty_rating(1'200, 0, 45) == doctest::Approx(800).epsilon(1e-15));
  CHECK(difficulty_rating(1'200, 1, 0) == doctest::Approx(1'200 + 400 * std::log10(1.2)).epsilon(1e-15));
  CHECK(difficulty_rating(0, 0, 1'000'000'000) == 0);
  CHECK(difficulty_rating(4'000, 1'000'000'000, 0) == 4'000);
}

TEST_CASE("expectations of both sides sum to 1, and no attempt leaves the scale") {
  holds("on the scale", [] {
    const double skill = *rc::gen::inRange(0, 4'001);
    const double difficulty = *rc::gen::inRange(0, 4'001);
    const double success = *rc::gen::inRange(0, 101) / 100.0;
    RC_ASSERT(std::fabs(expected_success(skill, difficulty) + expected_success(difficulty, skill) - 1) < 1e-15);
    const double after = skill_after(skill, difficulty, success);
    RC_ASSERT(after >= kLowestRating && after <= kHighestRating);
    RC_ASSERT(std::fabs(after - skill) <= kSkillStep);
  });
}
