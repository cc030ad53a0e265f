#include "consumers/rollups/verification.hpp"

#include "consumers/rollups/metrics_store.hpp"
#include "consumers/rollups/retention.hpp"

#include <fmt/format.h>

#include <map>

namespace weir::rollups {

namespace {

std::string text(std::int64_t number) { return std::to_string(number); }

std::string text(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : "null"; }

void compare(const WindowKey& window, const Aggregate& expected, const Aggregate& found, std::vector<Difference>& out) {
  const auto differ = [&](const char* column, std::string a, std::string b) {
    if (a != b) out.push_back({window, column, std::move(a), std::move(b)});
  };
  const auto measure = [&](const std::string& name, const Measure& a, const Measure& b) {
    differ((name + "_count").c_str(), text(a.count), text(b.count));
    differ((name + "_sum").c_str(), sum_text(a.sum), sum_text(b.sum));
  };
  differ("completed_tasks", text(expected.completed), text(found.completed));
  differ("failed_tasks", text(expected.failed), text(found.failed));
  differ("cancelled_tasks", text(expected.cancelled), text(found.cancelled));
  measure("execution_time", expected.execution_time, found.execution_time);
  measure("memory", expected.memory, found.memory);
  measure("cpu", expected.cpu, found.cpu);
  measure("quality", expected.quality, found.quality);
  measure("confidence", expected.confidence, found.confidence);
  measure("rating", expected.rating, found.rating);
  for (const int percent : {50, 95, 99}) {
    differ(percent == 50   ? "median_execution_time_ms"
           : percent == 95 ? "p95_execution_time_ms"
                           : "p99_execution_time_ms",
           text(expected.execution_times.percentile_ms(percent)), text(found.execution_times.percentile_ms(percent)));
  }
  const Figures right = figures_of(expected);
  const Figures has = figures_of(found);
  differ("peak_memory_mb", text(right.peak_memory_mb), text(has.peak_memory_mb));
  differ("peak_cpu_percent", text(right.peak_cpu_percent), text(has.peak_cpu_percent));
}

using Sums = std::map<WindowKey, Aggregate>;

Result<Sums> sums_of(const std::vector<std::unique_ptr<SourceReader>>& sources, const OrganizationId& organization, const Range& day) {
  Sums out;
  for (const auto& source : sources) {
    for (const auto& [key, aggregate] : WEIR_TRY(source->read(organization, day, {})).windows) out[key].merge(aggregate);
  }
  return out;
}

/// The sums of the rows. Columns that do not follow from them are differences whatever the source says.
Result<Sums> rows_of(postgres::Connection& connection, const OrganizationId& organization, const Range& day,
                     std::vector<Difference>& differences) {
  const MetricsRows found = WEIR_TRY(look_at_metrics(connection, organization, day));
  Sums out;
  for (const MetricsRow& row : found.rows) out.emplace(row.key, row.aggregate);
  for (const Misderived& one : found.misderived) {
    differences.push_back({one.window, std::string(one.column), text(one.expected), text(one.found)});
  }
  return out;
}

}  // namespace

Result<WindowsVerified> verify_windows(const RecomputeOptions& options, const Range& range, const std::optional<OrganizationId>& only) {
  auto connection = WEIR_TRY(postgres::Connection::open(options.session));
  std::vector<std::unique_ptr<SourceReader>> sources;
  for (const SourceSettings& settings : options.sources) sources.push_back(WEIR_TRY(SourceReader::open(settings)));
  const Progress progress = WEIR_TRY(ProgressStore(options.group, options.topics, options.times).read(connection));
  WindowsVerified out;
  if (!progress.closed_until) return out;
  const RecomputeOutlook outlook{first_kept_window(progress, options.times.retention), *progress.closed_until, *progress.closed_until};
  for (Range left = range;;) {
    const auto day = next_range(left, outlook);
    if (!day) return out;
    for (const OrganizationId& organization : WEIR_TRY(organizations_in(connection, sources, *day))) {
      if (only && organization != *only) continue;
      const Sums expected = WEIR_TRY(sums_of(sources, organization, *day));
      Sums found = WEIR_TRY(rows_of(connection, organization, *day, out.differences));
      for (const auto& [key, sums] : expected) compare(key, sums, found[key], out.differences);
      for (const auto& [key, sums] : found) {
        if (!expected.contains(key)) compare(key, {}, sums, out.differences);
      }
      out.windows += static_cast<std::int64_t>(found.size());
    }
    left.until = day->from;
    if (left.from >= left.until) return out;
  }
}

}  // namespace weir::rollups
