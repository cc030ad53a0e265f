#include "consumers/rollups/derived_columns.hpp"

#include <cmath>

namespace weir::rollups {

namespace {

bool is_same(const std::optional<double>& a, const std::optional<double>& b) {
  constexpr double kRounding = 1e-9;
  if (!a || !b) return a.has_value() == b.has_value();
  return *a == *b || std::abs(*a - *b) <= kRounding * std::abs(*a);
}

}  // namespace

DerivedValues derived_of(const MetricsRow& row, const Figures& figures) {
  const Aggregate& a = row.aggregate;
  return {static_cast<double>(a.total()),
          figures.success_rate,
          figures.error_rate,
          figures.throughput_per_minute,
          figures.throughput_per_hour,
          a.execution_time.mean(),
          a.execution_times.percentile_ms(50),
          a.execution_times.percentile_ms(95),
          a.execution_times.percentile_ms(99),
          a.memory.mean(),
          figures.peak_memory_mb,
          a.cpu.mean(),
          figures.peak_cpu_percent,
          a.quality.mean(),
          a.confidence.mean(),
          a.rating.mean(),
          row.presence.uptime_percent(),
          row.presence.availability_percent()};
}

void compare_derived(const MetricsRow& row, const DerivedValues& found, std::vector<Misderived>& out) {
  const DerivedValues expected = derived_of(row, figures_of(row.aggregate));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!is_same(expected[i], found[i])) out.push_back({row.key, kDerivedColumns[i], expected[i], found[i]});
  }
}

}  // namespace weir::rollups
