// Retention in a real Postgres: what goes, what stays, and what a change of a dropped window does.
#include "tests/component/rollups/bench_of_instances.hpp"

#include <fmt/format.h>

#include <thread>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kToday = *parse_instant("2026-11-18T00:00:00Z");
const Instant kEdge = kToday - std::chrono::days{30};  // windows before it go
const Instant kClosed = kToday + std::chrono::minutes{2};

Instant days_ago(int days) { return kToday - std::chrono::days{days}; }

std::shared_ptr<runtime::Event> ended(int agent, Instant at) { return change(std::nullopt, execution(agent, at), at); }

std::shared_ptr<runtime::Event> acted_then(Instant at) { return acted(format_instant(at), at, 7, "s", at); }

constexpr const char* kDays =
    "SELECT to_char(window_start, 'MM-DD'), sum(total_tasks) FROM agent_metrics WHERE total_tasks <> 0 GROUP BY 1 ORDER BY 1";
constexpr const char* kPartitions =
    "SELECT right(c.relname, 8) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
    "WHERE i.inhparent = 'public.agent_metrics'::regclass AND right(c.relname, 8) < '20261101' ORDER BY 1";

/// Days from before the edge, at it and after it, all closed up to `kToday`; nothing is dropped yet.
std::string made_history() {
  std::string dsn = database_known_from(days_ago(60));
  Options options = by_default();
  options.times.retention = options.retention.kept.windows = std::chrono::days{60};
  Instance instance(dsn, options);
  run_sql(dsn, fmt::format("UPDATE weir.rollup_progress SET retention_us = {}", options.times.retention.count()));
  Events events;
  for (const int days : {33, 32, 31, 30, 29, 1}) {
    events.push_back(ended(1, days_ago(days)));
    events.push_back(ended(1, days_ago(days) + std::chrono::hours{23}));
    events.push_back(acted_then(days_ago(days)));
  }
  instance.apply(events);
  instance.close(kClosed);
  run_sql(dsn, fmt::format("UPDATE weir.rollup_progress SET retention_us = {}, frozen_until = NULL, dropped_until = NULL",
                           by_default().times.retention.count()));
  return dsn;
}

std::string history() {
  static const std::string original = made_history();
  observer().leave();
  return testing::copied_database(original);
}

}  // namespace

TEST_CASE("whole days that are older than retention go, with their actions; the day at the edge stays") {
  const std::string dsn = history();
  CHECK(dump(dsn, kPartitions) == "20261016\n20261017\n20261018\n20261019\n20261020\n");
  Instance instance(dsn);
  instance.close(kClosed);
  CHECK(dump(dsn, kPartitions) == "20261019\n20261020\n");
  CHECK(dump(dsn, kDays) == "10-19|2\n10-20|2\n11-17|2\n");
  CHECK(dump(dsn, "SELECT to_char(window_start, 'MM-DD') FROM engagement_rollups ORDER BY 1") == "10-19\n10-20\n11-17\n");
  CHECK(dump(dsn, "SELECT frozen_until = dropped_until, frozen_until FROM weir.rollup_progress") == "t|2026-10-19 00:00:00+00\n");
}

TEST_CASE("partitions of today and of the next day are there, readable only through their table") {
  const std::string dsn = history();
  Instance instance(dsn);
  instance.close(kClosed);
  CHECK(dump(dsn,
             "SELECT count(*), bool_and(c.relrowsecurity AND c.relforcerowsecurity), bool_and(c.relacl IS NULL) FROM pg_class c WHERE "
             "c.relname IN (SELECT 'agent_metrics_' || to_char((now() AT TIME ZONE 'UTC') + n * interval '1 day', 'YYYYMMDD') FROM "
             "generate_series(0, 1) n)") == "2|t|t\n");
}

TEST_CASE("the upkeep may end at any step and two instances may do it: the rest is done later, and the result is the same") {
  const std::string whole = history();
  Instance alone(whole);
  alone.close(kClosed);
  const std::string rows = settled_rows(whole);
  for (int step = 0; step < 12; ++step) {
    CAPTURE(step);
    const std::string dsn = history();
    {
      Instance killed(dsn);
      killed.watermark = kClosed;
      for (int done = 0; done < step; ++done) killed.wake();
      must(killed.connection().begin());
      must(killed.consumer.wake(killed, killed.now));
    }  // its connection ends within the step
    Instance next(dsn);
    next.close(kClosed);
    CHECK(settled_rows(dsn) == rows);
    CHECK(dump(dsn, kPartitions) == dump(whole, kPartitions));
    CHECK(dump(dsn, "SELECT frozen_until, dropped_until FROM weir.rollup_progress") ==
          dump(whole, "SELECT frozen_until, dropped_until FROM weir.rollup_progress"));
  }
}

TEST_CASE("one instance at a time does the upkeep") {
  const std::string dsn = history();
  Instance first(dsn);
  Instance second(dsn);
  first.watermark = second.watermark = kClosed;
  must(first.connection().begin());
  must(first.consumer.wake(first, first.now));
  std::thread other([&] { second.wake(); });
  await_blocked(dsn);
  first.commit();
  other.join();
  second.close(kClosed);
  CHECK(dump(dsn, kDays) == "10-19|2\n10-20|2\n11-17|2\n");
}

TEST_CASE("a change finds a dropped window frozen, each side by itself; at the edge it is still counted") {
  const std::string dsn = history();
  Instance instance(dsn);
  instance.close(kClosed);
  // The records are as old as the windows, so their own limits let them through.
  const auto moved = change(execution(1, days_ago(31)), execution(1, days_ago(1)), days_ago(1));
  const auto outcomes =
      instance.apply({ended(1, kEdge - Microseconds{1}), ended(1, kEdge), moved, acted_then(days_ago(31)), acted_then(kEdge)});
  CHECK(reason(outcomes[0]) == "frozen");
  CHECK(reason(outcomes[1]) == "done");
  CHECK(reason(outcomes[2]) == "done");
  CHECK(reason(outcomes[3]) == "frozen");
  CHECK(reason(outcomes[4]) == "duplicate");
  CHECK(dump(dsn, kDays) == "10-19|3\n10-20|2\n11-17|3\n");
  CHECK(dump(dsn, kPartitions) == "20261019\n20261020\n");
}

TEST_CASE("neither an agent that is learnt late nor a change that died makes a dropped day again") {
  const std::string dsn = history();
  Instance instance(dsn);
  instance.close(kClosed);
  instance.apply({agent_change(std::nullopt, agent_row(9, AgentStatus::kIdle, days_ago(33), days_ago(33)), 1, days_ago(33))});
  instance.bury({change(std::nullopt, execution(1, days_ago(32)), days_ago(32), ExecutionId{id(5)}, 7)}, "database");
  instance.close(kClosed);
  CHECK(dump(dsn, kPartitions).substr(0, 9) == "20261019\n");
  CHECK(dump(dsn, "SELECT min(window_start) FROM agent_metrics WHERE agent_id = '" + id(109).text() + "'") == "2026-10-19 00:00:00+00\n");
}

TEST_CASE("an event whose partition is missing gets it") {
  const std::string dsn = history();
  run_sql(dsn, "DROP TABLE agent_metrics_20261020");
  Instance instance(dsn);
  instance.apply({ended(1, days_ago(29))});
  CHECK(dump(dsn, kDays).find("10-20|1\n") != std::string::npos);
  CHECK(dump(dsn, "SELECT relrowsecurity, relforcerowsecurity, relacl FROM pg_class WHERE relname = 'agent_metrics_20261020'") ==
        "t|t|null\n");
}

TEST_CASE("a group that is behind, and one whose clocks are ahead, lose nothing") {
  const std::string behind = history();
  run_sql(behind, fmt::format("UPDATE weir.rollup_progress SET closed_until = '{}'", format_instant(days_ago(10))));
  Instance(behind).close(std::nullopt);
  CHECK(dump(behind, kPartitions) == "20261016\n20261017\n20261018\n20261019\n20261020\n");

  const std::string ahead = history();
  run_sql(ahead, "UPDATE weir.rollup_progress SET closed_until = now() + interval '1 year'");
  Instance(ahead).close(std::nullopt);
  CHECK(dump(ahead, "SELECT frozen_until <= now() - interval '30 days' FROM weir.rollup_progress") == "t\n");
}

TEST_CASE("while somebody reads the table its partitions stay, and nobody waits; then they go") {
  const std::string dsn = history();
  auto reader = connect(dsn);
  must(reader.begin());
  must(reader.query("read", "SELECT count(*) FROM public.agent_metrics"));
  Instance instance(dsn);
  instance.close(kClosed);
  CHECK(dump(dsn, kPartitions) == "20261016\n20261017\n20261018\n20261019\n20261020\n");
  CHECK(reason(instance.apply({ended(1, days_ago(31))})[0]) == "frozen");
  must(reader.rollback());
  Instance next(dsn);
  next.close(kClosed);
  CHECK(dump(dsn, kPartitions) == "20261019\n20261020\n");
}

TEST_CASE("windows whose changes are not derived yet do not freeze") {
  const std::string dsn = history();
  run_sql(dsn, fmt::format("INSERT INTO weir.window_changes (organization_id, window_start) VALUES ('{}', '{}')", id(77).text(),
                           format_instant(days_ago(31))));
  auto connection = connect(dsn);
  const ProgressStore progress("weir.rollups", {}, by_default().times);
  const auto step = [&] {
    return must(
        connection.within_transaction([&] { return keep_retention(connection, progress, "weir.rollups", by_default().retention); }));
  };
  CHECK(step() == Upkeep::kBusy);
  run_sql(dsn, "DELETE FROM weir.window_changes");
  CHECK(step() == Upkeep::kMore);
}

TEST_CASE("an organization that Postgres refuses does not keep the windows of others from freezing") {
  const std::string dsn = history();
  run_sql(dsn, fmt::format(R"(
ALTER TABLE system_health ADD CONSTRAINT refused CHECK (organization_id <> '{0}');
INSERT INTO agent_metrics (organization_id, agent_id, window_start) VALUES ('{0}', '{0}', '{2}');
INSERT INTO weir.window_changes (organization_id, window_start) VALUES ('{0}', '{1}'), ('{0}', '{2}'))",
                           id(77).text(), format_instant(days_ago(31)), format_instant(days_ago(29))));
  Instance instance(dsn);
  instance.close(kClosed);
  CHECK(dump(dsn, "SELECT count(*) FROM weir.refused_wakeups WHERE wakeup = 'deriving'") == "1\n");
  CHECK(dump(dsn, kPartitions) == "20261019\n20261020\n");
}

TEST_CASE("an agent keeps the last status before the edge, so that its uptime goes on") {
  const std::string dsn = database_known_from(days_ago(60));
  Options options = by_default();
  options.times.retention = options.retention.kept.windows = std::chrono::days{60};
  Instance earlier(dsn, options);
  const auto became = [](AgentStatus status, int days, std::int64_t lsn) {
    return agent_change(std::nullopt, agent_row(1, status, days_ago(days), days_ago(40)), lsn, days_ago(days));
  };
  earlier.apply({became(AgentStatus::kIdle, 40, 1), became(AgentStatus::kBusy, 35, 2), became(AgentStatus::kOffline, 33, 3),
                 became(AgentStatus::kIdle, 20, 4)});
  earlier.close(kClosed);
  Instance instance(dsn);
  instance.close(kClosed);
  CHECK(dump(dsn, "SELECT to_char(status_changed_at, 'MM-DD'), status FROM weir.agent_status_history ORDER BY 1") ==
        "10-16|offline\n10-29|idle\n");
  CHECK(dump(dsn, "SELECT min(to_char(window_start, 'MM-DD')), uptime_percent, count(*) FROM agent_metrics GROUP BY 2 ORDER BY 2") ==
        "10-19|0|2880\n10-29|100|5760\n");
}

TEST_CASE("rows of hours go by whole months and rows of days by whole years; the next partitions are made") {
  const std::string dsn = history();
  run_sql(dsn, R"(
CREATE TABLE public.by_hours (at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE public.by_days (at timestamptz NOT NULL) PARTITION BY RANGE (at);
INSERT INTO weir.partitioned_tables VALUES ('public', 'by_hours', 'month', ''), ('public', 'by_days', 'year', '');
GRANT DELETE ON public.by_hours, public.by_days TO weir_rollups;
SELECT weir.ensure_partition('public.by_hours', '2026-11-18Z'::timestamptz - n * interval '1 month') FROM generate_series(0, 14) n;
SELECT weir.ensure_partition('public.by_days', '2026-11-18Z'::timestamptz - n * interval '1 year') FROM generate_series(0, 7) n)");
  Instance instance(dsn);
  instance.close(kClosed);
  const auto oldest = [&](const std::string& table) {
    return dump(dsn, fmt::format("SELECT min(c.relname) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
                                 "WHERE i.inhparent = 'public.{}'::regclass",
                                 table));
  };
  CHECK(oldest("by_hours") == "by_hours_202510\n");
  CHECK(oldest("by_days") == "by_days_2021\n");
  CHECK(dump(dsn, "SELECT to_regclass('public.by_days_' || to_char(now() + interval '1 year', 'YYYY')) IS NOT NULL") == "t\n");
  auto connection = connect(dsn);
  const auto refused = connection.script("SELECT weir.drop_partition('public.audit_log', now())");
  REQUIRE(!refused.has_value());
  CHECK(refused.error().message.find("is not a table of weir rollups") != std::string::npos);
}
