#include "consumers/scoring/learning.hpp"

#include "common/group_state/wakeup_keys.hpp"
#include "consumers/scoring/counts_store.hpp"
#include "consumers/scoring/course_store.hpp"
#include "consumers/scoring/responses_store.hpp"

#include <algorithm>
#include <functional>

namespace weir::scoring {

namespace {

using postgres::Statements;

LearningRows rows_of(const std::map<OrganizationId, Curriculum>& curricula, const std::map<Person, std::vector<Completion>>& completions) {
  LearningRows rows;
  for (const auto& [person, of] : completions) {
    const auto& [organization, user] = person;
    const Curriculum& curriculum = curricula.at(organization);
    if (const auto learned = learn(curriculum.course, curriculum.achievements, of)) add_rows(organization, user, *learned, rows);
  }
  return rows;
}

/// Writes what differs, and notes whose rows these are. Marks the achievements that somebody received or lost.
Result<void> write_changes(Statements& connection, const LearningChanges& changes, std::set<Person>& written) {
  WEIR_TRY(write_learning(connection, changes));
  const auto note_person = [&](const auto& row) { written.emplace(row.organization, row.user); };
  changes.progress.for_each(note_person);
  changes.learners.for_each(note_person);
  changes.unlocked.for_each(note_person);
  std::set<Subject> achievements;
  changes.unlocked.for_each([&](const UnlockedRow& row) { achievements.emplace(row.organization, row.achievement); });
  return mark_subjects(connection, MarkKind::kHolders, achievements);
}

using Subjects = std::set<Subject>;

/// What a wake-up does for the subjects of one kind that have marks. `begin` comes once, before the marks of any subject are removed.
struct Work {
  std::string_view wakeup;
  MarkKind kind;
  std::size_t most;
  std::function<Result<void>(const Subjects&)> begin;
  std::function<Result<void>(const Subjects&)> compute;
};

/// Removes marks and does the work for their subjects, without the subjects whose data Postgres refuses: these keep their marks.
Result<bool> work_for_marked(Statements& connection, const std::string& group, const Work& work) {
  auto keys = WEIR_TRY(group_state::WakeupKeys::read(connection, group, work.wakeup));
  const DueSubjects due = WEIR_TRY(due_subjects(connection, work.kind, work.most, keys.held_back()));
  std::set<Uuid> ids;
  for (const auto& [organization, id] : due.subjects) ids.insert(id);
  for (const Uuid& id : keys.due()) ids.insert(id);
  if (ids.empty()) return false;
  WEIR_TRY(work.begin(due.subjects));
  const auto compute = [&](std::span<const Uuid> some) -> Result<void> {
    Subjects subjects;
    for (const Subject& subject : due.subjects) {
      if (std::binary_search(some.begin(), some.end(), subject.second)) subjects.insert(subject);
    }
    if (subjects.empty()) return {};
    WEIR_TRY(remove_learning_marks(connection, work.kind, subjects));
    return work.compute(subjects);
  };
  const bool all = WEIR_TRY(keys.take(connection, std::vector(ids.begin(), ids.end()), compute));
  return due.more || !all;
}

Result<void> nothing(const Subjects&) { return {}; }

Work learners(Statements& connection) {
  const auto lock = [&](const Subjects& subjects) -> Result<void> {
    std::vector<Uuid> users;
    for (const auto& [organization, user] : subjects) users.push_back(user);
    return lock_users(connection, users);
  };
  const auto compute = [&](const Subjects& subjects) -> Result<void> {
    std::set<Person> people;
    for (const auto& [organization, user] : subjects) people.emplace(organization, UserId{user});
    WEIR_TRY(compute_learners(connection, people));
    return {};
  };
  return {"learners", MarkKind::kLearner, kLearnersAtOnce, lock, compute};
}

Work ratings(Statements& connection) {
  const auto rate = [&](const Subjects& activities) -> Result<void> {
    const std::vector<RatingRow> wanted = WEIR_TRY(rate_activities(connection, activities));
    const std::vector<RatingRow> there = WEIR_TRY(read_ratings(connection, activities));
    return write_ratings(connection, difference<RatingRow>(there, wanted));
  };
  return {"ratings", MarkKind::kRating, kCountsAtOnce, nothing, rate};
}

Work holders(Statements& connection) {
  const auto count = [&](const Subjects& achievements) { return count_holders(connection, achievements); };
  return {"holders", MarkKind::kHolders, kCountsAtOnce, nothing, count};
}

}  // namespace

Result<void> compare_learners(Statements& connection, const std::set<Person>& people,
                              const std::function<Result<void>(const LearningChanges&)>& take) {
  if (people.empty()) return {};
  std::set<OrganizationId> organizations;
  for (const auto& [organization, user] : people) organizations.insert(organization);
  const auto curricula = WEIR_TRY(read_curricula(connection, organizations));
  for (auto next = people.begin(); next != people.end();) {
    std::set<Person> some;
    for (; next != people.end() && some.size() < kLearnersAtOnce; ++next) some.insert(*next);
    const LearningRows wanted = rows_of(curricula, WEIR_TRY(read_completions(connection, some)));
    const LearningRows there = WEIR_TRY(read_learning(connection, some));
    WEIR_TRY(take({difference<ProgressRow>(there.progress, wanted.progress), difference<LearnerRow>(there.learners, wanted.learners),
                   difference<UnlockedRow>(there.unlocked, wanted.unlocked)}));
  }
  return {};
}

Result<std::set<Person>> compute_learners(Statements& connection, const std::set<Person>& people) {
  std::set<Person> written;
  if (people.empty()) return written;
  WEIR_TRY(
      compare_learners(connection, people, [&](const LearningChanges& changes) { return write_changes(connection, changes, written); }));
  WEIR_TRY(mark_holders_after(connection, people));
  return written;
}

Result<bool> compute_marked(Statements& connection, const std::string& group) {
  const bool more_learners = WEIR_TRY(work_for_marked(connection, group, learners(connection)));
  const bool more_ratings = WEIR_TRY(work_for_marked(connection, group, ratings(connection)));
  const bool more_holders = WEIR_TRY(work_for_marked(connection, group, holders(connection)));
  return more_learners || more_ratings || more_holders;
}

}  // namespace weir::scoring
