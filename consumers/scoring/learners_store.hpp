// The SQL of activity_completions, and of the rows of learners: module_progress, learner_states, achievements_unlocked. The caller holds
// the locks of the users whose rows these are.
#pragma once

#include "consumers/scoring/person.hpp"
#include "consumers/scoring/pure/difference.hpp"
#include "consumers/scoring/pure/learning_rows.hpp"

#include <map>
#include <set>
#include <vector>

namespace weir::scoring {

/// The completions of those of these people who are not deleted. Completions at a time that no calendar has are left out.
[[nodiscard]] Result<std::map<Person, std::vector<Completion>>> read_completions(postgres::Statements& connection,
                                                                                 const std::set<Person>& people);

/// Every row of these people.
[[nodiscard]] Result<LearningRows> read_learning(postgres::Statements& connection, const std::set<Person>& people);

/// The rows to write and to remove in each table.
struct LearningChanges {
  Difference<ProgressRow> progress;
  Difference<LearnerRow> learners;
  Difference<UnlockedRow> unlocked;
};
[[nodiscard]] Result<void> write_learning(postgres::Statements& connection, const LearningChanges& changes);

}  // namespace weir::scoring
