// An application of three agents under the pipeline of the tests of truth, whose windows are compared with exact SQL.
#pragma once

#include "demo/clients/http_client.hpp"
#include "tests/component/incidents/runbook.hpp"
#include "tests/component/rollups/truth/pipeline.hpp"

namespace weir::testing {

/// Agents of an organization, as old as the executions.
inline constexpr const char* kAgents = R"(
CREATE TABLE present AS SELECT date_trunc('hour', now() - interval '10 minutes') AS hour;
INSERT INTO organizations (id, name) VALUES ('00000000-0000-4000-8000-000000000001', 'org');
INSERT INTO agent_instances (id, organization_id, name, agent_type, status, status_changed_at, created_at)
SELECT ('00000000-0000-4000-9000-' || lpad(a::text, 12, '0'))::uuid, '00000000-0000-4000-8000-000000000001', 'agent ' || a, 'writer', 'idle',
       hour - interval '3 hours', hour - interval '3 hours'
  FROM generate_series(1, 3) a, present)";

/// 500 executions of the three hours before the present hour.
inline constexpr const char* kExecutions = R"(
INSERT INTO agent_executions (organization_id, agent_id, task_type, status, progress, started_at, completed_at, execution_time_ms, updated_at)
SELECT '00000000-0000-4000-8000-000000000001', ('00000000-0000-4000-9000-' || lpad((1 + n % 3)::text, 12, '0'))::uuid, 'write', 'completed', 100,
       ended - interval '1 minute', ended, 5 * n, ended
  FROM (SELECT n, hour - (n % 179) * interval '1 minute' - interval '1 second' AS ended FROM generate_series(1, 500) n, present) e)";

class Ops {
 public:
  explicit Ops(int port) : listen("127.0.0.1:" + std::to_string(port)), client_(port, Milliseconds{2'000}) {}
  [[nodiscard]] std::string get(const char* path) {
    const auto answer = client_.get(path);
    return answer ? answer->body : "";
  }
  [[nodiscard]] bool is_ready() {
    const auto answer = client_.get("/readyz");
    return answer && answer->status == 200;
  }

  const std::string listen;

 private:
  demo::HttpClient client_;
};

/// The days that hold the executions, as the pages' FROM and TO.
inline void set_days(Runbook& page, rollups::Pipeline& pipeline) {
  page.set("FROM", pipeline.run("SELECT (hour AT TIME ZONE 'UTC' - interval '1 day')::date FROM present"));
  page.set("TO", pipeline.run("SELECT (hour AT TIME ZONE 'UTC' + interval '1 day')::date FROM present"));
}

/// Until every window is as exact SQL says and nothing is left to be computed anew, so that nothing but the page mends what is spoiled
/// then.
inline void await_truth(rollups::Pipeline& pipeline) {
  pipeline.await_true(
      "EXISTS (SELECT FROM weir.rollup_progress, present WHERE closed_until >= hour AND armed_from IS NULL AND recomputed_from IS NOT "
      "NULL) "
      "AND NOT EXISTS (SELECT FROM weir.recompute_wishes) "
      "AND NOT EXISTS (SELECT FROM agent_metrics, present WHERE NOT is_complete AND window_start < hour - interval '1 hour')");
  await(
      rollups::kPatience, [&] { return pipeline.wrong_values() == ""; }, Milliseconds{300});
  CHECK(pipeline.wrong_values() == "");
}

}  // namespace weir::testing
