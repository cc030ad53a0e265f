#include "consumers/scoring/pure/results.hpp"

#include "tests/unit/scoring/property.hpp"

#include <algorithm>

using namespace weir;
using namespace weir::scoring;

namespace {

const Instrument& sample() {
  static const Instrument instrument = instrument_of(sample_instrument());
  return instrument;
}

const SeriesKey kSeries{OrganizationId{Uuid{{1}}}, UserId{Uuid{{2}}}, Uuid{{3}}};

Place place(int n) {
  Uuid response;
  response.bytes[15] = static_cast<std::uint8_t>(n);
  return {Instant{Seconds{n}}, response};
}

std::vector<ScoreRow> rows_of(int n, const Answers& answers) {
  return score_rows(kSeries, place(n), sample(), score(sample(), answers, std::chrono::minutes{10}, share_of(0.8)));
}

}  // namespace

TEST_CASE("a submission makes one row for each dimension and one for the composite") {
  Answers answers(10, 3);
  answers[5] = answers[6] = std::nullopt;
  const std::vector<ScoreRow> rows = rows_of(1, answers);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].dimension == "calm");
  CHECK(rows[0].figures->raw == 50);
  CHECK(rows[0].instrument_version == 3);
  CHECK(rows[1].dimension == "warm");
  CHECK(!rows[1].figures);
  CHECK(rows[1].null_reason == "too_few_answers");
  CHECK(rows[2].dimension == "composite");
  CHECK(rows[2].answered == 8);
  CHECK(rows[2].flags == std::vector<std::string>{"straight_lining"});
}

TEST_CASE("growth is computed from score rows alone, in any order, and equals growth from the answers") {
  std::vector<ScoreRow> rows;
  for (const auto& [n, answer] : {std::pair{2, 4}, std::pair{1, 2}, std::pair{3, 5}}) {
    Answers answers(10, answer);
    answers[4] = answers[9] = std::nullopt;  // the reversed ones
    for (ScoreRow& row : rows_of(n, answers)) rows.push_back(std::move(row));
  }
  const std::vector<GrowthRow> growth = growth_rows(sample(), rows);
  REQUIRE(growth.size() == 6);
  CHECK(growth[0].dimension == "calm");
  CHECK(growth[0].place == place(2));
  CHECK(growth[0].previous_response == place(1).response);
  CHECK(growth[0].growth.difference == 50);
  // Four of five items: the test-retest reliability 0.75 is shortened to 0.6/0.85…, the errors of both submissions are alike.
  const double error = errors_of(sample().dimensions[0], 4).over_time;
  CHECK(growth[0].growth.reliable_change_index == doctest::Approx(50 / (error * std::sqrt(2.0))).epsilon(1e-13));
  CHECK(growth[5].dimension == "composite");
  holds("order of rows", [&] {
    std::vector<ScoreRow> shuffled = rows;
    std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(*rc::gen::arbitrary<std::uint32_t>()));
    RC_ASSERT(growth_rows(sample(), shuffled) == growth);
  });
}

TEST_CASE("a submission without a score of a dimension is skipped in that dimension's series") {
  std::vector<ScoreRow> rows;
  for (int n = 1; n <= 3; ++n) {
    Answers answers(10, 3);
    if (n == 2) answers[0] = answers[1] = std::nullopt;
    for (ScoreRow& row : rows_of(n, answers)) rows.push_back(std::move(row));
  }
  const std::vector<GrowthRow> growth = growth_rows(sample(), rows);
  CHECK(std::ranges::count(growth, "calm", &GrowthRow::dimension) == 1);
  CHECK(growth[0].previous_response == place(1).response);
  CHECK(std::ranges::count(growth, "warm", &GrowthRow::dimension) == 2);
  CHECK(std::ranges::count(growth, "composite", &GrowthRow::dimension) == 1);
}
