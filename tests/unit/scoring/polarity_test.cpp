// Polarities as text and back.
#include "consumers/scoring/pure/polarity.hpp"

#include <doctest/doctest.h>

using namespace weir::scoring;

TEST_CASE("each polarity has its text, and no other text is a polarity") {
  for (const Polarity polarity : {Polarity::kHigherIsBetter, Polarity::kLowerIsBetter, Polarity::kNone}) {
    CHECK(parse_polarity(polarity_text(polarity)) == polarity);
  }
  CHECK(polarity_text(Polarity::kLowerIsBetter) == "lower_is_better");
  CHECK_FALSE(parse_polarity("").has_value());
  CHECK_FALSE(parse_polarity("Higher_is_better").has_value());
}
