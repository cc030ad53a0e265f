// system_health in a real Postgres: what its numbers are made of, and that it follows every change.
#include "tests/component/rollups/bench_of_instances.hpp"

#include <thread>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kEnd = kStart + std::chrono::hours{1};
constexpr auto kLateness = std::chrono::minutes{2};

Instant minute(int number) { return kStart + std::chrono::minutes{number}; }

std::shared_ptr<runtime::Event> created(int agent, AgentStatus status, Instant at = kStart) {
  AgentRow row = agent_row(agent, status, at, at);
  row.name = "a" + std::to_string(agent);
  return agent_change(std::nullopt, row, 1, at);
}

std::shared_ptr<runtime::Event> became(int agent, AgentStatus status, Instant at, std::int64_t lsn) {
  AgentRow row = agent_row(agent, status, at);
  row.name = "a" + std::to_string(agent);
  return agent_change(agent_row(agent, AgentStatus::kMaintenance, at - Seconds{1}), row, lsn, at);
}

std::shared_ptr<runtime::Event> ended(int agent, Instant at, const std::string& status = "completed", std::int64_t ms = 1000) {
  ExecutionRow row = execution(agent, at, status);
  row.execution_time = ms * kMs;
  return change(std::nullopt, row);
}

std::string rows(const std::string& dsn, const std::string& columns, const std::string& table = "system_health") {
  return dump(dsn, "SELECT extract(epoch FROM window_start - '2026-11-18 12:00Z')::int / 60, " + columns + " FROM " + table +
                       " ORDER BY window_start");
}

}  // namespace

TEST_CASE("a window's health is made of its agents' metrics, their statuses at its end, and the queue") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{1});
  Instance instance(dsn);
  instance.apply({created(1, AgentStatus::kIdle), created(2, AgentStatus::kBusy), created(3, AgentStatus::kOffline),
                  became(2, AgentStatus::kMaintenance, minute(4), 2), ended(1, minute(1)), ended(1, minute(2), "failed", 3000),
                  ended(2, minute(3)), ended(2, minute(3), "cancelled"), task_change(std::nullopt, task(true, minute(1))),
                  task_change(std::nullopt, task(true, minute(1))), change(std::nullopt, running(1, minute(2)))});
  instance.close(minute(5) + kLateness);
  // success 50, availability (100 + 80 + 0) / 3 = 60, response 100 − 100·(5000/3)/10000, queue 98, errors 25
  CHECK(rows(dsn,
             "round(overall_health_score::numeric, 6), system_success_rate, availability_percent, round(avg_execution_time_ms), "
             "active_agents, total_agents, queued_tasks, running_tasks, no_data, status, is_final, revision") ==
        "0|68.866667|50|60|1667|1|3|2|1|{}|warning|t|0\n");
  CHECK(rows(dsn,
             "critical_issues, warnings, (SELECT string_agg(concat_ws(' ', i->>'severity', i->>'kind', i->>'value', i->>'threshold', "
             "i->>'message'), ';' ORDER BY i->>'kind' DESC) FROM jsonb_array_elements(issues) i)") ==
        "0|0|2|warning success_rate 50 80 success rate 50 % is below 80 %;warning health_score 68.866666667 80 health score 68.87 is below "
        "80\n");
  CHECK(rows(dsn,
             "total_tasks, completed_tasks, failed_tasks, execution_time_count, execution_time_sum, availability_count, "
             "availability_sum") == "0|4|2|1|3|5000000000000|3|180\n");
}

TEST_CASE("a queue's length lasts until it changes, in every window, whatever order its changes come in") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{1});
  Instance instance(dsn);
  const TaskRow waits = task(true, minute(1));
  instance.apply({task_change(std::nullopt, waits)});
  instance.close(minute(20) + kLateness);
  CHECK(rows(dsn, "queued_tasks") == "0|1\n5|1\n10|1\n15|1\n");
  instance.apply({task_change(waits, task(false, minute(1), minute(12)))});  // late
  instance.close(minute(30) + kLateness);
  CHECK(rows(dsn, "queued_tasks, revision") == "0|1|0\n5|1|0\n10|0|1\n");  // windows of an empty queue have nothing to tell
  instance.apply({task_change(std::nullopt, task(true, minute(-9))), change(std::nullopt, running(1, minute(27)))});
  instance.close(minute(30) + kLateness);
  CHECK(rows(dsn, "queued_tasks, running_tasks") == "-10|1|0\n-5|1|0\n0|2|0\n5|2|0\n10|1|0\n15|1|0\n20|1|0\n25|1|1\n");
}

TEST_CASE("what joined before the group began is in no queue, and a queue that is not known is no data") {
  const std::string dsn = database_known_from(minute(10));
  Instance instance(dsn);
  instance.apply({created(1, AgentStatus::kIdle), task_change(std::nullopt, task(true, minute(9))),
                  task_change(task(true, minute(8)), task(false, minute(8), minute(16))), task_change(std::nullopt, task(true, minute(11))),
                  change(running(1, minute(9)), execution(1, minute(17))), change(std::nullopt, running(1, minute(18)))});
  instance.close(minute(20) + kLateness);
  CHECK(rows(dsn, "queued_tasks, running_tasks, no_data") ==
        "0|0|0|{success_rate,response,queue,error}\n5|0|0|{success_rate,response,queue,error}\n10|1|0|{success_rate,response,error}\n"
        "15|1|1|{response}\n");
  instance.apply({event_of(Incomplete{Source::kTasks, minute(17), "without_old_row"})});
  instance.apply({ended(1, minute(16))});
  instance.close(minute(20) + kLateness);
  CHECK(rows(dsn, "no_data") ==
        "0|{success_rate,response,queue,error}\n5|{success_rate,response,queue,error}\n10|{success_rate,response,error}\n15|{queue}\n");
}

TEST_CASE("a late event corrects the health of its window and the total, and a window that did not change is not written") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{1});
  Instance instance(dsn);
  instance.apply({created(1, AgentStatus::kIdle), ended(1, minute(1)), ended(1, minute(6))});
  instance.close(minute(10) + kLateness);
  CHECK(rows(dsn, "system_success_rate, is_final, revision, corrected_at IS NULL") == "0|100|t|0|t\n5|100|t|0|t\n");
  instance.apply({ended(1, minute(7), "failed")});
  instance.close(minute(10) + kLateness);
  CHECK(rows(dsn, "system_success_rate, is_final, revision, corrected_at IS NULL") == "0|100|t|0|t\n5|50|t|1|f\n");
  CHECK(rows(dsn, "system_success_rate, is_final", "weir.system_health_total") == "0|100|t\n5|50|t\n");
  run_sql(dsn, "INSERT INTO weir.window_changes (organization_id, window_start) SELECT organization_id, window_start FROM system_health");
  instance.close(minute(10) + kLateness);
  CHECK(rows(dsn, "revision, version") == "0|0|1\n5|1|2\n");
}

TEST_CASE("a late change of status changes who is active and in error, also where uptime stays the same") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{1});
  Instance instance(dsn);
  instance.apply({created(1, AgentStatus::kMaintenance)});
  instance.close(minute(10) + kLateness);
  CHECK(rows(dsn, "active_agents, status") == "0|0|warning\n5|0|warning\n");
  instance.apply({became(1, AgentStatus::kError, minute(6), 2)});
  instance.close(minute(10) + kLateness);
  CHECK(rows(dsn, "active_agents, status, revision") == "0|0|warning|0\n5|0|critical|1\n");
  instance.apply({agent_change(agent_row(1, AgentStatus::kError, minute(6)), std::nullopt, 3, minute(7))});
  instance.close(minute(10) + kLateness);
  CHECK(rows(dsn, "total_agents, status, revision") == "0|1|warning|0\n5|0|warning|2\n");
}

TEST_CASE("a status that is taken just when a window ends belongs to the next window") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{1});
  Instance instance(dsn);
  instance.apply({created(1, AgentStatus::kIdle), became(1, AgentStatus::kError, minute(5), 2)});
  instance.close(minute(5) + kLateness);
  CHECK(rows(dsn, "active_agents") == "0|1\n");
  instance.close(minute(10) + kLateness);
  CHECK(rows(dsn, "active_agents") == "0|1\n5|0\n");
}

TEST_CASE("the total is over all organizations, in any order, and names whose each issue is") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{1});
  Instance instance(dsn);
  ExecutionRow other = execution(7, minute(1), "failed");
  other.organization = OrganizationId{id(2)};
  instance.apply(
      {created(1, AgentStatus::kIdle), ended(1, minute(1)), ended(1, minute(1)), ended(1, minute(1)), change(std::nullopt, other)});
  instance.close(minute(5) + kLateness);
  CHECK(rows(dsn, "system_success_rate, active_agents, total_agents, critical_issues, status, is_final", "weir.system_health_total") ==
        "0|75|1|1|1|critical|t\n");
  CHECK(dump(dsn, "SELECT DISTINCT right(i->>'organization_id', 1) FROM weir.system_health_total, jsonb_array_elements(issues) i") ==
        "2\n");
  CHECK(dump(dsn, "SELECT count(*) FROM system_health_overall WHERE status = 'critical'") == "1\n");
}

TEST_CASE("an organization's own thresholds count for it alone") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{1});
  run_sql(dsn, "INSERT INTO weir.health_settings VALUES ('" + id(2).text() + "', 'success_rate_critical', 0), ('" + id(2).text() +
                   "', 'success_rate_warning', 0), ('" + id(2).text() + "', 'min_samples', 1), ('" + id(2).text() +
                   "', 'execution_time_warning_ms', 500)");
  Instance instance(dsn);
  const auto in_other = [](ExecutionRow row) {
    row.organization = OrganizationId{id(2)};
    row.execution_time = 1000 * kMs;
    return change(std::nullopt, row);
  };
  instance.apply({ended(1, minute(1), "failed"), in_other(execution(1, minute(1), "failed"))});
  instance.close(minute(5) + kLateness);
  CHECK(dump(dsn,
             "SELECT right(organization_id::text, 1), string_agg(i->>'kind', ' ' ORDER BY i->>'kind', i->>'agent_id') FROM system_health, "
             "jsonb_array_elements(issues) i WHERE i->>'kind' <> 'health_score' GROUP BY 1 ORDER BY 1") ==
        "1|success_rate\n2|execution_time execution_time\n");
}

TEST_CASE("an organization that is no row of organizations has its health too, and keeps no mark") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{1});
  run_sql(dsn, "DELETE FROM organizations WHERE id = '" + id(2).text() + "'");
  Instance instance(dsn);
  Events events;
  for (int i = 0; i < 6; ++i) {
    ExecutionRow row = execution(7, minute(1), "failed");
    row.organization = OrganizationId{id(2)};
    events.push_back(change(std::nullopt, row));
  }
  instance.apply(events);
  instance.close(minute(5) + kLateness);
  CHECK(rows(dsn, "right(organization_id::text, 1), failed_tasks, is_final") == "0|2|6|t\n");
  CHECK(dump(dsn, "SELECT DISTINCT right(organization_id::text, 1) FROM alerts") == "2\n");
  CHECK(dump(dsn, "SELECT (SELECT count(*) FROM weir.refused_wakeups), (SELECT count(*) FROM weir.window_changes)") == "0|0\n");
}

TEST_CASE("an organization that Postgres refuses keeps its marks, and all others are derived") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{1});
  run_sql(dsn, "ALTER TABLE system_health ADD CONSTRAINT refused CHECK (organization_id <> '" + id(2).text() + "')");
  Instance instance(dsn);
  ExecutionRow other = execution(7, minute(1));
  other.organization = OrganizationId{id(2)};
  instance.apply({ended(1, minute(1)), change(std::nullopt, other)});
  instance.close(minute(5) + kLateness);
  CHECK(dump(dsn, "SELECT DISTINCT right(organization_id::text, 1) FROM system_health") == "1\n");
  CHECK(dump(dsn, "SELECT DISTINCT right(organization_id::text, 1) FROM weir.window_changes") == "2\n");
  CHECK(dump(dsn, "SELECT wakeup, right(key, 1), constraint_name FROM weir.refused_wakeups") == "deriving|2|refused\n");
  run_sql(dsn, "ALTER TABLE system_health DROP CONSTRAINT refused; UPDATE weir.refused_wakeups SET next_try = now()");
  instance.close(minute(5) + kLateness);
  CHECK(dump(dsn, "SELECT count(*), bool_and(is_final) FROM system_health") == "2|t\n");
  CHECK(dump(dsn, "SELECT (SELECT count(*) FROM weir.refused_wakeups), (SELECT count(*) FROM weir.window_changes)") == "0|0\n");
}

TEST_CASE("two instances that derive one organization at once leave what the later change makes") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{1});
  Instance first(dsn);
  Instance second(dsn);
  first.apply({ended(1, minute(1)), ended(1, minute(6))});
  first.close(std::nullopt);
  first.apply({ended(1, minute(1)), ended(1, minute(6))});
  auto blocker = connect(dsn);
  must(blocker.begin());
  must(blocker.script("UPDATE system_health SET version = version WHERE window_start = '2026-11-18 12:00Z'"));
  // It has read both windows, and waits at the first.
  std::thread deriving([&] { first.close(std::nullopt); });
  await_blocked(dsn);
  second.apply({ended(1, minute(6), "failed")});
  second.wake();
  must(blocker.commit());
  deriving.join();
  second.close(std::nullopt);
  CHECK(rows(dsn, "total_tasks, failed_tasks") == "0|2|0\n5|3|1\n");
}

TEST_CASE("deriving reads the metrics after it took the marks") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{1});
  Instance instance(dsn);
  instance.apply({ended(1, minute(1))});
  // Another unit of work that holds back whoever takes marks until it commits a change with its mark.
  auto other = connect(dsn);
  must(other.begin());
  must(other.script("LOCK TABLE weir.window_changes IN SHARE ROW EXCLUSIVE MODE"));
  std::thread deriving([&] { instance.close(std::nullopt); });
  await_blocked(dsn);
  must(other.script(R"(
    UPDATE agent_metrics SET total_tasks = 5, version = version + 1;
    INSERT INTO weir.window_changes (organization_id, window_start) SELECT organization_id, window_start FROM agent_metrics)"));
  must(other.commit());
  deriving.join();
  CHECK(rows(dsn, "total_tasks") == "0|5\n");
}
