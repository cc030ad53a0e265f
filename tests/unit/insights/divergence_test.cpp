#include "consumers/insights/pure/divergence.hpp"

#include "tests/unit/insights/histories.hpp"

using namespace weir::insights;

namespace {

History profile(const std::vector<std::vector<double>>& t_scores, Taken taken = {}) {
  taken.dimensions = {"empathy", "self_awareness", "self_regulation"};
  taken.t_scores = t_scores;
  History history;
  take(history, taken);
  return history;
}

}  // namespace

TEST_CASE("two dimensions that lie far apart are a pattern, and the widest pair is told") {
  const auto found = divergence(profile({{65, 50, 40}}), kNow);
  REQUIRE(found.size() == 1);
  check_form(found);
  CHECK(found[0].subject == "emotional_intelligence.empathy/self_regulation");
  CHECK(found[0].classed == "apart");
  CHECK(std::get<double>(found[0].facts.at("points")) == 25);
  CHECK(std::get<Word>(found[0].facts.at("higher")).key == "dimension.empathy");
  CHECK(std::get<Word>(found[0].facts.at("lower")).key == "dimension.self_regulation");
  CHECK(found[0].evidence == std::vector{uuid_of(1000)});
  // Three pairs were looked at: z = 25/(4·√2).
  CHECK(found[0].confidence == doctest::Approx(1 - 3 * 9.9e-6).epsilon(1e-6));
}

TEST_CASE("a gap that has grown is widening, and stands on both submissions") {
  const auto found = divergence(profile({{50, 50, 50}, {66, 50, 42}}), kNow);
  REQUIRE(found.size() == 1);
  CHECK(found[0].classed == "widening");
  CHECK(found[0].evidence == std::vector{uuid_of(1000), uuid_of(1001)});
  CHECK(classes_of(divergence(profile({{65, 50, 42}, {66, 50, 42}}), kNow)) == Classes{"divergence apart"});
}

TEST_CASE("no pattern is found where the gap is small, not reliable, or past") {
  CHECK(divergence(profile({{55, 50, 45}}), kNow).empty());
  CHECK(divergence(profile({{57, 50, 42.1}}, {.error = 1}), kNow).empty());  // reliable, but of no consequence
  CHECK(divergence(profile({{60, 50, 40}}, {.error = 8}), kNow).empty());    // within the errors
  CHECK(divergence(profile({{70, 50, 40}, {52, 50, 48}}), kNow).empty());    // the newest submission counts
  CHECK(divergence(profile({{65, 50, 40}}, {.last = std::chrono::days{91}}), kNow).empty());
  CHECK(divergence(profile({{65, 50, 40}}, {.polarity = Polarity::kNone}), kNow).empty());
  CHECK(divergence(scored({70}), kNow).empty());
  CHECK(divergence(History{}, kNow).empty());
}

TEST_CASE("dimensions of two instruments are not compared with each other") {
  History history;
  take(history, {.instrument = "communication", .dimensions = {"listening"}, .t_scores = {{70}}});
  take(history, {.instrument = "conflict", .dimensions = {"avoiding"}, .t_scores = {{30}}});
  CHECK(divergence(history, kNow).empty());
}

TEST_CASE("the more pairs are looked at, the greater a gap must be") {
  History history = profile({{60, 50, 42}}, {.error = 3.6});
  CHECK(divergence(history, kNow).size() == 1);
  for (const char* other : {"a", "b", "c", "d"}) {
    take(history, {.instrument = other, .dimensions = {"v", "w", "x", "y", "z"}, .t_scores = {{50, 50, 50, 50, 50}}});
  }
  CHECK(divergence(history, kNow).empty());
}
