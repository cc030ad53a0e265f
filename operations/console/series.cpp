#include "operations/console/series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weir::console {

namespace {

constexpr std::array kMetrics{
    Metric{"total_tasks", "tasks", "sum(m.total_tasks)"},
    Metric{"completed_tasks", "tasks", "sum(m.completed_tasks)"},
    Metric{"failed_tasks", "tasks", "sum(m.failed_tasks)"},
    Metric{"success_rate", "%", "100.0 * sum(m.completed_tasks) / nullif(sum(m.total_tasks), 0)"},
    Metric{"avg_execution_time_ms", "ms", "sum(m.execution_time_sum) / nullif(sum(m.execution_time_count), 0) / 1e9"},
    Metric{"throughput_per_minute", "tasks/min", "sum(m.throughput_per_minute)"},
};

struct Level {
  std::string_view name;
  std::string_view table;
  std::chrono::hours shown;  // where no range is asked for
};
constexpr std::array kLevels{Level{"5m", "public.agent_metrics", std::chrono::hours{6}},
                             Level{"1h", "public.agent_metrics_1h", std::chrono::hours{72}},
                             Level{"1d", "public.agent_metrics_1d", std::chrono::hours{24 * 60}}};

template <class Rows>
auto* named(const Rows& rows, std::string_view name) {
  const auto found = std::find_if(rows.begin(), rows.end(), [name](const auto& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

std::span<const Metric> metrics() { return kMetrics; }

/// Every value in the text is one that was read here: a time, a uuid, or a row above.
Result<Series> series_of(const Parameters& parameters, Instant now) {
  const std::string metric_name = parameters.text("metric").value_or("total_tasks");
  const std::string level_name = parameters.text("level").value_or("5m");
  const Metric* metric = named(kMetrics, metric_name);
  const Level* level = named(kLevels, level_name);
  if (metric == nullptr) return fail(FaultKind::kUsage, "metric: there is none of this name");
  if (level == nullptr) return fail(FaultKind::kUsage, "level: is none of 5m, 1h, 1d");
  const Instant to = WEIR_TRY(parameters.time("to")).value_or(now);
  const Instant from = WEIR_TRY(parameters.time("from")).value_or(to - level->shown);
  // No window is older, and Postgres writes years before the first one otherwise.
  if (from < Instant{} || to < Instant{}) return fail(FaultKind::kUsage, "from, to: no window is from before 1970");
  if (from >= to) return fail(FaultKind::kUsage, "to: must be after from");
  const auto organization = WEIR_TRY(parameters.uuid("organization"));
  const std::string whose = organization ? fmt::format("\n   AND m.organization_id = '{}'", organization->text()) : std::string();
  std::string sql = fmt::format(R"(SELECT m.window_start AS time, ({})::float8 AS {}, bool_and(m.is_final) AS is_final
  FROM {} m
 WHERE m.window_start >= '{}' AND m.window_start < '{}'{}
 GROUP BY m.window_start
 ORDER BY m.window_start
 LIMIT 2000)",
                                metric->formula, metric->name, level->table, format_instant(from), format_instant(to), whose);
  return Series{*metric, std::string(level->name), std::move(sql)};
}

}  // namespace weir::console
