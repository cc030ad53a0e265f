// Which windows are complete after a first start, accepted gaps, snapshots, truncations and left-out changes.
#include "tests/component/rollups/bench_of_instances.hpp"

#include <fmt/format.h>

using namespace weir;
using namespace weir::rollups;

namespace {

constexpr const char* kComplete =
    "SELECT to_char(window_start, 'DD HH24:MI'), is_complete FROM agent_metrics ORDER BY window_start, agent_id";

Instant minutes(int count) { return kStart + std::chrono::minutes{count}; }

std::shared_ptr<runtime::Event> ended(int agent, Instant at) { return change(std::nullopt, execution(agent, at), at); }

void accept_gap(const std::string& dsn, const std::string& topic, Instant at) {
  run_sql(dsn, fmt::format("INSERT INTO weir.offset_gaps (group_id, topic, partition, kind, next_offset, log_begin, log_end, accepted_at) "
                           "VALUES ('weir.rollups', '{}', 0, 'below_log_start', 5, 9, 20, '{}')",
                           topic, format_instant(at)));
}

}  // namespace

TEST_CASE("windows that may have begun before the group are not complete; later ones are") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  const Instant started = SystemClock().now();
  instance.apply(
      {ended(1, started - Seconds{1}), ended(1, started + std::chrono::minutes{9}), ended(1, started + std::chrono::minutes{17})});
  CHECK(dump(dsn, "SELECT is_complete FROM agent_metrics ORDER BY window_start") == "f\nf\nt\n");
  Instance later(dsn);
  later.apply({ended(2, started + std::chrono::minutes{17})});
  CHECK(dump(dsn, "SELECT count(*) FROM agent_metrics WHERE is_complete") == "2\n");
}

TEST_CASE("a window of an agent without a task is as complete as any other") {
  const std::string dsn = database_known_from(minutes(5));
  Instance instance(dsn);
  instance.apply({agent_change(std::nullopt, agent_row(1, AgentStatus::kIdle, kStart), 1, kStart)});
  instance.close(minutes(17));
  CHECK(dump(dsn, kComplete) == "18 12:00|f\n18 12:05|t\n18 12:10|t\n");
}

TEST_CASE("an accepted gap leaves the windows before it in doubt, both written ones and later ones") {
  struct Case {
    std::string topic;
    std::string metrics;
    std::string engagement;
  };
  for (const auto& [topic, metrics, engagement] : {Case{by_default().topics.executions, "f\nf\nf\nt\n", "t\nt\n"},
                                                   {by_default().topics.agents, "f\nf\nf\nt\n", "t\nt\n"},
                                                   {by_default().topics.notices, "f\nf\nf\nt\n", "t\nt\n"},
                                                   {by_default().topics.actions, "t\nt\nt\nt\n", "f\nt\n"},
                                                   {by_default().topics.tasks, "t\nt\nt\nt\n", "t\nt\n"}}) {
    CAPTURE(topic);
    const std::string dsn = database_known_from(kStart - std::chrono::days{3});
    Instance instance(dsn);
    instance.apply({ended(1, kStart - std::chrono::days{2}), ended(1, minutes(1)), ended(1, minutes(12)), ended(1, minutes(20)),
                    acted("1", minutes(1)), acted("2", minutes(20))});
    accept_gap(dsn, topic, minutes(10));
    instance.close(std::nullopt);
    CHECK(dump(dsn, "SELECT is_complete FROM agent_metrics ORDER BY window_start") == metrics);
    CHECK(dump(dsn, "SELECT e.is_complete FROM engagement_rollups e ORDER BY window_start") == engagement);
    instance.apply({ended(2, minutes(12))});
    CHECK(dump(dsn, "SELECT is_complete FROM agent_metrics WHERE agent_id = '" + id(102).text() + "'") == metrics.substr(0, 2));
  }
}

TEST_CASE("rows are marked a few at a time, newest first, and a correction does not make a marked row complete") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{5});
  Options options = by_default();
  options.closing.rows_a_step = 2;
  Instance instance(dsn, options);
  Events events;
  for (int day = 0; day < 3; ++day) {
    for (int agent = 0; agent < 3; ++agent) events.push_back(ended(agent, kStart - std::chrono::days{day}));
  }
  events.push_back(ended(1, minutes(30)));
  instance.apply(events);
  accept_gap(dsn, by_default().topics.executions, minutes(5));
  instance.wake();  // takes the gap into account
  const std::string days =
      "SELECT string_agg(DISTINCT to_char(window_start, 'DD'), ' ') FILTER (WHERE NOT is_complete), count(*) FILTER (WHERE NOT "
      "is_complete) "
      "FROM agent_metrics";
  CHECK(dump(dsn, days) == "null|0\n");
  instance.wake();
  CHECK(dump(dsn, days) == "18|2\n");
  instance.wake();  // derives
  instance.wake();
  CHECK(dump(dsn, days) == "18|3\n");
  instance.apply({ended(0, kStart), ended(0, kStart - std::chrono::days{2})});
  instance.close(std::nullopt);
  CHECK(dump(dsn, days) == "16 17 18|9\n");
  CHECK(dump(dsn, "SELECT unmarked_until FROM weir.rollup_progress") == "null\n");
  CHECK(dump(dsn, "SELECT sum(total_tasks), max(version) FROM agent_metrics") == "12|3\n");
  CHECK(dump(dsn, "SELECT count(*) FROM agent_metrics WHERE is_complete") == "1\n");
}

TEST_CASE("a final row that turns out to be incomplete is corrected") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{1});
  Instance instance(dsn);
  instance.apply({ended(1, kStart)});
  instance.close(minutes(30));
  accept_gap(dsn, by_default().topics.executions, minutes(10));
  instance.close(minutes(30));
  CHECK(dump(dsn, "SELECT is_complete, is_final, revision, corrected_at IS NOT NULL FROM agent_metrics") == "f|t|1|t\n");
}

TEST_CASE("a snapshot, a truncation and a left-out change put the windows before them in doubt") {
  for (const char* skipped : {"snapshot", ""}) {
    CAPTURE(skipped);
    const std::string dsn = database_known_from(kStart - std::chrono::days{1});
    Instance instance(dsn);
    instance.apply({ended(1, kStart), ended(1, minutes(30))});
    const auto outcomes = instance.apply({event_of(Incomplete{Source::kExecutions, minutes(15), skipped}), ended(2, minutes(12))});
    CHECK(std::holds_alternative<runtime::Skipped>(outcomes[0]) == (*skipped != '\0'));
    instance.close(std::nullopt);
    CHECK(dump(dsn, kComplete) == "18 12:00|f\n18 12:10|f\n18 12:30|t\n");
  }
}

TEST_CASE("after a change of the limits of time, windows up to now are in doubt") {
  const std::string dsn = database_known_from(kStart);
  const Instant now = SystemClock().now();
  Options options = by_default();
  options.times.retention = std::chrono::days{60};
  Instance instance(dsn, options);
  instance.apply({ended(1, now), ended(1, now + std::chrono::minutes{17})});
  CHECK(dump(dsn, "SELECT is_complete FROM agent_metrics ORDER BY window_start") == "f\nt\n");
  CHECK(dump(dsn, "SELECT agents_known_from = actions_known_from, executions_known_from > now() FROM weir.rollup_progress") == "t|t\n");
}

TEST_CASE("where changes of agents were lost, each agent's status is in doubt until its next change") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{1});
  Instance instance(dsn);
  instance.apply({agent_change(std::nullopt, agent_row(1, AgentStatus::kIdle, kStart), 1, kStart),
                  agent_change(std::nullopt, agent_row(2, AgentStatus::kIdle, kStart), 2, kStart)});
  accept_gap(dsn, by_default().topics.agents, minutes(5));
  instance.close(minutes(22));  // a gap may reach to 12:15, and no change has told of agent 1 up to 12:20
  instance.apply({agent_change(agent_row(1, AgentStatus::kIdle, kStart), agent_row(1, AgentStatus::kBusy, minutes(21)), 9, minutes(21))});
  instance.close(minutes(37));
  CHECK(dump(dsn, "SELECT to_char(window_start, 'HH24:MI'), is_complete FROM agent_metrics WHERE agent_id = '" + id(101).text() +
                      "' ORDER BY 1") == "12:00|f\n12:05|f\n12:10|f\n12:15|f\n12:20|f\n12:25|t\n12:30|t\n");
  CHECK(dump(dsn, "SELECT count(*) FROM agent_metrics WHERE is_complete AND agent_id = '" + id(102).text() + "'") == "0\n");
}

TEST_CASE("a process of the release before can go on writing, and its rows do not claim to be complete") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{1});
  run_sql(dsn, "SELECT weir.ensure_partition('public.agent_metrics', '2026-11-18')");
  const std::string key = fmt::format("'{}', '{}', '2026-11-18 12:00Z'", id(1).text(), id(101).text());
  // As the former release writes rows: an array of the type without is_complete, columns by their names.
  run_sql(dsn,
          "INSERT INTO public.agent_metrics (organization_id, agent_id, window_start, completed_tasks, total_tasks, version, touched) "
          "SELECT organization_id, agent_id, window_start, completed_tasks, total_tasks, version, touched FROM "
          "unnest(ARRAY[jsonb_populate_record(NULL::weir.agent_metrics_row, '{\"completed_tasks\": 1, \"total_tasks\": 1, "
          "\"version\": 1, \"touched\": true}' || jsonb_build_object('organization_id', '" +
              id(1).text() + "', 'agent_id', '" + id(101).text() + "', 'window_start', '2026-11-18 12:00Z'))])");
  run_sql(dsn,
          "INSERT INTO weir.rollup_progress (group_id, closed_until, updated_at) VALUES ('weir.rollups', '2026-11-18 11:00Z', now()) "
          "ON CONFLICT (group_id) DO UPDATE SET closed_until = greatest(rollup_progress.closed_until, excluded.closed_until)");
  Instance instance(dsn);
  instance.apply({ended(1, kStart)});
  CHECK(dump(dsn, "SELECT total_tasks, is_complete FROM agent_metrics") == "2|f\n");
}
