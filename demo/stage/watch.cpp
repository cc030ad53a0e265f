// A rate is what has come since the last look, by the time since then.
#include "demo/stage/watch.hpp"

#include "demo/witness/verify_sql.hpp"

#include <algorithm>
#include <map>

namespace weir::demo {
namespace {

constexpr const char* kTotals = R"sql(
SELECT coalesce(sum(n), 0)::bigint, coalesce(sum(n) FILTER (WHERE outcome = 'dead'), 0)::bigint,
       (SELECT count(*) FROM public.agent_metrics), (SELECT count(*) FROM public.assessment_scores),
       (SELECT count(*) FROM public.achievements_unlocked), (SELECT count(*) FROM public.notifications),
       (SELECT count(DISTINCT user_id) FROM public.notifications)
  FROM weir.outcome_counts
 WHERE group_id = $1)sql";

constexpr const char* kDelivering = R"sql(
SELECT count(*) FILTER (WHERE status = 'sent'), count(*) FILTER (WHERE status = 'deferred'), count(*) FILTER (WHERE attempts > 1),
       (SELECT count(DISTINCT a.notification_id)
          FROM public.notification_attempts a
          JOIN public.notification_channels c ON c.organization_id IS NULL AND a.provider = ANY (c.providers[2:]))
  FROM public.notifications)sql";

constexpr const char* kInsights = R"sql(
SELECT count(*), count(*) FILTER (WHERE provider <> 'template'), count(replaced_at), coalesce(sum(cost_micro_usd), 0)::double precision / 1e6
  FROM public.insights)sql";

constexpr const char* kNewestScore = R"sql(
SELECT a.title, s.dimension, s.raw_score, s.standard_error, s.t_score
  FROM public.assessment_scores s
  JOIN public.assessments a ON a.id = s.assessment_id
 WHERE s.raw_score IS NOT NULL
 ORDER BY s.created_at DESC, s.submitted_at DESC, s.dimension
 LIMIT 1)sql";

constexpr const char* kNewestAchievement = R"sql(
SELECT a.name
  FROM public.achievements_unlocked u
  JOIN public.achievements a ON a.id = u.achievement_id
 ORDER BY u.created_at DESC, u.unlocked_at DESC, u.user_id
 LIMIT 1)sql";

constexpr const char* kNewestMessage = R"sql(
SELECT body
  FROM public.notifications
 WHERE channel = 'in_app' AND status = 'delivered'
 ORDER BY created_at DESC, id
 LIMIT 1)sql";

constexpr const char* kNewest = R"sql(
SELECT coalesce(a.name, m.agent_id::text), to_char(m.window_start AT TIME ZONE 'UTC', 'HH24:MI'), m.total_tasks, m.success_rate,
       m.avg_execution_time_ms, m.p95_execution_time_ms, m.avg_quality_score, m.is_final, m.is_complete
  FROM public.agent_metrics m LEFT JOIN public.agent_instances a ON a.id = m.agent_id
 WHERE m.total_tasks > 0 ORDER BY m.window_start DESC, m.updated_at DESC, m.agent_id LIMIT 8)sql";

}  // namespace

Watch::Watch(SqlSession session, kafka::Admin& admin, const Expectation& expectation, const Clock& clock)
    : session_(std::move(session)), admin_(admin), expectation_(expectation), clock_(clock), begin_(clock.steady()), last_(begin_) {}

Result<Sight> Watch::look(const Deeds& deeds) {
  Sight sight;
  const SteadyInstant now = clock_.steady();
  const double passed = std::max(1e-3, std::chrono::duration<double>(now - last_).count());
  sight.running = std::chrono::duration_cast<Seconds>(now - begin_);
  sight.changes = deeds.changes;
  sight.posts = deeds.posts;
  const pqxx::result totals = WEIR_TRY(session_.ask(kTotals, {expectation_.group}));
  sight.taken = totals[0][0].as<std::int64_t>();
  sight.dead = totals[0][1].as<std::int64_t>();
  sight.metric_rows = totals[0][2].as<std::int64_t>();
  sight.submissions = deeds.submissions;
  sight.scores = totals[0][3].as<std::int64_t>();
  sight.completions = deeds.completions;
  sight.achievements = totals[0][4].as<std::int64_t>();
  sight.messages = totals[0][5].as<std::int64_t>();
  sight.receivers = totals[0][6].as<std::int64_t>();
  const pqxx::result delivering = WEIR_TRY(session_.ask(kDelivering));
  sight.sent = delivering[0][0].as<std::int64_t>();
  sight.deferred = delivering[0][1].as<std::int64_t>();
  sight.retried = delivering[0][2].as<std::int64_t>();
  sight.failed_over = delivering[0][3].as<std::int64_t>();
  const auto insights = WEIR_TRY(session_.ask(kInsights));
  sight.insights = insights[0][0].as<std::int64_t>();
  sight.worded = insights[0][1].as<std::int64_t>();
  sight.replaced = insights[0][2].as<std::int64_t>();
  sight.cost_usd = insights[0][3].as<double>();
  for (const auto& row : WEIR_TRY(session_.ask(kNewestMessage))) sight.newest_message = row[0].as<std::string>();
  for (const auto& row : WEIR_TRY(session_.ask(kNewestScore))) {
    sight.newest_score =
        ScoreLine{row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<double>(), row[3].as<double>(), row[4].as<double>()};
  }
  for (const auto& row : WEIR_TRY(session_.ask(kNewestAchievement))) sight.newest_achievement = row[0].as<std::string>();
  sight.changes_per_second = static_cast<double>(sight.changes - before_.changes) / passed;
  sight.posts_per_second = static_cast<double>(sight.posts - before_.posts) / passed;
  sight.taken_per_second = static_cast<double>(sight.taken - before_.taken) / passed;
  sight.lag = WEIR_TRY(lag());
  sight.newest = WEIR_TRY(newest());
  before_ = sight;
  last_ = now;
  return sight;
}

Result<std::int64_t> Watch::lag() {
  std::map<std::pair<std::string, std::int32_t>, std::int64_t> next;
  for (const auto& row : WEIR_TRY(session_.ask(sql::kPositions, {expectation_.group}))) {
    next[{row[0].as<std::string>(), row[1].as<std::int32_t>()}] = row[2].as<std::int64_t>();
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
  const auto number = [](const pqxx::field& field) { return field.is_null() ? std::nullopt : std::optional(field.as<double>()); };
  for (const auto& row : WEIR_TRY(session_.ask(kNewest))) {
    lines.push_back({row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::int64_t>(), number(row[3]), number(row[4]),
                     number(row[5]), number(row[6]), row[7].as<bool>(), row[8].as<bool>()});
  }
  return lines;
}

}  // namespace weir::demo
