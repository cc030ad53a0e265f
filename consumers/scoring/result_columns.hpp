// Rows of results as texts by column, for whoever shows where two rows differ.
#pragma once

#include "common/process/result_differences.hpp"
#include "consumers/scoring/pure/learning_rows.hpp"
#include "consumers/scoring/pure/results.hpp"

#include <string>

namespace weir::scoring {

/// The columns of the primary key, as a JSON object.
[[nodiscard]] std::string key_of(const ScoreRow& row);
[[nodiscard]] std::string key_of(const ProfileRow& row);
[[nodiscard]] std::string key_of(const GrowthRow& row);
[[nodiscard]] std::string key_of(const ProgressRow& row);
[[nodiscard]] std::string key_of(const LearnerRow& row);
[[nodiscard]] std::string key_of(const UnlockedRow& row);

/// The other columns, with as many digits as tell any two numbers apart.
[[nodiscard]] process::ResultDifferences::Columns columns_of(const ScoreRow& row);
[[nodiscard]] process::ResultDifferences::Columns columns_of(const ProfileRow& row);
[[nodiscard]] process::ResultDifferences::Columns columns_of(const GrowthRow& row);
[[nodiscard]] process::ResultDifferences::Columns columns_of(const ProgressRow& row);
[[nodiscard]] process::ResultDifferences::Columns columns_of(const LearnerRow& row);
[[nodiscard]] process::ResultDifferences::Columns columns_of(const UnlockedRow& row);

}  // namespace weir::scoring
