// weir.learning_marks: the learners, activities and achievements that the next wake-up computes. Marks are only added and taken away, so a
// unit of work that leaves a mark waits neither for another unit of work nor for a wake-up that waits for its users.
#pragma once

#include "consumers/scoring/person.hpp"

#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

namespace weir::scoring {

enum class MarkKind : std::uint8_t {
  kLearner,  // the rows of a user as a learner
  kRating,   // the difficulty of an activity
  kHolders,  // the number of users of the organization who have an achievement
};

/// As it stands in the column kind.
[[nodiscard]] std::string_view kind_text(MarkKind kind);

/// An organization, and a user, module, activity or achievement in it.
using Subject = std::pair<OrganizationId, Uuid>;

[[nodiscard]] Result<void> mark_subjects(postgres::Statements& connection, MarkKind kind, const std::set<Subject>& subjects);
/// Marks the users of `moved`, whose time zone changed, and those of `changed` who have a row as a learner and should not, or have none and
/// should.
[[nodiscard]] Result<void> mark_changed_users(postgres::Statements& connection, const std::set<Person>& changed,
                                              const std::set<Person>& moved);
/// Marks the activities of these modules, and every user whose progress may change with them. Progress in a module follows from its
/// activities and from those of its prerequisites, so those are the users with a completion in these modules, in their prerequisites, or in
/// another prerequisite of a module that needs one of these modules.
[[nodiscard]] Result<void> mark_modules(postgres::Statements& connection, const std::set<Subject>& modules);
/// Marks every learner who may have one of these achievements, and every user who has one.
[[nodiscard]] Result<void> mark_achievements(postgres::Statements& connection, const std::set<Uuid>& achievements);
/// Marks all achievements of the organizations of those people who are gone, because nobody knows any more which achievements they had.
[[nodiscard]] Result<void> mark_holders_after(postgres::Statements& connection, const std::set<Person>& people);
/// Marks every activity and every achievement.
[[nodiscard]] Result<void> mark_all_counts(postgres::Statements& connection);

struct DueSubjects {
  std::set<Subject> subjects;
  bool more = false;  // there may be more
};
/// At most `most` subjects that have marks, of those first that were marked first, `without` those of these ids.
[[nodiscard]] Result<DueSubjects> due_subjects(postgres::Statements& connection, MarkKind kind, std::size_t most,
                                               const std::vector<Uuid>& without);
/// Removes all marks of these subjects.
[[nodiscard]] Result<void> remove_learning_marks(postgres::Statements& connection, MarkKind kind, const std::set<Subject>& subjects);

}  // namespace weir::scoring
