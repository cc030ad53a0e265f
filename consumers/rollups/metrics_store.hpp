// agent_metrics in SQL. A batch of changed windows goes as arrays of weir.agent_metrics_row_2 (the table has row security, which COPY
// refuses). Rows that are not known and therefore taken to be new are inserted below a savepoint; where one was there after all, they go
// the way of the others: an upsert that takes a row only where the version is the one it was computed from. Rows that another instance
// wrote meanwhile are read, merged and written in the same transaction.
// Locks: new rows, then the others, each in primary-key order. Two instances whose guesses differ may so wait for each other in a circle;
// Postgres ends one of them, and its unit of work comes again without a guess.
#pragma once

#include "common/postgres/connection.hpp"
#include "consumers/rollups/pure/fresh_guess.hpp"
#include "consumers/rollups/pure/metrics_row.hpp"

#include <span>
#include <unordered_map>
#include <vector>

namespace weir::rollups {

/// Rows as they were last seen: at least the `rows` that were written last, at most twice as many.
class MetricsCache {
 public:
  explicit MetricsCache(std::size_t rows) : rows_(rows) {
    young_.max_load_factor(kSparse);
    old_.max_load_factor(kSparse);
  }

  /// Null where the row is not known.
  [[nodiscard]] const MetricsRow* find(const WindowKey& key) const;
  void put(MetricsRow&& row);
  /// Forgets the windows that end at or before this.
  void close(Instant until);
  void clear();
  [[nodiscard]] std::size_t size() const;

 private:
  using Rows = std::unordered_map<WindowKey, MetricsRow, WindowKeyHash>;
  std::size_t rows_;
  Rows young_;
  Rows old_;  // those that were not written since young_ began
};

/// Makes the partitions of agent_metrics for these times, where they are missing. Before any row lock of the transaction.
[[nodiscard]] Result<void> ensure_partitions(postgres::Connection& connection, std::span<const Instant> days);

class MetricsStore {
 public:
  /// From `fresh_rows` on new rows are inserted by a statement of their own; for fewer its round trips cost more than it saves.
  explicit MetricsStore(std::size_t fresh_rows) : fresh_rows_(fresh_rows) {}

  /// Writes the changes and gives the rows as they now are, in the order of the keys. `known` are rows as they were last seen: a guess
  /// that costs a second round where it is wrong, and no more. `changes` must be ascending by key, one a window.
  [[nodiscard]] Result<std::vector<MetricsRow>> write(postgres::Connection& connection, std::span<const MetricsChange> changes,
                                                      const MetricsCache& known, Instant now);
  /// The transaction of the last write is gone, perhaps because of a guess.
  void rolled_back();

  /// Rows that were taken to be new, and were.
  [[nodiscard]] std::size_t rows_inserted() const { return rows_inserted_; }

 private:
  std::size_t fresh_rows_;
  FreshGuess guess_;
  bool guessed_ = false;  // in the last write
  std::size_t rows_inserted_ = 0;
};

}  // namespace weir::rollups
