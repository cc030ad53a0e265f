#include "consumers/insights/pure/draft.hpp"

#include <doctest/doctest.h>

using namespace weir::insights;

TEST_CASE("kinds and audiences are found again by their names, and by no other text") {
  for (const Kind kind : {Kind::kPattern, Kind::kRecommendation, Kind::kEngagement, Kind::kProgress, Kind::kRisk})
    CHECK(kind_named(kind_text(kind)) == kind);
  for (const Audience audience : {Audience::kUser, Audience::kTeacher, Audience::kProfessional, Audience::kAdmin})
    CHECK(audience_named(audience_text(audience)) == audience);
  CHECK_FALSE(kind_named(""));
  CHECK_FALSE(kind_named("Risk"));
  CHECK_FALSE(audience_named("students"));
}

TEST_CASE("a template is due in time for every insight to have a text 2 s after its claim") {
  CHECK(Deadlines{}.template_after < weir::Seconds{2});
  CHECK(Deadlines{}.share < Deadlines{}.template_after);
  CHECK(Deadlines{}.template_after < Deadlines{}.keep);
}
