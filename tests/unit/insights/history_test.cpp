#include "consumers/insights/pure/history.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace weir::insights;

TEST_CASE("a T-score of a dimension in which less is better is turned around") {
  CHECK(good_t(Score{{}, {}, {}, 62}) == 62);
  CHECK(good_t(Score{{}, {}, {}, 62, 0, Polarity::kLowerIsBetter}) == 38);
}

TEST_CASE("the error of a T-score is that of a submission with the fewest answers") {
  CHECK(error_of_t(0.75, 1) == doctest::Approx(5));
  // With four answers of five, 0.8 becomes 0.64/0.84.
  CHECK(error_of_t(0.8, 0.8) == doctest::Approx(10 * std::sqrt(1 - 0.64 / 0.84)));
  CHECK(error_of_t(0, 0.8) == 10);
}

TEST_CASE("a dimension is named with its instrument, and worded without") {
  const Dimension dimension{"communication", "listening"};
  CHECK(dimension.text() == "communication.listening");
  CHECK(dimension.word() == Word{"dimension.listening"});
}
