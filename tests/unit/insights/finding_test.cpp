#include "consumers/insights/pure/finding.hpp"

#include <doctest/doctest.h>

using namespace weir::insights;
using weir::Uuid;

TEST_CASE("a finding is named by its pattern, and by its subject where there is one") {
  CHECK(name_of({.pattern = "streak_at_risk"}) == "streak_at_risk");
  CHECK(name_of({.pattern = "repeated_low", .subject = "empathy"}) == "repeated_low:empathy");
}

TEST_CASE("an intent has one insight of each finding, however often it is worked on") {
  const Uuid intent = *Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  const Finding low{.pattern = "repeated_low", .subject = "empathy", .classed = "low"};
  const Finding same{.pattern = "repeated_low", .subject = "empathy", .classed = "very_low", .confidence = 0.9};
  const Finding other{.pattern = "repeated_low", .subject = "listening", .classed = "low"};
  CHECK(insight_id(intent, low) == insight_id(intent, same));
  CHECK(insight_id(intent, low) != insight_id(intent, other));
  CHECK(insight_id(Uuid{}, low) != insight_id(intent, low));
  // Python: uuid.uuid5(uuid.NAMESPACE_DNS, "repeated_low:empathy")
  CHECK(insight_id(intent, low).text() == "fe646053-3039-58ba-a5d2-c39a4fffbec5");
}

TEST_CASE("kinds and audiences are written as the columns of public.insights hold them") {
  CHECK(kind_text(Kind::kRecommendation) == "recommendation");
  CHECK(kind_text(Kind::kRisk) == "risk");
  CHECK(audience_text(Audience::kUser) == "user");
  CHECK(audience_text(Audience::kProfessional) == "professional");
}
