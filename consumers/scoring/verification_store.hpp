// The SQL by which results are compared with their source rows: whose rows are of a period. It reads only.
#pragma once

#include "common/postgres/statements.hpp"
#include "common/process/result_differences.hpp"
#include "consumers/scoring/learning_marks.hpp"
#include "consumers/scoring/person.hpp"
#include "consumers/scoring/results_store.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace weir::scoring {

/// People whose rows are in memory at once.
inline constexpr std::size_t kPeopleAtOnce = 100;

/// Users among whom one statement looks for them, so that a statement's time does not grow with the number of users.
inline constexpr std::size_t kUsersAtOnce = 5'000;

/// The people who submitted or completed something in a period, or have results of it, in order of organization and user. Every such row
/// is of a user who is there, as foreign keys see to. Within a transaction, of which all statements see the same rows.
class PeopleReader {
 public:
  /// The arguments must outlive this.
  PeopleReader(postgres::Statements& connection, const process::Period& period) : connection_(connection), period_(period) {}
  /// The next kPeopleAtOnce people at most; none: there are no more.
  [[nodiscard]] Result<std::vector<Person>> next();

 private:
  [[nodiscard]] Result<void> look();

  postgres::Statements& connection_;
  const process::Period& period_;
  Person after_{};  // the last user among whom it has looked
  bool ended_ = false;
  std::vector<Person> found_;
  std::size_t at_ = 0;
};

/// Their submissions of the period, as rows of assessment_responses or of results name them.
[[nodiscard]] Result<std::set<ResponseKey>> responses_within(postgres::Statements& connection, const std::vector<Person>& people,
                                                             const process::Period& period);

/// Submissions among these that wait to be scored, and since when.
[[nodiscard]] Result<std::map<Uuid, Instant>> submitted_since(postgres::Statements& connection, const std::vector<Uuid>& responses);

/// Those of these people whose rows as learners are still to be computed by a wake-up, or are refused by the database.
[[nodiscard]] Result<std::set<Person>> learners_that_wait(postgres::Statements& connection, const std::vector<Person>& people,
                                                          const std::string& group);

/// The activities that these people completed in a period, and the achievements that they received in it.
[[nodiscard]] Result<std::set<Subject>> activities_completed(postgres::Statements& connection, const std::vector<Person>& people,
                                                             const process::Period& period);
[[nodiscard]] Result<std::set<Subject>> achievements_received(postgres::Statements& connection, const std::vector<Person>& people,
                                                              const process::Period& period);
/// Activities whose ratings were written in a period.
[[nodiscard]] Result<std::set<Subject>> ratings_written(postgres::Statements& connection, const process::Period& period);
/// The next achievements whose holders are counted.
[[nodiscard]] Result<std::set<Subject>> holders_after(postgres::Statements& connection, const Subject& after, std::size_t most);
/// Those of these activities or achievements that are still to be counted by a wake-up, or are refused by the database.
[[nodiscard]] Result<std::set<Subject>> subjects_that_wait(postgres::Statements& connection, MarkKind kind,
                                                           const std::set<Subject>& subjects, const std::string& group);

/// As of when wake-ups have judged consents; none: no wake-up has.
[[nodiscard]] Result<std::optional<Instant>> consents_aligned_at(postgres::Statements& connection, const std::string& group);
struct AlignmentsWaiting {
  std::set<UserId> users;   // whose alignments are still to be computed by a wake-up, or are refused by the database
  std::set<Uuid> projects;  // with such a member
};
[[nodiscard]] Result<AlignmentsWaiting> alignments_that_wait(postgres::Statements& connection, const std::string& group,
                                                             const std::set<UserId>& users, const std::set<Uuid>& projects);

}  // namespace weir::scoring
