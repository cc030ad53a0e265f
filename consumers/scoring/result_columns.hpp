// Rows of results as texts by column, for whoever shows where two rows differ.
#pragma once

#include "common/process/result_differences.hpp"
#include "consumers/scoring/alignments_store.hpp"
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
[[nodiscard]] std::string key_of(const RatingRow& row);
[[nodiscard]] std::string key_of(const HoldersRow& row);
[[nodiscard]] std::string key_of(const AlignmentRow& row);

/// The other columns, with as many digits as tell any two numbers apart.
[[nodiscard]] process::ResultDifferences::Columns columns_of(const ScoreRow& row);
[[nodiscard]] process::ResultDifferences::Columns columns_of(const ProfileRow& row);
[[nodiscard]] process::ResultDifferences::Columns columns_of(const GrowthRow& row);
[[nodiscard]] process::ResultDifferences::Columns columns_of(const ProgressRow& row);
[[nodiscard]] process::ResultDifferences::Columns columns_of(const LearnerRow& row);
[[nodiscard]] process::ResultDifferences::Columns columns_of(const UnlockedRow& row);
[[nodiscard]] process::ResultDifferences::Columns columns_of(const RatingRow& row);
[[nodiscard]] process::ResultDifferences::Columns columns_of(const HoldersRow& row);
[[nodiscard]] process::ResultDifferences::Columns columns_of(const AlignmentRow& row);

/// Tells where stored rows are not the wanted ones.
template <class Row>
void add_difference(process::ResultDifferences& found, const std::string& table, const Difference<Row>& rows) {
  found.compared(table, static_cast<std::int64_t>(rows.compared));
  for (std::size_t i = 0; i < rows.write.size(); ++i) {
    const Row* stored = rows.replaced[i];
    found.add_row(table, key_of(*rows.write[i]), stored == nullptr ? std::nullopt : std::optional(columns_of(*stored)),
                  columns_of(*rows.write[i]));
  }
  for (const Row* stored : rows.remove) found.add_row(table, key_of(*stored), columns_of(*stored), std::nullopt);
}

}  // namespace weir::scoring
