#include "consumers/insights/pure/telling.hpp"

#include "tests/unit/insights/histories.hpp"

using namespace weir::insights;
using std::chrono::days;
using weir::Microseconds;

namespace {

Finding low(const std::string& subject, const std::string& classed = "low") {
  return {.pattern = "repeated_low", .subject = subject, .classed = classed};
}

Told told(const std::string& subject, Microseconds ago, const std::string& classed = "low") {
  return {uuid_of(70), "repeated_low", subject, classed, kNow - ago};
}

bool is_told(const Finding& finding, const std::vector<Told>& before, const NotHelpful& not_helpful = {}) {
  return !to_tell({finding}, before, not_helpful, kNow).empty();
}

}  // namespace

TEST_CASE("a finding that was never told is told, and supersedes nothing") {
  const auto telling = to_tell({low("ei.empathy")}, {}, {}, kNow);
  REQUIRE(telling.size() == 1);
  CHECK(!telling[0].supersedes);
}

TEST_CASE("the same finding is told again after 14 days, and supersedes the older insight") {
  CHECK(!is_told(low("ei.empathy"), {told("ei.empathy", days{14} - Microseconds{1})}));
  const auto telling = to_tell({low("ei.empathy")}, std::vector{told("ei.empathy", days{14})}, {}, kNow);
  REQUIRE(telling.size() == 1);
  CHECK(telling[0].supersedes == uuid_of(70));
}

TEST_CASE("a finding whose class changed is told at once") {
  const auto telling = to_tell({low("ei.empathy", "very_low")}, std::vector{told("ei.empathy", days{1})}, {}, kNow);
  REQUIRE(telling.size() == 1);
  CHECK(telling[0].supersedes == uuid_of(70));
}

TEST_CASE("another dimension, and another pattern, have a pause of their own") {
  CHECK(is_told(low("ei.self_awareness"), {told("ei.empathy", days{1})}));
  Finding other = low("ei.empathy");
  other.pattern = "divergence";
  CHECK(is_told(other, {told("ei.empathy", days{1})}));
}

TEST_CASE("two ratings as not helpful double the pattern's pause, and two more double it again") {
  CHECK(pause_after(0) == days{14});
  CHECK(pause_after(1) == days{14});
  CHECK(pause_after(2) == days{28});
  CHECK(pause_after(3) == days{28});
  CHECK(pause_after(4) == days{56});
  CHECK(pause_after(1'000'000) == days{224});
  CHECK(!is_told(low("ei.empathy"), {told("ei.empathy", days{27})}, {{"repeated_low", 2}}));
  CHECK(is_told(low("ei.empathy"), {told("ei.empathy", days{28})}, {{"repeated_low", 2}}));
  CHECK(is_told(low("ei.empathy"), {told("ei.empathy", days{27})}, {{"divergence", 2}}));
  CHECK(is_told(low("ei.empathy", "very_low"), {told("ei.empathy", days{1})}, {{"repeated_low", 2}}));
}
