// The rows of agent_metrics against exact SQL over the application's own rows, through real change capture: a day of 50 agents with changes
// that come late, and an application with a month of history before weir starts, while recomputation is killed at each of its steps.
#include "tests/component/rollups/truth/pipeline.hpp"

using namespace weir;
using namespace weir::rollups;

namespace {

/// `{0}` agents of `{1}` organizations, from `{2}` days before the present hour on. The session's `hour` is that hour.
constexpr const char* kAgents = R"(
SELECT setseed(0.42);
CREATE TABLE present AS SELECT date_trunc('hour', now() - interval '10 minutes') AS hour;
INSERT INTO organizations (id, name) SELECT ('00000000-0000-4000-8000-00000000000' || o)::uuid, 'org' FROM generate_series(1, {1}) o;
INSERT INTO agent_instances (id, organization_id, name, agent_type, status, status_changed_at, created_at)
SELECT ('00000000-0000-4000-9000-' || lpad(a::text, 12, '0'))::uuid, ('00000000-0000-4000-8000-00000000000' || 1 + a % {1})::uuid,
       'agent ' || a, 'writer', 'idle', hour - interval '{2} days', hour - interval '{2} days'
  FROM generate_series(1, {0}) a, present)";

/// `{0}` executions that ended in the `{1}` hours up to the present hour; some carry no samples, no time of their own, or no end.
constexpr const char* kExecutions = R"(
INSERT INTO agent_executions (organization_id, agent_id, task_type, status, progress, started_at, completed_at, execution_time_ms, memory_mb,
                              cpu_percent, quality_score, confidence_score, user_rating, updated_at)
SELECT i.organization_id, i.id, 'write', (ARRAY['completed', 'completed', 'completed', 'completed', 'failed', 'cancelled'])[1 + floor(6 * random())],
       100, ended - random() * interval '20 minutes', CASE WHEN random() < 0.97 THEN ended END,
       CASE WHEN random() < 0.9 THEN exp(2 + 8 * random()) END, CASE WHEN random() < 0.8 THEN 2000 * random() END,
       CASE WHEN random() < 0.8 THEN 100 * random() END, CASE WHEN random() < 0.7 THEN round(random()::numeric, 3) END,
       CASE WHEN random() < 0.7 THEN random() END, CASE WHEN random() < 0.3 THEN 1 + floor(5 * random()) END, ended
  FROM (SELECT hour - random() * interval '{1} hours' AS ended, row_number() OVER () AS n FROM generate_series(1, {0}), present) e
  JOIN (SELECT *, row_number() OVER (ORDER BY id) AS number, count(*) OVER () AS agents FROM agent_instances) i
    ON i.number = 1 + mod(n * 7919 + n / 13, agents))";

/// Ratings given later, ends that move, other values, values out of their domain, and rows that are deleted.
constexpr const char* kLateChanges = R"(
UPDATE agent_executions SET user_rating = 1 + floor(5 * random()) WHERE random() < 0.05;
UPDATE agent_executions SET completed_at = completed_at - random() * interval '5 hours' WHERE random() < 0.01;
UPDATE agent_executions SET status = 'failed', memory_mb = memory_mb / 2 WHERE random() < 0.01;
UPDATE agent_executions SET quality_score = 1.7 WHERE random() < 0.003;
UPDATE agent_executions SET status = 'running', completed_at = NULL WHERE random() < 0.003;
DELETE FROM agent_executions WHERE random() < 0.01)";

}  // namespace

TEST_CASE("a day of 50 agents, with changes of windows that were final: every value is that of exact SQL over the source") {
  Pipeline pipeline(false);
  auto cdc = pipeline.start("cdc");
  pipeline.await_capture();
  auto rollups = pipeline.start("rollups");
  pipeline.run(fmt::format(kAgents, 50, 2, 2));
  pipeline.run(fmt::format(kExecutions, 24'000, 24));
  pipeline.await_true("EXISTS (SELECT FROM weir.rollup_progress, present WHERE closed_until >= hour)");
  await(
      kPatience, [&] { return pipeline.wrong_values() == ""; }, Milliseconds{500});
  CHECK(pipeline.wrong_values() == "");
  pipeline.run(kLateChanges);
  pipeline.run(fmt::format(kExecutions, 1'000, 20));
  await(
      kPatience, [&] { return pipeline.wrong_values() == ""; }, Milliseconds{500});
  CHECK(pipeline.wrong_values() == "");
  CHECK(std::stoi(pipeline.run("SELECT count(*) FROM agent_metrics WHERE revision > 0")) > 1'000);
  CHECK(std::stoi(pipeline.run("SELECT count(*) FROM agent_metrics WHERE total_tasks > 0")) > 8'000);
  CHECK(std::stoi(pipeline.run("SELECT count(*) FROM weir.dead_letters WHERE reason = 'out_of_domain'")) > 0);
  CHECK(rollups.stop(kPatience).ok());
  CHECK(cdc.stop(kPatience).ok());
}

TEST_CASE("a month of 10 agents from before weir, changed while recomputation is killed at each step: every value is that of exact SQL") {
  Pipeline pipeline(true);
  pipeline.run(fmt::format(kAgents, 10, 1, 28));
  pipeline.run(fmt::format(kExecutions, 20'000, 27 * 24));
  auto cdc = pipeline.start("cdc");
  auto rollups = pipeline.start("rollups");
  pipeline.await_true("EXISTS (SELECT FROM weir.rollup_progress, present WHERE closed_until >= hour)");
  CHECK(rollups.kill().signal == SIGKILL);
  // Each step waits at a table that another session holds, and is killed there. Of the source even reading waits.
  struct Step {
    std::string_view table;
    std::string_view mode = "SHARE";
  };
  for (const Step& step :
       {Step{"weir.standing_deltas"}, Step{"weir.recompute_witnesses"}, Step{"public.agent_executions", "ACCESS EXCLUSIVE"},
        Step{"public.agent_metrics"}, Step{"weir.window_changes"}, Step{"weir.recomputations"}, Step{"weir.recompute_wishes"}}) {
    CAPTURE(step.table);
    pipeline.run(kLateChanges);
    pipeline.run(fmt::format(kExecutions, 200, 20 * 24));
    pipeline.run(
        "UPDATE weir.rollup_progress SET standing_at = NULL; INSERT INTO weir.recompute_wishes (group_id, window_from, window_until) "
        "SELECT 'weir.rollups', hour - interval '30 hours', hour FROM present");
    auto holder = pipeline.open();
    REQUIRE(holder.script(fmt::format("BEGIN; LOCK TABLE {} IN {} MODE", step.table, step.mode)).has_value());
    rollups = pipeline.start("rollups");
    pipeline.await_true(
        fmt::format("EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND l.relation = "
                    "'{}'::regclass AND a.application_name = 'weir rollups recompute')",
                    step.table));
    CHECK(rollups.kill().signal == SIGKILL);
    REQUIRE(holder.script("ROLLBACK").has_value());
  }
  rollups = pipeline.start("rollups");
  pipeline.await_true(
      "NOT EXISTS (SELECT FROM weir.recompute_wishes) AND (SELECT armed_from IS NULL AND recomputed_from IS NOT NULL FROM "
      "weir.rollup_progress) AND NOT EXISTS (SELECT FROM agent_metrics, present WHERE NOT is_complete AND window_start < hour - interval "
      "'1 hour')");
  await(
      kPatience, [&] { return pipeline.wrong_values() == ""; }, Milliseconds{500});
  CHECK(pipeline.wrong_values() == "");
  // Every agent has each window of its life.
  CHECK(pipeline.run("SELECT count(*) = 10 * 28 * 288 FROM agent_metrics, present WHERE window_start < hour") == "t");
  CHECK(pipeline.run("SELECT recompute_fault FROM weir.rollup_progress") == "null");
  CHECK(rollups.stop(kPatience).ok());
  CHECK(cdc.stop(kPatience).ok());
}
