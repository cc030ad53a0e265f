// The SQL by which results are compared with their source rows: whose rows are of a period. It reads only.
#pragma once

#include "common/postgres/statements.hpp"
#include "common/process/result_differences.hpp"
#include "consumers/scoring/person.hpp"
#include "consumers/scoring/results_store.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace weir::scoring {

/// People whose rows are in memory at once.
inline constexpr std::size_t kPeopleAtOnce = 100;

/// From here on next_people() gives the people who submitted or completed something in the period, or have results of it. Within a
/// transaction, once.
[[nodiscard]] Result<void> begin_people(postgres::Statements& connection, const process::Period& period);
/// The next kPeopleAtOnce people, in order of user; none: there are no more.
[[nodiscard]] Result<std::vector<Person>> next_people(postgres::Statements& connection);

/// Their submissions of the period, as rows of assessment_responses or of results name them.
[[nodiscard]] Result<std::set<ResponseKey>> responses_within(postgres::Statements& connection, const std::vector<Person>& people,
                                                             const process::Period& period);

/// Submissions among these that wait to be scored, and since when.
[[nodiscard]] Result<std::map<Uuid, Instant>> submitted_since(postgres::Statements& connection, const std::vector<Uuid>& responses);

/// Those of these people whose rows as learners are still to be computed by a wake-up, or are refused by the database.
[[nodiscard]] Result<std::set<Person>> learners_that_wait(postgres::Statements& connection, const std::vector<Person>& people,
                                                          const std::string& group);

}  // namespace weir::scoring
