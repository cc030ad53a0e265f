// The SQL of counts over all learners: results of activities, from which activity_ratings follows, and holders of achievements.
#pragma once

#include "consumers/scoring/learning_marks.hpp"
#include "consumers/scoring/pure/difference.hpp"
#include "consumers/scoring/pure/learning_rows.hpp"

#include <set>
#include <vector>

namespace weir::scoring {

/// The ratings of these activities by all of their results. An activity that does not count or has no results has no rating.
[[nodiscard]] Result<std::vector<RatingRow>> rate_activities(postgres::Statements& connection, const std::set<Subject>& activities);
[[nodiscard]] Result<std::vector<RatingRow>> read_ratings(postgres::Statements& connection, const std::set<Subject>& activities);
[[nodiscard]] Result<void> write_ratings(postgres::Statements& connection, const Difference<RatingRow>& rows);

/// Of these achievements how many users have each, none left out but those that nobody has: as they are, and as they are stored.
[[nodiscard]] Result<std::vector<HoldersRow>> counted_holders(postgres::Statements& connection, const std::set<Subject>& achievements);
[[nodiscard]] Result<std::vector<HoldersRow>> read_holders(postgres::Statements& connection, const std::set<Subject>& achievements);
/// Counts the users who have these achievements, and writes the counts that differ.
[[nodiscard]] Result<void> count_holders(postgres::Statements& connection, const std::set<Subject>& achievements);

}  // namespace weir::scoring
