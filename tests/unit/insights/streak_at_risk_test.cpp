#include "consumers/insights/pure/streak_at_risk.hpp"

#include "tests/unit/insights/histories.hpp"

using namespace weir::insights;
using weir::Instant;

namespace {

/// A streak up to Thursday, 26 November, as it stands on Saturday, 28 November, at noon, UTC.
History streak(std::int32_t days = 5) {
  History history = completed({"2026-11-22T09:00:00", "2026-11-23T19:00:00", "2026-11-24T20:00:00", "2026-11-25T18:30:00",
                               "2026-11-26T19:00:00", "2026-11-26T19:30:00"});
  history.learner = Learner{.streak_days = days, .last_active_on = day_of("2026-11-26"), .freeze_used_on = {}};
  return history;
}

/// A day of clocks that are changed.
History on_day(std::string_view date, std::string_view begins, std::string_view ends, std::string_view last_active) {
  History history = completed({fmt::format("{}T19:00:00", last_active)});
  history.learner = Learner{.streak_days = 4, .last_active_on = day_of(last_active), .freeze_used_on = {}};
  history.today = {day_of(date), {}, *weir::parse_instant(begins), *weir::parse_instant(ends)};
  return history;
}

}  // namespace

TEST_CASE("a streak that ends tonight is at risk") {
  const auto found = streak_at_risk(streak(), kNow);
  REQUIRE(found.size() == 1);
  check_form(found);
  CHECK(found[0].kind == Kind::kEngagement);
  CHECK(found[0].classed == "2026-11-28");
  CHECK(found[0].confidence == 0.5);
  CHECK(std::get<std::int64_t>(found[0].facts.at("days")) == 5);
  CHECK(std::get<Instant>(found[0].facts.at("until")) == *weir::parse_instant("2026-11-29T00:00:00Z"));
  CHECK(found[0].evidence == std::vector{uuid_of(504), uuid_of(505)});
}

TEST_CASE("a streak ends after the first missed day where the week's freeze is used, else after the second") {
  CHECK(kept_until(day_of("2026-11-26"), std::nullopt) == day_of("2026-11-28"));
  CHECK(kept_until(day_of("2026-11-26"), day_of("2026-11-24")) == day_of("2026-11-27"));
  CHECK(kept_until(day_of("2026-11-26"), day_of("2026-11-22")) == day_of("2026-11-28"));
  // The missed day would be Monday, of the next week, whose freeze is not used.
  CHECK(kept_until(day_of("2026-11-29"), day_of("2026-11-24")) == day_of("2026-12-01"));
}

TEST_CASE("no streak is at risk where it is short, safe for another day, lost, or continued today") {
  CHECK(streak_at_risk(streak(2), kNow).empty());
  History safe = streak();
  safe.learner->last_active_on = day_of("2026-11-27");
  CHECK(streak_at_risk(safe, kNow).empty());
  History lost = streak();
  lost.learner->last_active_on = day_of("2026-11-25");
  CHECK(streak_at_risk(lost, kNow).empty());
  History continued = streak();
  continued.completions.push_back({uuid_of(600), clock_at("2026-11-28T00:00:00")});
  CHECK(streak_at_risk(continued, kNow).empty());
  CHECK(streak_at_risk(History{}, kNow).empty());
}

TEST_CASE("before noon a streak is at risk for whom it is late already") {
  const auto at = [](History history, std::string_view time) {
    const Instant now = *weir::parse_instant(fmt::format("2026-11-28T{}Z", time));
    history.today.clock = now - history.today.begins;
    return streak_at_risk(history, now);
  };
  CHECK(at(streak(), "09:30:00").empty());
  History early = completed({"2026-11-24T07:00:00", "2026-11-25T07:10:00", "2026-11-26T06:50:00"});
  early.learner = streak().learner;
  const auto found = at(early, "09:30:00");
  REQUIRE(found.size() == 1);
  CHECK(found[0].confidence == 0.8);
  CHECK(at(early, "06:00:00").empty());
}

TEST_CASE("the day on which clocks go forward has 23 hours, and the day on which they go back has 25") {
  // Berlin, 29 March and 25 October 2026. The freeze makes the day after the next the last one.
  const History spring = on_day("2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-27");
  CHECK(streak_at_risk(spring, *weir::parse_instant("2026-03-29T10:29:59Z")).empty());
  const auto in_spring = streak_at_risk(spring, *weir::parse_instant("2026-03-29T10:30:00Z"));
  REQUIRE(in_spring.size() == 1);
  CHECK(std::get<Instant>(in_spring[0].facts.at("until")) == *weir::parse_instant("2026-03-29T22:00:00Z"));
  const History autumn = on_day("2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "2026-10-23");
  CHECK(streak_at_risk(autumn, *weir::parse_instant("2026-10-25T10:29:59Z")).empty());
  CHECK(streak_at_risk(autumn, *weir::parse_instant("2026-10-25T10:30:00Z")).size() == 1);
}
