#include "consumers/scoring/pure/attachment.hpp"

#include "consumers/scoring/pure/measurement.hpp"
#include "tests/unit/scoring/property.hpp"

#include <algorithm>
#include <cmath>

using namespace weir::scoring;

namespace {

AttachmentAxis axis(double raw, double cut = 50, double error = 6) { return {raw, error, cut}; }

double probability(const StyleProbabilities& all, AttachmentStyle style) {
  switch (style) {
    case AttachmentStyle::kSecure:
      return all.secure;
    case AttachmentStyle::kAnxious:
      return all.anxious;
    case AttachmentStyle::kAvoidant:
      return all.avoidant;
    case AttachmentStyle::kDisorganized:
      return all.disorganized;
  }
  return 0;
}

}  // namespace

TEST_CASE("the style is the quadrant, and a score at the cut is high") {
  CHECK(style_of(axis(30), axis(30)) == AttachmentStyle::kSecure);
  CHECK(style_of(axis(70), axis(30)) == AttachmentStyle::kAnxious);
  CHECK(style_of(axis(30), axis(70)) == AttachmentStyle::kAvoidant);
  CHECK(style_of(axis(70), axis(70)) == AttachmentStyle::kDisorganized);
  CHECK(style_of(axis(50), axis(49.999)) == AttachmentStyle::kAnxious);
  CHECK(style_of(axis(50), axis(50)) == AttachmentStyle::kDisorganized);
}

TEST_CASE("at both cuts every style is as likely as the others") {
  const StyleProbabilities all = style_probabilities(axis(50), axis(50));
  CHECK(all.secure == 0.25);
  CHECK(all.anxious == 0.25);
  CHECK(all.avoidant == 0.25);
  CHECK(all.disorganized == 0.25);
}

TEST_CASE("a score one error above its cut is high with the probability of a normal distribution below 1") {
  const StyleProbabilities all = style_probabilities(axis(56), axis(50));
  CHECK(all.anxious == doctest::Approx(0.8413447460685429 / 2).epsilon(1e-13));
  CHECK(all.secure == doctest::Approx(0.15865525393145707 / 2).epsilon(1e-13));
}

TEST_CASE("the four probabilities sum to 1, each within 0 and 1, and the observed style has the highest") {
  holds("style probabilities", [] {
    const auto any = [] {
      return AttachmentAxis{static_cast<double>(*rc::gen::inRange(0, 100'001)) / 1'000,
                            static_cast<double>(*rc::gen::inRange(1, 30'001)) / 1'000, static_cast<double>(*rc::gen::inRange(0, 101))};
    };
    const AttachmentAxis anxiety = any();
    const AttachmentAxis avoidance = any();
    const StyleProbabilities all = style_probabilities(anxiety, avoidance);
    const double highest = std::max({all.secure, all.anxious, all.avoidant, all.disorganized});
    RC_ASSERT(std::fabs(all.secure + all.anxious + all.avoidant + all.disorganized - 1) < 1e-12);
    RC_ASSERT(std::min({all.secure, all.anxious, all.avoidant, all.disorganized}) >= 0.0);
    RC_ASSERT(highest <= 1.0);
    RC_ASSERT(probability(all, style_of(anxiety, avoidance)) == highest);
  });
}
