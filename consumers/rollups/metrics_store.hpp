// agent_metrics in SQL. A batch of changed windows goes as arrays of weir.agent_metrics_row_2 (the table has row security, which COPY
// refuses). Rows that the cache does not know are taken to be new, and are inserted below a savepoint. Where one of them exists after all,
// they are upserted like the other rows: an upsert takes a row only where its version is the one from which the row was computed. Rows that
// another instance wrote meanwhile are read, merged and written in the same transaction. Locks: new rows, then the others, each in
// primary-key order. Two instances whose guesses differ may therefore wait for each other in a circle. Postgres then ends one of the
// transactions, and its unit of work is taken again without a guess.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/derived_columns.hpp"
#include "consumers/rollups/pure/fresh_guess.hpp"
#include "consumers/rollups/pure/metrics_row.hpp"
#include "consumers/rollups/pure/range.hpp"
#include "consumers/rollups/pure/window_table.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::rollups {

/// Rows as this instance last saw them: at least the `rows` that were written last, at most twice as many.
class MetricsCache {
 public:
  explicit MetricsCache(std::size_t rows) : rows_(rows) {}

  /// Null where the row is not known; good until the cache changes.
  [[nodiscard]] const MetricsRow* find(const WindowKey& key) const;
  void put(MetricsRow&& row);
  /// Forgets the windows that end at or before this.
  void close(Instant until);
  void clear();
  [[nodiscard]] std::size_t size() const;

 private:
  using Rows = WindowTable<MetricsRow>;
  std::size_t rows_;
  Rows young_;
  Rows old_;  // those that were not written since young_ began
};

/// A sum of samples as Postgres writes a numeric, and back.
[[nodiscard]] __int128 parse_sum(std::string_view text);
[[nodiscard]] std::string sum_text(__int128 sum);

/// Makes the partitions of agent_metrics for these times, where they are missing. Before any row lock of the transaction.
[[nodiscard]] Result<void> ensure_partitions(postgres::Statements& connection, std::span<const Instant> days);
/// The same for the windows of changes.
[[nodiscard]] Result<void> ensure_partitions(postgres::Statements& connection, std::span<const MetricsChange> changes);

/// Rows, and what their other columns do not hold of what follows from them; both in the order of the keys.
struct MetricsRows {
  std::vector<MetricsRow> rows;
  std::vector<Misderived> misderived;
};

/// Reads and locks the rows of an organization.
[[nodiscard]] Result<MetricsRows> read_metrics(postgres::Statements& connection, const OrganizationId& organization, const Range& range);
/// The same without locks, for whoever writes none of them.
[[nodiscard]] Result<MetricsRows> look_at_metrics(postgres::Statements& connection, const OrganizationId& organization, const Range& range);
/// Writes rows that read_metrics() has locked, and rows that are new, whatever was in them. Ascending by key.
[[nodiscard]] Result<void> replace_metrics(postgres::Statements& connection, std::span<const MetricsRow> rows, Instant now);

class MetricsStore {
 public:
  /// At least `fresh_rows` new rows are inserted by a statement of their own; for fewer rows its round trips would cost more than it saves.
  explicit MetricsStore(std::size_t fresh_rows) : fresh_rows_(fresh_rows) {}

  /// Writes the changes, and returns the resulting rows in the order of the keys. Where a row is not as the change knows it, that only
  /// costs a second round. `changes` must be ascending by key, one a window.
  [[nodiscard]] Result<std::vector<MetricsRow>> write(postgres::Statements& connection, std::span<const MetricsChange> changes,
                                                      Instant now);
  /// Says that the transaction of the last write was rolled back, perhaps because of a guess.
  void rolled_back();

  /// How many rows were taken to be new, and were new.
  [[nodiscard]] std::size_t rows_inserted() const { return rows_inserted_; }

 private:
  std::size_t fresh_rows_;
  FreshGuess guess_;
  bool guessed_ = false;  // in the last write
  std::size_t rows_inserted_ = 0;
};

}  // namespace weir::rollups
