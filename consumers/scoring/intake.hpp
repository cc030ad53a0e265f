// Collects from the events of a batch which rows are to be looked at, before anything is read.
#pragma once

#include "consumers/scoring/facts.hpp"
#include "consumers/scoring/learning_marks.hpp"
#include "consumers/scoring/round.hpp"
#include "consumers/scoring/zones_store.hpp"

#include <set>
#include <vector>

namespace weir::scoring {

struct Intake {
  Round::Looks looks;
  std::set<UserId> users;        // to be locked
  std::set<Person> people;       // whose alignments may have changed
  std::set<Uuid> memberships;    // projects that somebody came to or left
  std::set<Uuid> projects;       // that changed themselves
  std::set<Person> learners;     // to be computed at once
  std::set<Subject> due;         // learners of a snapshot, which brings a learner's completions in many batches
  std::set<Subject> activities;  // whose difficulty is due
  std::set<Subject> modules;     // that changed, or whose activities or prerequisites did
  std::set<Uuid> achievements;
  std::vector<ZoneTold> zones;  // in the order of their events
  std::set<Person> changed_users;
  std::set<UserId> gone_users;

  void add(const runtime::Event& event);

 private:
  void take(const ResponseChanged& fact, Instant recorded_at);
  void take(const PersonChanged& fact, Instant recorded_at);
  void take(const ProjectChanged& fact, Instant recorded_at);
  void take(const UserChanged& fact, Instant recorded_at);
  void take(const UserGone& fact, Instant recorded_at);
  void take(const CompletionChanged& fact, Instant recorded_at);
  void take(const CourseChanged& fact, Instant recorded_at);
  void take(const AchievementChanged& fact, Instant recorded_at);
};

}  // namespace weir::scoring
