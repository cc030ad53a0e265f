#include "tests/unit/insights/histories.hpp"

#include "consumers/insights/pure/find.hpp"

#include <set>

using namespace weir::insights;

TEST_CASE("everything that a history shows is found, each under a name of its own") {
  History history = completed(std::vector<std::string>{"2026-11-17T19:00:00", "2026-11-18T19:00:00", "2026-11-19T19:00:00",
                                                       "2026-11-20T19:00:00", "2026-11-22T19:00:00", "2026-11-23T19:00:00",
                                                       "2026-11-24T19:00:00", "2026-11-25T19:00:00", "2026-11-26T19:00:00"});
  take(history, {.dimensions = {"empathy", "self_awareness"}, .t_scores = {{34, 60}, {33, 61}, {35, 62}}});
  history.changes = {{uuid_of(1002), uuid_of(1001), {"emotional_intelligence", "empathy"}, kNow, -12, -3, Direction::kDeclining}};
  history.weeks = weekly({10, 9, 11, 10, 10, 12, 9, 10, 2, 1, 1}).weeks;
  history.learner = Learner{.streak_days = 8, .last_active_on = day_of("2026-11-26"), .freeze_used_on = {}};
  history.modules = {{uuid_of(90), "Listening", {"empathy"}, 0, false, {1'150}}};
  const auto found = find(history, kNow);
  check_form(found);
  CHECK(classes_of(found) == Classes{"repeated_low low", "reliable_change declining", "student_declining declining", "divergence apart",
                                     "engagement_drop below_half", "student_disengaging below_half", "streak_at_risk 2026-11-28",
                                     "time_of_day evening", "next_module need"});
  std::set<std::string> names;
  for (const Finding& finding : found) names.insert(name_of(finding));
  CHECK(names.size() == found.size());
}

TEST_CASE("nothing is found in an empty history") { CHECK(find(History{}, kNow).empty()); }
