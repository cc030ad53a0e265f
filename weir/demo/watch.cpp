// Rates are those since the last look.
#include "weir/demo/watch.hpp"

#include "weir/demo/verify_sql.hpp"

#include <algorithm>
#include <map>

namespace weir::demo {
namespace {

constexpr const char* kTotals = R"sql(
SELECT coalesce(sum(n), 0)::bigint, coalesce(sum(n) FILTER (WHERE outcome = 'dead'), 0)::bigint,
       (SELECT count(*) FROM public.agent_metrics) FROM weir.outcome_counts WHERE group_id = $1)sql";

constexpr const char* kNewest = R"sql(
SELECT coalesce(a.name, m.agent_id::text), to_char(m.window_start AT TIME ZONE 'UTC', 'HH24:MI'), m.total_tasks, m.success_rate,
       m.avg_execution_time_ms, m.p95_execution_time_ms, m.avg_quality_score, m.is_final, m.is_complete
  FROM public.agent_metrics m LEFT JOIN public.agent_instances a ON a.id = m.agent_id
 WHERE m.total_tasks > 0 ORDER BY m.window_start DESC, m.updated_at DESC, m.agent_id LIMIT 8)sql";

}  // namespace

Watch::Watch(postgres::Connection connection, kafka::Admin& admin, const Expectation& expectation, const Clock& clock)
    : connection_(std::move(connection)), admin_(admin), expectation_(expectation), clock_(clock), begin_(clock.steady()), last_(begin_) {}

Result<Sight> Watch::look(std::uint64_t changes, std::uint64_t posts) {
  Sight sight;
  const SteadyInstant now = clock_.steady();
  const double passed = std::max(1e-3, std::chrono::duration<double>(now - last_).count());
  sight.running = std::chrono::duration_cast<Seconds>(now - begin_);
  sight.changes = changes;
  sight.posts = posts;
  const auto totals = WEIR_TRY(connection_.query("demo_totals", kTotals, postgres::Params().add(expectation_.group)));
  sight.taken = totals[0].get<std::int64_t>(0);
  sight.dead = totals[0].get<std::int64_t>(1);
  sight.metric_rows = totals[0].get<std::int64_t>(2);
  sight.changes_per_second = static_cast<double>(changes - before_.changes) / passed;
  sight.posts_per_second = static_cast<double>(posts - before_.posts) / passed;
  sight.taken_per_second = static_cast<double>(sight.taken - before_.taken) / passed;
  sight.lag = WEIR_TRY(lag());
  sight.newest = WEIR_TRY(newest());
  before_ = sight;
  last_ = now;
  return sight;
}

Result<std::int64_t> Watch::lag() {
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> next;
  const auto rows = WEIR_TRY(connection_.query("demo_positions", sql::kPositions, postgres::Params().add(expectation_.group)));
  for (std::size_t index = 0; index < rows.size(); ++index) {
    next[{rows[index].get<std::string>(0), rows[index].get<std::int32_t>(1)}] = rows[index].get<std::int64_t>(2);
  }
  std::int64_t behind = 0;
  for (const auto& [partition, offset] : next) {
    const auto range = WEIR_TRY(admin_.range(partition.first, partition.second));
    behind += std::max<std::int64_t>(0, range.end - offset);
  }
  return behind;
}

Result<std::vector<MetricLine>> Watch::newest() {
  std::vector<MetricLine> lines;
  const auto rows = WEIR_TRY(connection_.query("demo_newest", kNewest));
  for (std::size_t index = 0; index < rows.size(); ++index) {
    const postgres::Row row = rows[index];
    lines.push_back({row.get<std::string>(0), row.get<std::string>(1), row.get<std::int64_t>(2), row.maybe<double>(3), row.maybe<double>(4),
                     row.maybe<double>(5), row.maybe<double>(6), row.get<bool>(7), row.get<bool>(8)});
  }
  return lines;
}

}  // namespace weir::demo
