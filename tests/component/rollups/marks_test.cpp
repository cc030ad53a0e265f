// Marks of changed windows: whoever changes a row leaves one in the same transaction, and deriving takes each once.
#include "tests/component/rollups/bench_of_instances.hpp"

using namespace weir;
using namespace weir::rollups;

namespace {

/// Notes apart from weir which windows are changed, and which are marked, by themselves or in a range.
constexpr const char* kWitness = R"(
CREATE TABLE changed (organization_id uuid, window_start timestamptz);
CREATE TABLE marked (organization_id uuid, window_start timestamptz);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('INSERT INTO %I VALUES ($1, $2)', TG_ARGV[0])
    USING coalesce(NEW.organization_id, OLD.organization_id), coalesce(NEW.window_start, OLD.window_start);
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON agent_metrics FOR EACH ROW EXECUTE FUNCTION note('changed');
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON engagement_rollups FOR EACH ROW EXECUTE FUNCTION note('changed');
CREATE FUNCTION note_marks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO marked SELECT NEW.organization_id, NEW.window_start;
  INSERT INTO marked
  SELECT NEW.organization_id, generate_series(NEW.window_start, NEW.window_until - interval '5 minutes', interval '5 minutes');
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT ON weir.window_changes FOR EACH ROW EXECUTE FUNCTION note_marks())";

/// Counts the changed windows that are not marked, forgets what was noted, and says whether anything was changed.
std::string unmarked(const std::string& dsn) {
  const std::string changed = dump(dsn, "SELECT count(*) > 0 FROM changed");
  const std::string left = dump(dsn, "SELECT count(*) FROM (SELECT * FROM changed EXCEPT SELECT * FROM marked) AS unmarked");
  run_sql(dsn, "TRUNCATE changed, marked");
  return changed.substr(0, 1) + " " + left.substr(0, left.size() - 1);
}

std::string marks(const std::string& dsn) { return dump(dsn, "SELECT count(*) FROM weir.window_changes"); }

}  // namespace

TEST_CASE("whoever changes a row of a window marks it in the same transaction") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  run_sql(dsn, kWitness);
  const AgentRow agent = agent_row(1, AgentStatus::kIdle, kStart);

  instance.apply(
      {agent_change(std::nullopt, agent, 1, kStart), change(std::nullopt, execution(1, kStart)), acted("1", kStart + Seconds{700})});
  CHECK(unmarked(dsn) == "t 0");
  instance.close(kStart + std::chrono::minutes{30});
  CHECK(unmarked(dsn) == "t 0");
  AgentRow gone_off = agent;
  gone_off.status = AgentStatus::kOffline;
  gone_off.status_changed_at = kStart + Seconds{350};
  instance.apply({agent_change(agent, gone_off, 2, kStart + Seconds{350})});
  instance.close(kStart + std::chrono::minutes{30});
  CHECK(unmarked(dsn) == "t 0");
  instance.apply(
      {agent_change(gone_off, std::nullopt, 3, kStart + Seconds{650}), change(std::nullopt, execution(1, kStart + Seconds{1000}))});
  CHECK(unmarked(dsn) == "t 0");
  instance.close(kStart + std::chrono::minutes{30});
  CHECK(unmarked(dsn) == "t 0");
  auto died = change(std::nullopt, execution(1, kStart), kStart + std::chrono::hours{1}, ExecutionId{id(9)}, 5);
  instance.bury({died}, "database");
  CHECK(unmarked(dsn) == "t 0");
  run_sql(dsn, "UPDATE agent_metrics SET is_complete = true");
  run_sql(dsn, "TRUNCATE changed, marked; UPDATE weir.rollup_progress SET unmarked_until = '2026-11-18 14:00Z'");
  instance.close(kStart + std::chrono::minutes{30});
  CHECK(unmarked(dsn) == "t 0");
}

TEST_CASE("deriving takes the marks of every organization, some organizations a step") {
  const std::string dsn = migrated_database();
  Options options = by_default();
  options.deriving.organizations_a_step = 2;
  options.deriving.windows_a_step = 3;
  Instance instance(dsn, options);
  instance.close(std::nullopt);  // the group's first wake-ups have other work
  run_sql(dsn, R"(
    INSERT INTO weir.window_changes (organization_id, window_start, window_until)
    SELECT ('00000000-0000-4000-8000-00000000000' || o)::uuid, '2026-11-18 12:00Z', '2026-11-18 13:00Z' FROM generate_series(1, 7) AS o)");
  instance.wake();
  CHECK(dump(dsn, "SELECT count(*), max(window_until - window_start) FROM weir.window_changes WHERE window_until < '2026-11-18 13:00Z'") ==
        "2|00:55:00\n");
  instance.close(std::nullopt);
  CHECK(marks(dsn) == "0\n");
}

TEST_CASE("while a group takes in a backlog it derives few windows a step, the oldest, and days and trends wait until it has caught up") {
  const std::string dsn = database_known_from(kStart);
  Options options = by_default();
  options.deriving.windows_behind = 4;
  Instance instance(dsn, options);
  instance.now = kStart + std::chrono::days{2};
  Events backlog;
  for (int i = 0; i < 36; ++i)
    backlog.push_back(change(std::nullopt, execution(i % 3, kStart + i * kWindowLength), kStart + std::chrono::hours{3}));
  instance.apply(backlog);
  instance.watermark = kStart + std::chrono::hours{3} + std::chrono::minutes{2};
  instance.wake();  // closes
  const auto derived = [&] {
    return dump(dsn, R"(
SELECT (SELECT max(window_start) AT TIME ZONE 'UTC' FROM system_health), (SELECT count(*) FROM agent_metrics_1h),
       (SELECT count(*) FROM agent_metrics_1d), (SELECT count(*) FROM metric_trends),
       (SELECT count(*) FILTER (WHERE is_half_derived) FROM weir.window_changes WHERE organization_id > '00000000-0000-0000-0000-000000000000'))");
  };
  instance.wake();
  CHECK(derived() == "2026-11-18 12:15:00|3|0|0|1\n");
  instance.apply({change(std::nullopt, execution(1, kStart))});
  instance.wake();
  CHECK(derived() == "2026-11-18 12:30:00|3|0|0|1\n");  // the first window again, and three more
  instance.now += std::chrono::minutes{2};
  instance.apply({change(std::nullopt, execution(1, kStart))});
  instance.wake();
  CHECK(derived() == "2026-11-18 12:45:00|3|3|6|0\n");  // once a minute they are computed all the same
  instance.apply({change(std::nullopt, execution(1, kStart))});
  instance.wake();
  CHECK(derived() == "2026-11-18 13:00:00|6|3|6|2\n");
  instance.close(instance.watermark);
  CHECK(derived() == "2026-11-18 14:55:00|9|3|6|0\n");
  CHECK(marks(dsn) == "0\n");
  CHECK(dump(dsn, "SELECT sum(total_tasks) FROM agent_metrics_1d") == "39\n");
  CHECK(dump(dsn, "SELECT DISTINCT window_start AT TIME ZONE 'UTC' FROM metric_trends") == "2026-11-18 14:55:00\n");
}

TEST_CASE("an organization that another instance derives keeps its marks, and nobody waits for it") {
  const std::string dsn = migrated_database();
  Instance first(dsn);
  Instance second(dsn);
  first.close(std::nullopt);  // the group's first wake-ups have other work
  first.apply({change(std::nullopt, execution(1, kStart))});
  must(first.connection().begin());
  must(first.consumer.wake(first, first.now));
  second.apply({change(std::nullopt, execution(1, kStart))});
  second.wake();
  CHECK(marks(dsn) == "2\n");  // those of the first, which has not committed, and those of the second
  first.commit();
  CHECK(marks(dsn) == "1\n");
  second.wake();
  CHECK(marks(dsn) == "0\n");
}

TEST_CASE("open windows are derived at most once an interval, and closed windows at once") {
  const std::string dsn = migrated_database();
  Options options = by_default();
  options.deriving.interval = Seconds{5};
  Instance instance(dsn, options);
  const auto marks_after = [&](Instant at, std::optional<Instant> watermark) {
    instance.apply({change(std::nullopt, execution(1, kStart))});
    instance.now = at;
    instance.close(watermark);
    return marks(dsn);
  };
  const Instant now = instance.now;
  CHECK(marks_after(now, std::nullopt) == "0\n");
  CHECK(marks_after(now + Seconds{4}, std::nullopt) == "1\n");
  CHECK(marks_after(now + Seconds{5}, std::nullopt) == "0\n");
  CHECK(marks_after(now + Seconds{6}, kStart + std::chrono::minutes{30}) == "0\n");
  CHECK(marks_after(now - Seconds{60}, std::nullopt) == "0\n");  // the clock was set back
}

TEST_CASE("windows that close while another instance takes the changes of a queue are derived as closed") {
  const std::string dsn = database_known_from(kStart - std::chrono::hours{1});
  Instance instance(dsn);
  instance.apply({task_change(std::nullopt, task(true, kStart, kStart))});
  auto deriving = connect(dsn);
  must(deriving.begin());
  must(deriving.script(R"(
SELECT pg_advisory_xact_lock(hashtextextended(concat_ws('/', 'weir.rollups', 'derive', organization_id), 0)) FROM weir.window_changes)"));
  must(deriving.script(R"(
WITH taken AS (DELETE FROM weir.window_changes RETURNING organization_id, window_start, queued, running)
INSERT INTO weir.queue_deltas (organization_id, window_start, queued, running)
SELECT organization_id, window_start, sum(queued), sum(running) FROM taken WHERE queued IS NOT NULL GROUP BY organization_id, window_start)"));
  instance.watermark = kStart + std::chrono::minutes{30};
  instance.wake();
  must(deriving.commit());
  instance.close(kStart + std::chrono::minutes{30});
  CHECK(dump(dsn,
             "SELECT min(window_start) = '2026-11-18T12:00Z' AND bool_and(is_final) AND bool_and(queued_tasks = 1) FROM system_health") ==
        "t\n");
}
