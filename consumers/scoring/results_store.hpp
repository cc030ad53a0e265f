// The SQL of assessment_scores, attachment_profiles and growth_scores. The caller holds the locks of the users whose rows these are.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/scoring/pure/results.hpp"

#include <set>
#include <span>
#include <utility>
#include <vector>

namespace weir::scoring {

/// A row's place among all results.
struct ResponseKey {
  OrganizationId organization;
  Uuid response;
  friend auto operator<=>(const ResponseKey&, const ResponseKey&) = default;
};

/// The responses and users that a computation concerns.
struct Affected {
  std::set<ResponseKey> responses;  // the submissions of the given users, and those that rows of their results name
  std::vector<Uuid> users;          // the given users, and users who have one of these submissions now
};
[[nodiscard]] Result<Affected> responses_of(postgres::Statements& connection, const std::vector<std::pair<OrganizationId, UserId>>& people);

/// The series in which the scores of these responses are now.
[[nodiscard]] Result<std::set<SeriesKey>> series_of(postgres::Statements& connection, const std::set<ResponseKey>& responses);

/// Reads every row of scores of these series.
[[nodiscard]] Result<std::vector<ScoreRow>> read_scores(postgres::Statements& connection, const std::set<SeriesKey>& series);
/// Reads the growth rows of these responses.
[[nodiscard]] Result<std::vector<GrowthRow>> read_growth(postgres::Statements& connection, const std::set<ResponseKey>& responses);
[[nodiscard]] Result<std::vector<ProfileRow>> read_profiles(postgres::Statements& connection, const std::set<ResponseKey>& responses);

/// Inserts or replaces the rows to write, in order of their keys, and deletes those to remove.
[[nodiscard]] Result<void> write_scores(postgres::Statements& connection, const Difference<ScoreRow>& rows);
[[nodiscard]] Result<void> write_growth(postgres::Statements& connection, const Difference<GrowthRow>& rows);
[[nodiscard]] Result<void> write_profiles(postgres::Statements& connection, const Difference<ProfileRow>& rows);

}  // namespace weir::scoring
