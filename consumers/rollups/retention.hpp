// What retention removes, once a day, after midnight UTC: whole partitions of every table of weir.partitioned_tables from which weir
// rollups may delete (by day: rows of 5-minute windows; by month: of hours; by year: of days), and old rows of the tables without
// partitions. It also makes the next partitions.
//
// The day's work is many transactions, each under the group's closing lock alone, so that one instance does it at a time, and a killed one
// leaves the rest to the next. The first raises frozen_until: from then on no change touches the windows before it, and hours and days that
// were made of them stay as they are. The last sets dropped_until.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/progress_store.hpp"
#include "consumers/rollups/pure/retention.hpp"

#include <string_view>

namespace weir::rollups {

struct RetentionLimits {
  Retention kept;
  std::int64_t rows_a_step = 20'000;  // bounds the rows that one transaction deletes
};

enum class Upkeep : std::uint8_t {
  kDone,  // nothing is due
  kMore,  // another step is due at once
  kBusy,  // a table is being read; its partition is dropped later
};

/// The first window that is kept, of a group that has closed windows. With a longer retention than before, windows that are gone already do
/// not come back.
[[nodiscard]] Instant first_kept_window(const Progress& progress, Microseconds retention);

/// One step of a wake-up.
[[nodiscard]] Result<Upkeep> keep_retention(postgres::Statements& connection, const ProgressStore& progress, std::string_view group,
                                            const RetentionLimits& limits);

}  // namespace weir::rollups
