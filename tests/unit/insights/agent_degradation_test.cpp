#include "consumers/insights/pure/agent_degradation.hpp"

#include "tests/unit/insights/histories.hpp"

using namespace weir::insights;

namespace {

struct Hourly {
  std::int64_t completed = 9;
  std::int64_t failed = 1;
  double median_ms = 200;
};

AgentHistory hourly(const Hourly& before, const Hourly& recent) {
  AgentHistory history{{uuid_of(44)}, {}};
  for (int hour = 8 * 24; hour > 0; --hour) {
    const Hourly& is = hour > 24 ? before : recent;
    // Hours are not exactly alike.
    history.hours.push_back({kNow - std::chrono::hours{hour}, is.completed, is.failed, is.median_ms * (1 + 0.01 * (hour % 7))});
  }
  return history;
}

}  // namespace

TEST_CASE("an agent that fails more than it used to is told to admins") {
  const auto found = agent_degradation(hourly({}, {.completed = 6, .failed = 4}), kNow);
  REQUIRE(found.size() == 1);
  check_form(found);
  CHECK(found[0].kind == Kind::kRisk);
  CHECK(found[0].audience == Audience::kAdmin);
  CHECK(found[0].classed == "failing");
  CHECK(found[0].subject == uuid_of(44).text());
  CHECK(found[0].evidence == std::vector{uuid_of(44)});
  CHECK(std::get<std::string>(found[0].facts.at("agent")) == uuid_of(44).text());
  CHECK(std::get<double>(found[0].facts.at("success_before")) == doctest::Approx(90));
  CHECK(std::get<double>(found[0].facts.at("success_now")) == doctest::Approx(60));
  CHECK(!found[0].facts.contains("ms_now"));
}

TEST_CASE("an agent that takes longer is slowing, and both may come together") {
  CHECK(classes_of(agent_degradation(hourly({}, {.median_ms = 400}), kNow)) == Classes{"agent_degradation slowing"});
  CHECK(classes_of(agent_degradation(hourly({}, {.completed = 5, .failed = 5, .median_ms = 400}), kNow)) ==
        Classes{"agent_degradation failing_and_slowing"});
}

TEST_CASE("no degradation is found where an agent is steady, better, little worse, or did too little") {
  CHECK(agent_degradation(hourly({}, {}), kNow).empty());
  CHECK(agent_degradation(hourly({.completed = 6, .failed = 4, .median_ms = 400}, {}), kNow).empty());
  // 90 % against 82 % of ten thousand is certain, but less than 10 points.
  CHECK(agent_degradation(hourly({.completed = 900, .failed = 100}, {.completed = 820, .failed = 180}), kNow).empty());
  CHECK(agent_degradation(hourly({}, {.median_ms = 280}), kNow).empty());
  CHECK(agent_degradation(hourly({}, {.completed = 0, .failed = 1}), kNow).empty());
  CHECK(agent_degradation(AgentHistory{}, kNow).empty());
}

TEST_CASE("an hour in which a service hung is not the agent's state") {
  AgentHistory history = hourly({}, {});
  history.hours.back().median_ms = 100'000;
  history.hours[history.hours.size() - 2].median_ms = 90'000;
  CHECK(agent_degradation(history, kNow).empty());
}
