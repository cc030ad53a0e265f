#include "consumers/scoring/intake.hpp"

namespace weir::scoring {

void Intake::add(const runtime::Event& event) {
  std::visit([&](const auto& fact) { take(fact, event.decoded.recorded_at); }, event.as<Fact>().body);
}

void Intake::take(const ResponseChanged& fact, Instant recorded_at) {
  // Of several changes of a response the last one tells how it stands.
  looks[{fact.organization, fact.response}] = Announcement{recorded_at, fact.submitted_at};
  users.insert(fact.user);
  if (fact.previous_user) users.insert(*fact.previous_user);
}

void Intake::take(const PersonChanged& fact, Instant) {
  people.emplace(fact.organization, fact.user);
  if (fact.project) memberships.insert(*fact.project);
}

void Intake::take(const ProjectChanged& fact, Instant) { projects.insert(fact.project); }

void Intake::take(const UserChanged& fact, Instant) {
  const Person person{fact.organization, fact.user};
  people.insert(person);
  changed_users.insert(person);
  zones.push_back({person, fact.time_zone, fact.updated_at, fact.is_snapshot});
}

void Intake::take(const UserGone& fact, Instant) { gone_users.insert(fact.user); }

void Intake::take(const CompletionChanged& fact, Instant) {
  activities.emplace(fact.organization, fact.activity);
  if (fact.previous_activity) activities.emplace(fact.organization, *fact.previous_activity);
  if (fact.is_snapshot) {
    due.emplace(fact.organization, fact.user.value);
    return;
  }
  for (const auto& user : {std::optional(fact.user), fact.previous_user}) {
    if (!user) continue;
    learners.emplace(fact.organization, *user);
    users.insert(*user);
  }
}

void Intake::take(const CourseChanged& fact, Instant) {
  for (const Uuid& module : fact.modules) modules.emplace(fact.organization, module);
  if (fact.activity) activities.emplace(fact.organization, *fact.activity);
}

void Intake::take(const AchievementChanged& fact, Instant) { achievements.insert(fact.achievement); }

}  // namespace weir::scoring
