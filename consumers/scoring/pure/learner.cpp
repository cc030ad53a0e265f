#include "consumers/scoring/pure/learner.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace weir::scoring {

namespace {

/// Takes completions one after another, in order.
class Learner {
 public:
  explicit Learner(const Course& course) : course_(course) {}

  void take(const Completion& completion) {
    const Activity& activity = *course_.activity(completion.activity);
    if (attempted_.insert(completion.activity).second) {
      const double success = success_of(completion.succeeded, completion.score);
      attainment_.skill = skill_after(attainment_.skill, activity.difficulty, success);
    }
    if (completion.succeeded && done_.emplace(completion.activity, completion.completed_at).second) {
      attainment_.points += activity.points;
      ++attainment_.activities_completed;
      if (activity.required && completion_of(course_.modules().at(activity.module), done_)) ++attainment_.modules_completed;
    }
    take(completion.local_date);
  }

  [[nodiscard]] const Attainment& attainment() const { return attainment_; }
  [[nodiscard]] const FirstSuccesses& done() const { return done_; }

 private:
  /// Whoever travels west can come to a date before the last: then the streak is folded anew.
  void take(Day day) {
    if (!active_.insert(day).second) return;
    attainment_.streak = day == *active_.rbegin() ? continued(attainment_.streak, day) : streak_of(active_);
  }

  const Course& course_;
  Attainment attainment_;
  std::set<Uuid> attempted_;
  FirstSuccesses done_;
  std::set<Day> active_;
};

}  // namespace

bool Attainment::meets(const Condition& condition) const {
  switch (condition.measure) {
    case Measure::kActivitiesCompleted:
      return activities_completed >= condition.least;
    case Measure::kModulesCompleted:
      return modules_completed >= condition.least;
    case Measure::kStreakDays:
      return streak.longest >= condition.least;
    case Measure::kPoints:
      return points >= condition.least;
    case Measure::kSkill:
      return skill >= static_cast<double>(condition.least);
  }
  return false;
}

std::optional<Learned> learn(const Course& course, std::span<const Achievement> achievements, std::span<const Completion> completions) {
  const std::vector<Completion> in_order = counted(course, completions);
  if (in_order.empty()) return std::nullopt;
  Learner learner(course);
  std::vector<const Achievement*> open;
  for (const Achievement& achievement : achievements) open.push_back(&achievement);
  Learned learned;
  for (const Completion& completion : in_order) {
    learner.take(completion);
    std::erase_if(open, [&](const Achievement* achievement) {
      if (!learner.attainment().meets(achievement->condition)) return false;
      learned.unlocked.emplace(achievement->id, completion.completed_at);
      learned.points += achievement->points;
      return true;
    });
  }
  learned.attainment = learner.attainment();
  learned.points += learned.attainment.points;
  learned.progress = progress_in(course, learner.done());
  return learned;
}

}  // namespace weir::scoring
