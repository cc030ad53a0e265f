// The columns of agent_metrics that follow from a row's sums, listed once: what is written into them, and what is asked of them when a row
// is held against its source.
#pragma once

#include "consumers/rollups/pure/metrics_row.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace weir::rollups {

/// In the order in which they are written. The first is a whole number, the others are doubles.
inline constexpr std::array<std::string_view, 18> kDerivedColumns{"total_tasks",
                                                                  "success_rate",
                                                                  "error_rate",
                                                                  "throughput_per_minute",
                                                                  "throughput_per_hour",
                                                                  "avg_execution_time_ms",
                                                                  "median_execution_time_ms",
                                                                  "p95_execution_time_ms",
                                                                  "p99_execution_time_ms",
                                                                  "avg_memory_mb",
                                                                  "peak_memory_mb",
                                                                  "avg_cpu_percent",
                                                                  "peak_cpu_percent",
                                                                  "avg_quality_score",
                                                                  "avg_confidence_score",
                                                                  "avg_user_rating",
                                                                  "uptime_percent",
                                                                  "availability_percent"};
using DerivedValues = std::array<std::optional<double>, kDerivedColumns.size()>;

/// The values that belong into the columns. `figures`: figures_of(row.aggregate).
[[nodiscard]] DerivedValues derived_of(const MetricsRow& row, const Figures& figures);

/// A column that does not hold what follows from its row's sums: somebody has changed one of them by hand.
struct Misderived {
  WindowKey window;
  std::string_view column;
  std::optional<double> expected;
  std::optional<double> found;
};

/// Appends the columns in which `found` is not what the row's sums say. A release may round otherwise than the one that wrote the row, so
/// equal to 10⁻⁹ is equal.
void compare_derived(const MetricsRow& row, const DerivedValues& found, std::vector<Misderived>& out);

}  // namespace weir::rollups
