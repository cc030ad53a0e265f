// Rollups as a series for a chart: the SQL that is shown is the SQL that was run. Pure.
#pragma once

#include "operations/console/parameters.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::console {

struct Metric {
  std::string_view name;
  std::string_view unit;
  std::string_view formula;  // over the rows m of agent_metrics of one window
};
[[nodiscard]] std::span<const Metric> metrics();

struct Series {
  Metric metric;
  std::string level;  // 5m, 1h or 1d
  std::string sql;
};

/// Fault kUsage: there is no such metric or level, or the range has no end.
[[nodiscard]] Result<Series> series_of(const Parameters& parameters, Instant now);

}  // namespace weir::console
