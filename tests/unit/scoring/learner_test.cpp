#include "consumers/scoring/pure/learner.hpp"

#include "tests/unit/scoring/learning.hpp"

#include <algorithm>

using namespace weir;
using namespace weir::scoring;

namespace {

std::optional<Learned> of(const std::vector<Completion>& completions, const std::vector<Achievement>& achievements = {}) {
  return learn(three_modules(), achievements, completions);
}

bool same(const std::optional<Learned>& one, const std::optional<Learned>& other) {
  if (one.has_value() != other.has_value()) return false;
  if (!one) return true;
  const Attainment& a = one->attainment;
  const Attainment& b = other->attainment;
  return one->points == other->points && one->unlocked == other->unlocked && one->progress == other->progress && a.skill == b.skill &&
         a.points == b.points && a.activities_completed == b.activities_completed && a.modules_completed == b.modules_completed &&
         a.streak == b.streak;
}

}  // namespace

TEST_CASE("a user without a completion that counts has no results") {
  CHECK(!of({}));
  CHECK(!of({completion(1, 99)}));
}

TEST_CASE("points come with the first success, once") {
  CHECK(of({completion(1, 11, false)})->points == 0);
  CHECK(of({completion(1, 11, false), completion(2, 11), completion(3, 11), completion(4, 13)})->points == 24);
}

TEST_CASE("skill follows first attempts alone, succeeded or not, in order of time") {
  const double first = skill_after(kFirstSkill, 1'100, 0.25);
  const double second = skill_after(first, 1'200, 1);
  CHECK(of({completion(1, 11, false, 0.25), completion(2, 11), completion(3, 21)})->attainment.skill == second);
  CHECK(of({completion(3, 21), completion(2, 11), completion(1, 11, false, 0.25)})->attainment.skill == second);
}

TEST_CASE("a failed attempt makes its day active, and completes nothing") {
  const auto learned = of({completion(1, 11, false), completion(2, 12, false)});
  CHECK(learned->attainment.streak.days == 1);
  CHECK(learned->attainment.activities_completed == 0);
  CHECK(learned->progress.empty());
}

TEST_CASE("a streak takes local dates: the streak of a learner who travels west is folded anew") {
  std::vector<Completion> days{completion(1, 11), completion(2, 11), completion(3, 11)};
  days[0].local_date = day(1);
  days[1].local_date = day(3);
  days[2].local_date = day(2);
  CHECK(of(days)->attainment.streak == Streak{3, 3, day(3), std::nullopt});
}

TEST_CASE("an achievement is unlocked at the first completion after which its condition held") {
  const std::vector<Achievement> all{{achievement_id(1), {Measure::kActivitiesCompleted, 2}, 5},
                                     {achievement_id(2), {Measure::kModulesCompleted, 1}, 7},
                                     {achievement_id(3), {Measure::kPoints, 23}, 11},
                                     {achievement_id(4), {Measure::kSkill, 1'201}, 13},
                                     {achievement_id(5), {Measure::kStreakDays, 2}, 17},
                                     {achievement_id(6), {Measure::kModulesCompleted, 2}, 19},
                                     {achievement_id(7), {Measure::kPoints, 24}, 23}};
  const auto learned = of({completion(1, 11), completion(2, 12, false), completion(3, 12), completion(1'441, 12, false)}, all);
  CHECK(learned->unlocked == std::map<Uuid, Instant>{{achievement_id(1), minute(3)},
                                                     {achievement_id(2), minute(3)},
                                                     {achievement_id(3), minute(3)},
                                                     {achievement_id(4), minute(1)},
                                                     {achievement_id(5), minute(1'441)}});
  // Points of achievements count for the learner, and for no condition.
  CHECK(learned->attainment.points == 23);
  CHECK(learned->points == 23 + 5 + 7 + 11 + 13 + 17);
}

TEST_CASE("a skill that fell again and a streak that broke leave the achievements that they unlocked") {
  const std::vector<Achievement> all{{achievement_id(1), {Measure::kSkill, 1'201}, 0}, {achievement_id(2), {Measure::kStreakDays, 2}, 0}};
  std::vector<Completion> history{completion(1, 11), completion(1'441, 21, false), completion(2'000, 22, false),
                                  completion(9'000, 31, false)};
  const auto learned = of(history, all);
  CHECK(learned->attainment.skill < 1'201);
  CHECK(learned->attainment.streak.days == 1);
  CHECK(learned->unlocked.size() == 2);
  history.erase(history.begin());
  CHECK(of(history, all)->unlocked.empty());
}

TEST_CASE("order of arrival does not matter") {
  holds("order", [] {
    const auto seed = *rc::gen::arbitrary<std::uint32_t>();
    std::vector<Completion> history = any_history(seed);
    const auto whole = of(history, any_achievements());
    std::mt19937 random(seed + 1);
    std::shuffle(history.begin(), history.end(), random);
    RC_ASSERT(same(of(history, any_achievements()), whole));
  });
}

TEST_CASE("counts that grow with each completion equal the counts of the whole history") {
  holds("whole", [] {
    const auto history = any_history(*rc::gen::arbitrary<std::uint32_t>());
    const Course course = three_modules();
    const auto learned = learn(course, any_achievements(), history);
    const auto kept = counted(course, history);
    RC_ASSERT(learned.has_value() == !kept.empty());
    if (!learned) return;
    std::set<Day> active;
    FirstSuccesses done;
    for (const Completion& one : kept) {
      active.insert(one.local_date);
      if (one.succeeded) done.emplace(one.activity, one.completed_at);
    }
    RC_ASSERT(learned->attainment.streak == streak_of(active));
    RC_ASSERT(learned->attainment.activities_completed == static_cast<std::int64_t>(done.size()));
    RC_ASSERT(learned->attainment.modules_completed ==
              std::ranges::count_if(course.modules(), [&](const auto& one) { return completion_of(one.second, done).has_value(); }));
    // Each achievement was not held before its completion, and was after it.
    for (const Achievement& achievement : any_achievements()) {
      const auto at = learned->unlocked.find(achievement.id);
      std::vector<Completion> until;
      for (const Completion& one : kept) {
        if (at != learned->unlocked.end() && one.completed_at < at->second) until.push_back(one);
      }
      const auto before = learn(course, any_achievements(), until);
      const bool held_before = before && before->unlocked.find(achievement.id) != before->unlocked.end();
      RC_ASSERT(!held_before);
    }
  });
}
