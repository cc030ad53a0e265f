#include "consumers/scoring/learning.hpp"

#include "consumers/scoring/counts_store.hpp"
#include "consumers/scoring/course_store.hpp"
#include "consumers/scoring/learners_store.hpp"
#include "consumers/scoring/responses_store.hpp"

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

template <class Row>
void note_people(const Difference<Row>& rows, std::set<Person>& people) {
  for (const auto* all : {&rows.write, &rows.remove}) {
    for (const Row* row : *all) people.emplace(row->organization, row->user);
  }
}

Result<void> compute_some(Statements& connection, const std::map<OrganizationId, Curriculum>& curricula, const std::set<Person>& people,
                          std::set<Person>& written) {
  const LearningRows wanted = rows_of(curricula, WEIR_TRY(read_completions(connection, people)));
  const LearningRows there = WEIR_TRY(read_learning(connection, people));
  const LearningChanges changes{difference<ProgressRow>(there.progress, wanted.progress),
                                difference<LearnerRow>(there.learners, wanted.learners),
                                difference<UnlockedRow>(there.unlocked, wanted.unlocked)};
  WEIR_TRY(write_learning(connection, changes));
  note_people(changes.progress, written);
  note_people(changes.learners, written);
  note_people(changes.unlocked, written);
  std::set<Subject> achievements;
  for (const auto* all : {&changes.unlocked.write, &changes.unlocked.remove}) {
    for (const UnlockedRow* row : *all) achievements.emplace(row->organization, row->achievement);
  }
  return mark_subjects(connection, MarkKind::kHolders, achievements);
}

Result<bool> compute_marked_learners(Statements& connection) {
  const Taken marked = WEIR_TRY(take_learning_marks(connection, MarkKind::kLearner, kLearnersAtOnce));
  std::set<Person> people;
  std::vector<Uuid> users;
  for (const auto& [organization, user] : marked.subjects) {
    people.emplace(organization, UserId{user});
    users.push_back(user);
  }
  WEIR_TRY(lock_users(connection, users));
  WEIR_TRY(compute_learners(connection, people));
  return marked.more;
}

Result<bool> rate_marked(Statements& connection) {
  const Taken marked = WEIR_TRY(take_learning_marks(connection, MarkKind::kRating, kCountsAtOnce));
  if (marked.subjects.empty()) return false;
  const std::vector<RatingRow> wanted = WEIR_TRY(rate_activities(connection, marked.subjects));
  const std::vector<RatingRow> there = WEIR_TRY(read_ratings(connection, marked.subjects));
  WEIR_TRY(write_ratings(connection, difference<RatingRow>(there, wanted)));
  return marked.more;
}

Result<bool> count_marked(Statements& connection) {
  const Taken marked = WEIR_TRY(take_learning_marks(connection, MarkKind::kHolders, kCountsAtOnce));
  WEIR_TRY(count_holders(connection, marked.subjects));
  return marked.more;
}

}  // namespace

Result<std::set<Person>> compute_learners(Statements& connection, const std::set<Person>& people) {
  std::set<Person> written;
  if (people.empty()) return written;
  std::set<OrganizationId> organizations;
  for (const auto& [organization, user] : people) organizations.insert(organization);
  const auto curricula = WEIR_TRY(read_curricula(connection, organizations));
  for (auto next = people.begin(); next != people.end();) {
    std::set<Person> some;
    for (; next != people.end() && some.size() < kLearnersAtOnce; ++next) some.insert(*next);
    WEIR_TRY(compute_some(connection, curricula, some, written));
  }
  WEIR_TRY(mark_holders_after(connection, people));
  return written;
}

Result<bool> compute_marked(Statements& connection) {
  const bool more_learners = WEIR_TRY(compute_marked_learners(connection));
  const bool more_ratings = WEIR_TRY(rate_marked(connection));
  const bool more_holders = WEIR_TRY(count_marked(connection));
  return more_learners || more_ratings || more_holders;
}

}  // namespace weir::scoring
