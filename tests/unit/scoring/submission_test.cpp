#include "consumers/scoring/pure/submission.hpp"

#include "tests/unit/scoring/property.hpp"

#include <array>
#include <cmath>

using namespace weir;
using namespace weir::scoring;

namespace {

constexpr Microseconds kSlow = std::chrono::minutes{10};
const Share kEighty = share_of(0.8);

const Instrument& sample() {
  static const Instrument instrument = instrument_of(sample_instrument());
  return instrument;
}

/// Of the sample: the five of calm, then the five of warm; 0 is no answer.
SubmissionScore score_of(std::array<int, 10> given, Microseconds time = kSlow) {
  Answers answers(10);
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] != 0) answers[i] = given[i];
  }
  return score(sample(), answers, time, kEighty);
}

doctest::Approx exactly(double value) { return doctest::Approx(value).epsilon(1e-13); }

bool in_range(const DimensionScore& score) {
  if (!score.figures) return !score.null_reason.empty();
  const Figures& f = *score.figures;
  return 0 <= f.raw && f.raw <= 100 && 0 <= f.percentile && f.percentile <= 100 && 0 < f.standard_error && 0 <= f.interval.low &&
         f.interval.low <= f.raw && f.raw <= f.interval.high && f.interval.high <= 100 && 0 < f.error_over_time && std::isfinite(f.t_score);
}

bool in_range(const SubmissionScore& found) {
  bool fits = found.composite.has_value() && in_range(*found.composite);
  for (const DimensionScore& dimension : found.dimensions) fits = fits && in_range(dimension);
  return fits;
}

}  // namespace

TEST_CASE("a dimension's raw score is the mean place of its answers, reversed ones turned round") {
  // calm: 4 4 4 4 and 5, reversed to 1: places 0.75 four times and 0.
  const SubmissionScore found = score_of({4, 4, 4, 4, 5, 3, 3, 3, 3, 3});
  REQUIRE(found.dimensions[0].figures.has_value());
  const Figures& calm = *found.dimensions[0].figures;
  CHECK(calm.raw == exactly(60));
  CHECK(calm.t_score == exactly(50));
  CHECK(calm.percentile == exactly(50));
  CHECK(calm.standard_error == exactly(4));  // 10·√(1 − 0.84)
  CHECK(calm.interval.low == exactly(60 - 1.96 * 4));
  CHECK(calm.interval.high == exactly(60 + 1.96 * 4));
  CHECK(calm.error_over_time == exactly(5));  // 10·√(1 − 0.75)
  CHECK(found.dimensions[0].answered == 5);
  CHECK(found.dimensions[1].figures->raw == 50);
  CHECK(found.dimensions[1].figures->error_over_time == exactly(6));  // internal consistency, where no other is known
}

TEST_CASE("the composite is the weighted mean of the dimensions, with the error of independent parts") {
  const SubmissionScore found = score_of({4, 4, 4, 4, 5, 3, 3, 3, 3, 3});
  REQUIRE(found.composite.has_value());
  REQUIRE(found.composite->figures.has_value());
  CHECK(found.composite->figures->raw == exactly(52.5));
  CHECK(found.composite->figures->t_score == exactly(50 + 10 * 0.5 / 12));
  CHECK(found.composite->figures->standard_error == exactly(std::sqrt(1 + 20.25)));        // ¼·4 and ¾·6
  CHECK(found.composite->figures->error_over_time == exactly(std::sqrt(1.5625 + 20.25)));  // ¼·5 and ¾·6
  CHECK(found.composite->answered == 10);
}

TEST_CASE("four of five answers are enough, with a wider interval; three are not") {
  const SubmissionScore four = score_of({4, 4, 4, 4, 0, 3, 3, 3, 0, 0});
  REQUIRE(four.dimensions[0].figures.has_value());
  CHECK(four.dimensions[0].figures->raw == 75);
  CHECK(four.dimensions[0].figures->standard_error == exactly(10 * std::sqrt(1 - 0.672 / 0.832)));  // 0.8·0.84/(1 − 0.2·0.84)
  CHECK(!four.dimensions[1].figures);
  CHECK(four.dimensions[1].null_reason == "too_few_answers");
  CHECK(four.dimensions[1].answered == 3);
  CHECK(!four.composite->figures);
  CHECK(four.composite->null_reason == "dimension_without_score");
  CHECK(four.composite->answered == 7);
}

TEST_CASE("a dimension without any answer has no score, whatever share is asked for") {
  Instrument instrument = sample();
  instrument.least_share = share_of(0);
  const SubmissionScore none = score(instrument, Answers(10), kSlow, kEighty);
  CHECK(none.dimensions[0].null_reason == "no_answers");
  CHECK(none.flags.texts().empty());
}

TEST_CASE("the least share is the instrument's, else the one that is configured") {
  Instrument instrument = sample();
  Answers answers(10);
  answers[0] = answers[1] = answers[2] = 3;
  CHECK(!score(instrument, answers, kSlow, share_of(0.5)).dimensions[0].figures);
  instrument.least_share.reset();
  CHECK(score(instrument, answers, kSlow, share_of(0.5)).dimensions[0].figures.has_value());
}

TEST_CASE("the share is of required items; an optional one counts once it is answered") {
  Instrument instrument = sample();
  instrument.items[0].required = false;
  instrument.items[1].required = false;
  instrument.dimensions[0].required_items = 3;
  Answers answers(10);
  answers[0] = 5;
  answers[2] = answers[3] = 3;
  CHECK(score(instrument, answers, kSlow, kEighty).dimensions[0].null_reason == "too_few_answers");
  answers[4] = 3;
  CHECK(score(instrument, answers, kSlow, kEighty).dimensions[0].figures->raw == exactly(62.5));
  for (std::size_t i = 0; i < 5; ++i) instrument.items[i].required = false;
  instrument.dimensions[0].required_items = 0;
  answers = Answers(10);
  answers[3] = 4;
  CHECK(score(instrument, answers, kSlow, kEighty).dimensions[0].figures->raw == 75);
}

TEST_CASE("weights count within a dimension") {
  Instrument instrument = sample();
  instrument.items[0].weight = 6;
  Answers answers(10, 1);
  answers[0] = 5;
  answers[4] = 5;  // reversed: counts as 1
  CHECK(score(instrument, answers, kSlow, kEighty).dimensions[0].figures->raw == exactly(60));
}

TEST_CASE("doubts about the answers, as they were given") {
  struct Row {
    std::array<int, 10> answers;
    int seconds;
    std::vector<std::string> flags;
  };
  for (const Row& row : {Row{{1, 2, 3, 4, 5, 1, 2, 3, 4, 5}, 10, {}}, Row{{1, 2, 3, 4, 5, 1, 2, 3, 4, 5}, 9, {"too_fast"}},
                         Row{{3, 3, 3, 3, 3, 3, 3, 3, 3, 3}, 60, {"straight_lining"}},
                         Row{{5, 5, 5, 5, 5, 5, 5, 5, 5, 5}, 5, {"all_at_one_end", "straight_lining", "too_fast"}},
                         Row{{1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 60, {"all_at_one_end"}}, Row{{2, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 60, {}},
                         Row{{1, 5, 1, 5, 1, 5, 1, 5, 1, 5}, 60, {}}, Row{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0, {}}}) {
    CAPTURE(row.seconds);
    CHECK(score_of(row.answers, Seconds{row.seconds}).flags.texts() == row.flags);
  }
}

TEST_CASE("a submission has an attachment profile where both dimensions have scores") {
  Instrument instrument = sample();
  instrument.attachment = Attachment{0, 1, 60, 50};
  Answers answers(10, 3);
  answers[0] = answers[1] = 5;
  const auto found = score(instrument, answers, kSlow, kEighty);
  REQUIRE(found.attachment.has_value());
  CHECK(found.attachment->anxiety == 70);
  CHECK(found.attachment->avoidance == 50);
  CHECK(found.attachment->style == AttachmentStyle::kDisorganized);
  CHECK(found.attachment->probabilities.anxious == exactly(0.5 * normal_cdf(2.5)));
  answers[5] = answers[6] = std::nullopt;
  CHECK(!score(instrument, answers, kSlow, kEighty).attachment);
}

TEST_CASE("with a thousand random weightings, lowest, highest and any answers stay in every range") {
  for (std::uint32_t seed = 0; seed < 1'000; ++seed) {
    CAPTURE(seed);
    const Instrument instrument = any_instrument(seed);
    std::mt19937 random(seed);
    Answers lowest;
    Answers highest;
    Answers any;
    for (const Item& item : instrument.items) {
      lowest.emplace_back(item.reverse_scored ? item.scale_max : item.scale_min);
      highest.emplace_back(item.reverse_scored ? item.scale_min : item.scale_max);
      any.emplace_back(random() % 5 == 0 ? std::nullopt : std::optional(item.scale_min + static_cast<std::int32_t>(random() % 2)));
    }
    const SubmissionScore least = score(instrument, lowest, kSlow, kEighty);
    const SubmissionScore most = score(instrument, highest, kSlow, kEighty);
    CHECK(in_range(least));
    CHECK(in_range(most));
    CHECK(in_range(score(instrument, any, kSlow, kEighty)));
    for (const DimensionScore& dimension : least.dimensions) CHECK(dimension.figures->raw == 0);
    for (const DimensionScore& dimension : most.dimensions) CHECK(dimension.figures->raw == exactly(100));
  }
}
