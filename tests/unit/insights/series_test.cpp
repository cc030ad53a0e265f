#include "consumers/insights/pure/series.hpp"

#include "tests/unit/insights/histories.hpp"

using namespace weir::insights;

TEST_CASE("a series has the scores of a dimension in all versions, without the composite and what has no good direction") {
  History history;
  take(history, {.dimensions = {"composite", "empathy"}, .t_scores = {{50, 51}, {52, 53}}});
  take(history, {.instrument = "values", .dimensions = {"tradition"}, .t_scores = {{40}}, .polarity = Polarity::kNone});
  const auto series = scores_by_dimension(history);
  REQUIRE(series.size() == 1);
  const auto& [dimension, scores] = *series.begin();
  CHECK(dimension.name == "empathy");
  REQUIRE(scores.size() == 2);
  CHECK(scores[0]->t_score == 51);
  CHECK(scores[1]->t_score == 53);
}

TEST_CASE("a submission is fresh for 90 days") {
  CHECK(is_fresh(kNow - kFresh + weir::Seconds{1}, kNow));
  CHECK(!is_fresh(kNow - kFresh, kNow));
}

TEST_CASE("evidence is sorted, each row once") {
  CHECK(evidence_of({uuid_of(3), uuid_of(1), uuid_of(3)}) == std::vector{uuid_of(1), uuid_of(3)});
}
