// assessment_scores, attachment_profiles and growth_scores. Whoever calls holds the locks of the users whose rows these are.
#pragma once

#include "common/postgres/connection.hpp"
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

/// What a computation for these users concerns.
struct Affected {
  std::set<ResponseKey> responses;  // their submissions, and those that rows of results of theirs name
  std::vector<Uuid> users;          // theirs and whoever has one of these submissions now
};
[[nodiscard]] Result<Affected> responses_of(postgres::Connection& connection, const std::vector<std::pair<OrganizationId, UserId>>& people);

/// The series that scores of these responses are in now.
[[nodiscard]] Result<std::set<SeriesKey>> series_of(postgres::Connection& connection, const std::set<ResponseKey>& responses);

/// Every row of scores of these series.
[[nodiscard]] Result<std::vector<ScoreRow>> read_scores(postgres::Connection& connection, const std::set<SeriesKey>& series);
/// Rows of these responses.
[[nodiscard]] Result<std::vector<GrowthRow>> read_growth(postgres::Connection& connection, const std::set<ResponseKey>& responses);
[[nodiscard]] Result<std::vector<ProfileRow>> read_profiles(postgres::Connection& connection, const std::set<ResponseKey>& responses);

/// Inserts or replaces the rows to write, in order of their keys, and deletes those to remove.
[[nodiscard]] Result<void> write_scores(postgres::Connection& connection, const Difference<ScoreRow>& rows);
[[nodiscard]] Result<void> write_growth(postgres::Connection& connection, const Difference<GrowthRow>& rows);
[[nodiscard]] Result<void> write_profiles(postgres::Connection& connection, const Difference<ProfileRow>& rows);

}  // namespace weir::scoring
