// Closing in a real Postgres: a row for every agent, uptime, late changes of status.
#include "tests/component/rollups/bench_of_instances.hpp"

#include <fmt/format.h>

#include <thread>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kLater = kStart + std::chrono::hours{2};

std::shared_ptr<runtime::Event> created(int agent, AgentStatus status, std::int64_t second) {
  const Instant at = kStart + Seconds{second};
  return agent_change(std::nullopt, agent_row(agent, status, at, at), 1, at);
}

std::shared_ptr<runtime::Event> became(int agent, AgentStatus status, std::int64_t second, std::int64_t lsn) {
  const Instant at = kStart + Seconds{second};
  return agent_change(agent_row(agent, AgentStatus::kError, at - Seconds{1}), agent_row(agent, status, at), lsn, at);
}

std::shared_ptr<runtime::Event> deleted(int agent, std::int64_t second, std::int64_t lsn) {
  const Instant at = kStart + Seconds{second};
  return agent_change(agent_row(agent, AgentStatus::kIdle, kStart), std::nullopt, lsn, at);
}

constexpr const char* kUptime =
    "SELECT extract(epoch from window_start - '2026-11-18 12:00Z')::int / 300, total_tasks, uptime_percent, availability_percent, "
    "is_final, "
    "revision FROM agent_metrics ORDER BY agent_id, window_start";

}  // namespace

TEST_CASE("every known agent has a row in each closed window of its life, with its uptime") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  instance.apply({created(1, AgentStatus::kIdle, 150), became(1, AgentStatus::kOffline, 360, 2), became(1, AgentStatus::kBusy, 420, 3),
                  became(1, AgentStatus::kError, 480, 4), deleted(1, 660, 5)});
  instance.close(kLater);
  CHECK(dump(dsn, kUptime) == "0|0|100|100|t|0\n1|0|80|40|t|0\n2|0|100|0|t|0\n");
  CHECK(dump(dsn, "SELECT known_us, execution_time_sketch, execution_time_sum, touched FROM agent_metrics") ==
        "150000000|{}|0|f\n300000000|{}|0|f\n60000000|{}|0|f\n");
}

TEST_CASE("an open window shows the uptime up to the watermark") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  instance.apply({created(1, AgentStatus::kIdle, 0), became(1, AgentStatus::kOffline, 30, 2)});
  instance.watermark = kStart + Seconds{120};
  instance.apply({change(std::nullopt, execution(1, kStart))});
  CHECK(dump(dsn, kUptime) == "0|1|25|25|f|0\n");
  instance.close(kStart + kWindowLength + std::chrono::minutes{2});
  CHECK(dump(dsn, kUptime) == "0|1|10|10|t|0\n");
}

TEST_CASE("a late change of status recomputes only the windows up to the next change") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  instance.apply({created(1, AgentStatus::kIdle, 0), became(1, AgentStatus::kBusy, 900, 9)});
  instance.close(kStart + Seconds{1200} + std::chrono::minutes{2});
  instance.apply({became(1, AgentStatus::kOffline, 450, 5)});
  instance.close(kStart + Seconds{1200} + std::chrono::minutes{2});
  CHECK(dump(dsn, kUptime) == "0|0|100|100|t|0\n1|0|50|50|t|1\n2|0|0|0|t|1\n3|0|100|100|t|0\n");
}

TEST_CASE("an agent learnt late gets its rows in closed windows; an agent whose deletion is late loses the rows after it") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  instance.apply({created(1, AgentStatus::kIdle, 0)});
  instance.close(kStart + Seconds{900} + std::chrono::minutes{2});
  instance.apply({created(2, AgentStatus::kIdle, 450), change(std::nullopt, execution(1, kStart + Seconds{700})), deleted(1, 300, 7)});
  instance.close(kStart + Seconds{900} + std::chrono::minutes{2});
  CHECK(dump(dsn, kUptime) == "0|0|100|100|t|0\n2|1|null|null|t|2\n1|0|100|100|t|1\n2|0|100|100|t|1\n");
}

TEST_CASE("an agent that moves to another organization counts in the first until then, and in the second from then on") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  const AgentRow before = agent_row(1, AgentStatus::kIdle, kStart);
  AgentRow after = agent_row(1, AgentStatus::kBusy, kStart + Seconds{450});
  after.key.organization = OrganizationId{id(2)};
  instance.apply({agent_change(std::nullopt, before, 1, kStart), agent_change(before, after, 2, kStart + Seconds{450})});
  instance.close(kStart + Seconds{900} + std::chrono::minutes{2});
  CHECK(dump(dsn,
             "SELECT right(organization_id::text, 1), to_char(window_start AT TIME ZONE 'UTC', 'HH24:MI'), known_us / 1000000, "
             "availability_percent FROM agent_metrics ORDER BY 1, 2") ==
        "1|12:00|300|100\n1|12:05|150|100\n2|12:00|0|null\n2|12:05|150|100\n2|12:10|300|100\n");
}

TEST_CASE("two agents of one name, and even of one id, in two organizations are two") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  ExecutionRow elsewhere = execution(1, kStart, "failed");
  elsewhere.organization = OrganizationId{id(2)};
  AgentRow here = agent_row(1, AgentStatus::kIdle, kStart);
  AgentRow there = agent_row(1, AgentStatus::kOffline, kStart);
  here.name = there.name = "writer";
  there.key.organization = OrganizationId{id(2)};
  instance.apply({agent_change(std::nullopt, here, 1, kStart), agent_change(std::nullopt, there, 2, kStart),
                  change(std::nullopt, execution(1, kStart)), change(std::nullopt, elsewhere)});
  instance.close(kStart + Seconds{300} + std::chrono::minutes{2});
  CHECK(dump(dsn, "SELECT right(organization_id::text, 1), completed_tasks, failed_tasks, uptime_percent FROM agent_metrics ORDER BY 1") ==
        "1|1|0|100\n2|0|1|0\n");
  CHECK(
      dump(dsn, "SELECT right(organization_id::text, 1), total_agents, active_agents, system_success_rate FROM system_health ORDER BY 1") ==
      "1|1|1|100\n2|1|0|0\n");
}

TEST_CASE("a day without an event has every window of every agent, its hours and its day, and says what it has no data of") {
  const std::string dsn = database_known_from(kStart - std::chrono::days{2});
  const Instant midnight = *parse_instant("2026-11-17T00:00:00Z");
  Instance instance(dsn);
  instance.apply({agent_change(std::nullopt, agent_row(1, AgentStatus::kIdle, midnight, midnight), 1, midnight)});
  instance.close(midnight + std::chrono::days{1} + std::chrono::minutes{2});
  CHECK(dump(dsn,
             "SELECT count(*), sum(total_tasks), min(availability_percent), count(success_rate), bool_and(is_final AND is_complete) FROM "
             "agent_metrics") == "288|0|100|0|t\n");
  CHECK(
      dump(dsn, "SELECT (SELECT count(*) FROM agent_metrics_1h WHERE is_final), (SELECT count(*) FROM agent_metrics_1d WHERE is_final)") ==
      "24|1\n");
  CHECK(dump(dsn, "SELECT DISTINCT no_data, overall_health_score, status FROM system_health") ==
        "{success_rate,response,error}|100|healthy\n");
}

TEST_CASE("which change of an agent is the latest is judged as in the runtime, also before the connector's first commit") {
  const auto place = [](std::optional<std::uint64_t> commit, std::uint64_t lsn, Instant recorded_at) {
    return SourceOrder{"weir", "app", {commit, lsn}, recorded_at};
  };
  const auto told = [](const std::optional<AgentRow>& before, const std::optional<AgentRow>& after, const SourceOrder& order) {
    return event_of(AgentChange{facts_of(before, after, order, *order.recorded_at, by_default().times)}, *order.recorded_at);
  };
  const AgentRow row = agent_row(1, AgentStatus::kIdle, kStart);
  const Instant seen = kStart + Seconds{350};
  const Instant gone = kStart + Seconds{400};
  SourceOrder debezium = place(3, 4, gone);
  debezium.name = "debezium";
  struct Case {
    std::string name;
    SourceOrder deletion;
    bool counts;
  };
  for (const auto& [name, deletion, counts] :
       {Case{"the first transaction after a connector's start", place(std::nullopt, 30, gone), true},
        {"sent late", place(5, 6, seen - Seconds{1}), false},
        {"sent late, by a connector's first transaction", place(std::nullopt, 6, seen - Seconds{1}), false},
        {"a source that was rebuilt", place(1, 2, seen + Seconds{61}), true},
        {"another source", debezium, true}}) {
    CAPTURE(name);
    const std::string dsn = migrated_database();
    Instance instance(dsn);
    instance.apply({told(std::nullopt, row, place(10, 20, seen))});
    instance.apply({told(row, std::nullopt, deletion)});
    CHECK(dump(dsn, "SELECT deleted_at IS NOT NULL FROM weir.agent_lifetimes") == (counts ? "t\n" : "f\n"));
    instance.close(kStart + Seconds{1200} + std::chrono::minutes{2});
    CHECK(dump(dsn, "SELECT count(*) FROM agent_metrics") == (counts ? "2\n" : "4\n"));
  }
}

TEST_CASE("of two statuses at one instant the later change's counts, even before its connector's first commit") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  const auto told = [](AgentStatus status, const SourceOrder& order) {
    return event_of(AgentChange{facts_of(std::nullopt, agent_row(1, status, kStart), order, kStart, by_default().times)}, kStart);
  };
  instance.apply({told(AgentStatus::kBusy, {"weir", "app", {std::nullopt, 30}, kStart}),
                  told(AgentStatus::kOffline, {"weir", "app", {10, 20}, kStart})});
  instance.close(kStart + kWindowLength + std::chrono::minutes{2});
  CHECK(dump(dsn, kUptime) == "0|0|100|100|t|0\n");
  CHECK(dump(dsn, "SELECT DISTINCT source_name, source_db FROM weir.agent_status_history") == "weir|app\n");
}

TEST_CASE("closing takes bounded steps and leaves no window out") {
  const std::string dsn = migrated_database();
  Options options = by_default();
  options.closing.rows_a_step = 7;
  Instance instance(dsn, options);
  instance.apply({created(1, AgentStatus::kIdle, 0), created(2, AgentStatus::kIdle, 0), created(3, AgentStatus::kIdle, 0)});
  instance.close(kStart + std::chrono::hours{2} + std::chrono::minutes{2});
  CHECK(dump(dsn, "SELECT count(*), count(*) FILTER (WHERE is_final) FROM agent_metrics") == "72|72\n");
  instance.apply({became(2, AgentStatus::kOffline, 300, 4)});
  instance.close(kStart + std::chrono::hours{2} + std::chrono::minutes{2});
  CHECK(dump(dsn, "SELECT count(*), count(*) FILTER (WHERE uptime_percent = 0) FROM agent_metrics") == "72|23\n");
}

TEST_CASE("a window closes only after the units of work that write it") {
  const std::string dsn = migrated_database();
  Instance writer(dsn);
  Instance closer(dsn);
  writer.apply({change(std::nullopt, execution(1, kStart))});
  writer.begin_apply({change(std::nullopt, execution(2, kStart))});
  std::thread other([&] { closer.close(kStart + kWindowLength + std::chrono::minutes{2}); });
  await_blocked(dsn);
  writer.commit();
  other.join();
  CHECK(dump(dsn, "SELECT total_tasks, is_final, revision FROM agent_metrics ORDER BY agent_id") == "1|t|0\n1|t|0\n");
}

TEST_CASE("nothing closes while a partition has no watermark") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  instance.apply({created(1, AgentStatus::kIdle, 0), change(std::nullopt, execution(1, kStart))});
  instance.close(std::nullopt);
  CHECK(dump(dsn, "SELECT count(*) FROM agent_metrics WHERE is_final") == "0\n");
  CHECK(dump(dsn, "SELECT closed_until FROM weir.rollup_progress") == "null\n");
}

TEST_CASE("an organization whose rows Postgres refuses is left behind while all others close, and closes once they are taken") {
  constexpr const char* kFinal =
      "SELECT right(organization_id::text, 1), count(*) FILTER (WHERE is_final) FROM agent_metrics GROUP BY 1 ORDER BY 1";
  constexpr const char* kRefused = "SELECT wakeup, right(key, 1), reason, constraint_name FROM weir.refused_wakeups";
  const auto history = [] {
    AgentRow other = agent_row(2, AgentStatus::kIdle, kStart);
    other.key.organization = OrganizationId{id(2)};
    ExecutionRow unknown = execution(3, kStart);  // of an agent that nobody has told of
    unknown.organization = OrganizationId{id(2)};
    return Events{created(1, AgentStatus::kIdle, 0), agent_change(std::nullopt, other, 1, kStart), change(std::nullopt, unknown)};
  };
  const std::string dsn = migrated_database();
  const auto pass = [&](const std::string& next_try) { run_sql(dsn, "UPDATE weir.refused_wakeups SET next_try = " + next_try); };
  Instance instance(dsn);
  instance.apply(history());
  run_sql(dsn,
          fmt::format("ALTER TABLE agent_metrics ADD CONSTRAINT spared CHECK (organization_id <> '{}' OR NOT is_final)", id(2).text()));
  // On a busy machine the next try is due before closing has ended.
  const auto tries = [&] { return std::stoi(dump(dsn, "SELECT tries FROM weir.refused_wakeups")); };
  instance.close(kStart + Seconds{900} + std::chrono::minutes{2});
  CHECK(dump(dsn, kFinal) == "1|3\n2|0\n");
  CHECK(dump(dsn, kRefused) == "closing|2|pg_constraint|spared\n");

  pass("now() + interval '1 hour'");
  const int tried = tries();
  CHECK(tried >= 1);
  instance.close(kStart + Seconds{1800} + std::chrono::minutes{2});
  CHECK(dump(dsn, kFinal) == "1|6\n2|0\n");
  CHECK(dump(dsn, "SELECT closed_until FROM weir.rollup_progress") == "2026-11-18 12:30:00+00\n");
  CHECK(dump(dsn, kRefused) == "closing|2|pg_constraint|spared\n");
  CHECK(tries() == tried);
  pass("now()");
  instance.close(kStart + Seconds{1800} + std::chrono::minutes{2});
  CHECK(dump(dsn, kRefused) == "closing|2|pg_constraint|spared\n");
  CHECK(tries() > tried);

  run_sql(dsn, "ALTER TABLE agent_metrics DROP CONSTRAINT spared");
  pass("now()");
  instance.close(kStart + Seconds{1800} + std::chrono::minutes{2});
  CHECK(dump(dsn, kRefused) == "");
  const std::string never_refused = migrated_database();
  Instance control(never_refused);
  control.apply(history());
  control.close(kStart + Seconds{1800} + std::chrono::minutes{2});
  CHECK(settled_rows(dsn) == settled_rows(never_refused));
}
