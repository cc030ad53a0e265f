#include "consumers/insights/pure/engagement_drop.hpp"

#include "tests/unit/insights/histories.hpp"

using namespace weir::insights;

TEST_CASE("far less than before is a drop, told to the user, and to teachers as a risk") {
  const History history = weekly({10, 9, 11, 10, 10, 12, 9, 10, 2, 1, 1});
  const auto found = engagement_drop(history, kNow);
  REQUIRE(found.size() == 2);
  check_form(found);
  CHECK(found[0].kind == Kind::kEngagement);
  CHECK(found[0].audience == Audience::kUser);
  CHECK(found[0].classed == "below_half");
  CHECK(found[0].evidence.size() == 11);
  CHECK(std::get<double>(found[0].facts.at("usual")) == 10);
  // 10 → … → about 10, then three weeks of 2, 1, 1 at α = 0.3.
  CHECK(std::get<double>(found[0].facts.at("lately")) == doctest::Approx(4.2).epsilon(0.03));
  CHECK(found[1].pattern == "student_disengaging");
  CHECK(found[1].audience == Audience::kTeacher);
  CHECK(found[1].kind == Kind::kRisk);
}

TEST_CASE("a user who did nothing for three weeks has stopped") {
  const auto found = engagement_drop(weekly({10, 9, 11, 10, 10, 12, 9, 10, 0, 0, 0}), kNow);
  CHECK(classes_of(found) == Classes{"engagement_drop stopped", "student_disengaging stopped"});
}

TEST_CASE("exactly half of the baseline is no drop") {
  // Two weeks after the first leave 0.49 of it and one leaves 0.7, so weeks of w leave w + 0.49·(8 − w).
  CHECK(engagement_drop(weekly({8, 8, 8, 8, 8, 8, 8, 0}), kNow).empty());
  CHECK(engagement_drop(weekly({8, 8, 8, 8, 8, 8, 8, 0, 0}), kNow).size() == 2);
}

TEST_CASE("no drop is found where activity is steady, always uneven, small, or too short to have a baseline") {
  CHECK(engagement_drop(weekly({10, 9, 11, 10, 10, 12, 9, 10, 8, 7, 9}), kNow).empty());
  // Below half of the median of 10, but such weeks come by chance.
  CHECK(engagement_drop(weekly({20, 0, 20, 0, 20, 0, 20, 0, 20, 0, 20, 0, 2, 3, 3}), kNow).empty());
  CHECK(engagement_drop(weekly({3, 2, 3, 3, 2, 3, 3, 0, 0, 0}), kNow).empty());
  CHECK(engagement_drop(weekly({10, 10, 10, 0, 0, 0}), kNow).empty());
  CHECK(engagement_drop(weekly({}), kNow).empty());
}

TEST_CASE("a holiday in the baseline does not hide a drop") {
  CHECK(engagement_drop(weekly({10, 11, 0, 0, 10, 9, 11, 10, 12, 10, 1, 0, 1}), kNow).size() == 2);
}

TEST_CASE("the running week does not count, because it is not over") {
  History history = weekly({10, 9, 11, 10, 10, 12, 9, 10, 10});
  CHECK(engagement_drop(history, kNow).empty());
  history.weeks.push_back({uuid_of(99), monday_of(kNow), 100});
  CHECK(engagement_drop(history, kNow).empty());
  History dropped = weekly({10, 9, 11, 10, 10, 12, 9, 10, 2, 1, 1});
  dropped.weeks.push_back({uuid_of(99), monday_of(kNow), 100});
  const auto found = engagement_drop(dropped, kNow);
  REQUIRE(found.size() == 2);
  CHECK(std::ranges::find(found[0].evidence, uuid_of(99)) == found[0].evidence.end());
}

TEST_CASE("after a drop the lower level becomes the baseline, and the pattern ends") {
  std::vector<std::int64_t> weeks(12, 10);
  weeks.insert(weeks.end(), 20, 4);
  CHECK(engagement_drop(weekly(weeks), kNow).empty());
}
