#include "consumers/insights/pure/repeated_low.hpp"

#include "tests/unit/insights/histories.hpp"

using namespace weir::insights;

TEST_CASE("three low scores in a row are a pattern") {
  const auto found = repeated_low(scored({55, 34, 36, 35}), kNow);
  REQUIRE(found.size() == 1);
  check_form(found);
  CHECK(found[0].subject == "emotional_intelligence.empathy");
  CHECK(found[0].classed == "low");
  CHECK(found[0].kind == Kind::kPattern);
  // The true mean lies below 40 with the probability Φ(5 / (4/√3)).
  CHECK(found[0].confidence == doctest::Approx(0.9848).epsilon(1e-4));
  CHECK(found[0].evidence == std::vector{uuid_of(1001), uuid_of(1002), uuid_of(1003)});
  CHECK(std::get<double>(found[0].facts.at("t_score")) == doctest::Approx(35));
  CHECK(std::get<Word>(found[0].facts.at("dimension")).key == "dimension.empathy");
}

TEST_CASE("scores that are very low are another class") {
  CHECK(classes_of(repeated_low(scored({25, 28, 31}), kNow)) == Classes{"repeated_low very_low"});
}

TEST_CASE("no pattern is found where scores are not low, not repeatedly, or not for sure") {
  CHECK(repeated_low(scored({35, 35}), kNow).empty());            // only twice
  CHECK(repeated_low(scored({35, 35, 41}), kNow).empty());        // the newest is better
  CHECK(repeated_low(scored({35, 41, 35, 35}), kNow).empty());    // not in a row
  CHECK(repeated_low(scored({39.9, 39.5, 39.8}), kNow).empty());  // within the error
  CHECK(repeated_low(scored({55, 60, 65}), kNow).empty());
  CHECK(repeated_low(History{}, kNow).empty());
}

TEST_CASE("low is high where less is better, and nothing where no direction is good") {
  CHECK(repeated_low(scored({65, 66, 64}, {.polarity = Polarity::kLowerIsBetter}), kNow).size() == 1);
  CHECK(repeated_low(scored({35, 34, 36}, {.polarity = Polarity::kLowerIsBetter}), kNow).empty());
  CHECK(repeated_low(scored({35, 34, 36}, {.polarity = Polarity::kNone}), kNow).empty());
}

TEST_CASE("old scores say nothing of the present") {
  CHECK(repeated_low(scored({34, 36, 35}, {.last = std::chrono::days{89}}), kNow).size() == 1);
  CHECK(repeated_low(scored({34, 36, 35}, {.last = std::chrono::days{91}}), kNow).empty());
}

TEST_CASE("answers that were not read halve the confidence") {
  History history = scored({34, 36, 35});
  const double sure = repeated_low(history, kNow).at(0).confidence;
  history.scores[1].is_doubtful = true;
  CHECK(repeated_low(history, kNow).at(0).confidence == sure / 2);
}
