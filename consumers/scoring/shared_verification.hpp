// Compares rows that depend on more than one user, and which wake-ups compute, with what their source rows give: alignments, ratings of
// activities, and counts of holders. It reads only.
#pragma once

#include "common/process/result_differences.hpp"
#include "consumers/scoring/alignments_store.hpp"
#include "consumers/scoring/learning_marks.hpp"

#include <string>

namespace weir::scoring {

class SharedVerification {
 public:
  /// The arguments must outlive this.
  SharedVerification(postgres::Statements& connection, const std::string& group, const process::Period& period,
                     process::ResultDifferences& found)
      : connection_(connection), group_(group), period_(period), found_(found) {}

  /// Compares the alignments of these people, by each instrument that aligns values.
  [[nodiscard]] Result<void> align(const std::vector<Person>& people);
  /// Notes the activities that these people completed in the period, and the achievements that they received in it.
  [[nodiscard]] Result<void> note(const std::vector<Person>& people);
  /// Compares the ratings and counts of what was noted, ratings that were written in the period, and all counts that are stored.
  [[nodiscard]] Result<void> count();

 private:
  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> align_by(const Aligning& instrument, const OrganizationId& organization, const std::set<UserId>& users);
  [[nodiscard]] Result<void> rate(const std::set<Subject>& activities);
  [[nodiscard]] Result<void> hold(const std::set<Subject>& achievements);
  [[nodiscard]] Result<std::set<Subject>> without_waiting(MarkKind kind, const std::set<Subject>& subjects, const char* waiting);

  postgres::Statements& connection_;
  const std::string& group_;
  const process::Period& period_;
  process::ResultDifferences& found_;
  bool begun_ = false;
  std::optional<Instant> consents_at_;  // none: no wake-up has aligned anybody yet
  std::vector<Aligning> instruments_;
  std::set<Subject> activities_;
  std::set<Subject> achievements_;
};

}  // namespace weir::scoring
