// Computes the rows of learners from completions and courses as they stand, and writes rows that differ.
#pragma once

#include "consumers/scoring/learners_store.hpp"

#include <functional>
#include <set>
#include <string>

namespace weir::scoring {

/// Learners whose completions are in memory at once, and who are computed in one wake-up.
inline constexpr std::size_t kLearnersAtOnce = 200;
/// Activities and achievements that are counted in one wake-up.
inline constexpr std::size_t kCountsAtOnce = 1'000;

/// Hands the differences between the rows of these people and what their completions and courses give to `take`, some people at a time.
[[nodiscard]] Result<void> compare_learners(postgres::Statements& connection, const std::set<Person>& people,
                                            const std::function<Result<void>(const LearningChanges&)>& take);

/// Computes these people, whose locks the caller holds, and returns those of whom a row was written or removed. Marks the achievements that
/// somebody received or lost.
[[nodiscard]] Result<std::set<Person>> compute_learners(postgres::Statements& connection, const std::set<Person>& people);

/// The wake-up's work on learning: the learners, activities and achievements that have marks. Rows are read after their marks were taken,
/// so that the changes which left the marks are seen. The caller makes sure that one instance at a time does this. True: there may be more
/// marks.
[[nodiscard]] Result<bool> compute_marked(postgres::Statements& connection, const std::string& group);

}  // namespace weir::scoring
