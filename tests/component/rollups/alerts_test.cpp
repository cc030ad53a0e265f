// alerts in a real Postgres: final windows in order, each once, whatever restarts or is corrected.
#include "tests/component/rollups/bench_of_instances.hpp"

#include <random>

using namespace weir;
using namespace weir::rollups;

namespace {

constexpr auto kLateness = std::chrono::minutes{2};

Instant minute(int number) { return kStart + std::chrono::minutes{number}; }

/// An execution of agent 1 in the window with this number.
std::shared_ptr<runtime::Event> ended(int window, bool succeeds) {
  return change(std::nullopt, execution(1, minute(5 * window + 1), succeeds ? "completed" : "failed"));
}

std::shared_ptr<runtime::Event> created(int agent, const std::string& name) {
  AgentRow row = agent_row(agent, AgentStatus::kIdle, kStart);
  row.name = name;
  return agent_change(std::nullopt, row, 1, kStart);
}

std::shared_ptr<runtime::Event> became(int agent, AgentStatus status, Instant at, std::int64_t lsn) {
  AgentRow row = agent_row(agent, status, at);
  row.name = "Ada";
  return agent_change(agent_row(agent, AgentStatus::kMaintenance, at - Seconds{1}), row, lsn, at);
}

/// Closes the windows before the one with this number.
void close_before(Instance& instance, int window) { instance.close(minute(5 * window) + kLateness); }

/// The alerts about one kind: severity, numbers of the windows that opened it and were last folded, clean windows, and what is set.
std::string alerts(const std::string& dsn, const std::string& kind = "success_rate") {
  const auto number = [](const std::string& column) { return "extract(epoch FROM " + column + " - '2026-11-18 12:00Z')::int / 300"; };
  return dump(dsn, "SELECT severity, " + number("opened_window") + ", " + number("last_window") + ", clean_windows, " +
                       number("escalated_at") + ", " + number("resolved_at") + ", corrected_at IS NOT NULL FROM alerts WHERE kind = '" +
                       kind + "' ORDER BY opened_at");
}

/// Notes every change of an alert that people are told of, as the rules of notifications see them.
constexpr const char* kWitness = R"(
CREATE TABLE told (number serial, what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.kind <> 'success_rate' THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO told (what) VALUES (NEW.severity);
  ELSIF NEW.severity <> OLD.severity THEN
    INSERT INTO told (what) VALUES ('escalated');
  ELSIF NEW.resolved_at IS NOT NULL AND OLD.resolved_at IS NULL THEN
    INSERT INTO told (what) VALUES ('resolved');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON alerts FOR EACH ROW EXECUTE FUNCTION note())";

std::string told(const std::string& dsn) { return dump(dsn, "SELECT string_agg(what, ' ' ORDER BY number) FROM told"); }

}  // namespace

TEST_CASE("an alert opens, becomes critical, and is resolved after two clean windows; each step is one change of its row") {
  const std::string dsn = database_known_from(kStart);
  run_sql(dsn, kWitness);
  Instance instance(dsn);
  instance.apply({created(1, "Ada"), ended(0, true), ended(0, false)});  // 50 %: a warning
  close_before(instance, 1);
  CHECK(alerts(dsn) == "warning|0|0|0|null|null|f\n");
  instance.apply({ended(1, false)});
  close_before(instance, 2);
  CHECK(alerts(dsn) == "critical|0|1|0|2|null|f\n");
  close_before(instance, 3);
  CHECK(alerts(dsn) == "critical|0|2|1|2|null|f\n");
  close_before(instance, 4);
  CHECK(alerts(dsn) == "critical|0|3|2|2|4|f\n");
  close_before(instance, 6);
  CHECK(alerts(dsn) == "critical|0|3|2|2|4|f\n");
  CHECK(told(dsn) == "warning escalated resolved\n");
  CHECK(dump(dsn, "SELECT opened_at, last_seen_at, resolved_at FROM alerts WHERE kind = 'success_rate'") ==
        "2026-11-18 12:05:00+00|2026-11-18 12:10:00+00|2026-11-18 12:20:00+00\n");
}

TEST_CASE("windows that close at once are folded one by one, so that nobody misses a step") {
  const std::string dsn = database_known_from(kStart);
  run_sql(dsn, kWitness);
  Instance instance(dsn);
  instance.apply({created(1, "Ada"), ended(0, true), ended(0, false), ended(1, false), ended(5, false)});
  close_before(instance, 7);
  CHECK(alerts(dsn) == "critical|0|3|2|2|4|f\ncritical|5|6|1|null|null|f\n");
  CHECK(told(dsn) == "warning escalated resolved critical\n");
}

TEST_CASE("alerts wait for windows that are not derived yet, because the newest are derived first") {
  const std::string dsn = database_known_from(kStart);
  run_sql(dsn, kWitness);
  Options options = by_default();
  options.deriving.windows_a_step = 1;
  Instance instance(dsn, options);
  instance.apply({created(1, "Ada"), ended(0, true), ended(0, false), ended(1, false), ended(5, false)});
  close_before(instance, 7);
  CHECK(alerts(dsn) == "critical|0|3|2|2|4|f\ncritical|5|6|1|null|null|f\n");
  CHECK(told(dsn) == "warning escalated resolved critical\n");
}

TEST_CASE("an alert about an agent names it, and there is one for each agent and kind") {
  const std::string dsn = database_known_from(kStart);
  Instance instance(dsn);
  instance.apply(
      {created(1, "Ada"), created(2, "Bob"), became(1, AgentStatus::kError, minute(1), 2), became(2, AgentStatus::kError, minute(1), 2)});
  close_before(instance, 3);
  CHECK(dump(dsn, "SELECT kind, right(agent_id::text, 2), severity, message FROM alerts WHERE agent_id IS NOT NULL ORDER BY agent_id") ==
        "agent_error|65|critical|agent Ada: in status error\nagent_error|66|critical|agent Ada: in status error\n");
}

TEST_CASE("a window that is corrected after it was folded marks its alert, and opens, resolves and tells nothing") {
  const std::string dsn = database_known_from(kStart);
  run_sql(dsn, kWitness);
  Instance instance(dsn);
  instance.apply({created(1, "Ada"), ended(0, false), ended(1, false), ended(2, true)});
  close_before(instance, 3);
  CHECK(alerts(dsn) == "critical|0|2|1|null|null|f\n");
  instance.apply({ended(2, false), ended(2, false)});  // it was not clean after all
  close_before(instance, 3);
  CHECK(alerts(dsn) == "critical|0|2|1|null|null|t\n");
  run_sql(dsn, "UPDATE alerts SET corrected_at = NULL");
  instance.apply({ended(0, false)});  // as bad as before
  close_before(instance, 3);
  CHECK(alerts(dsn) == "critical|0|2|1|null|null|f\n");
  close_before(instance, 6);
  instance.apply({ended(5, false)});  // a window that was clean when it was folded
  close_before(instance, 6);
  CHECK(alerts(dsn) == "critical|0|3|2|null|4|f\n");
  CHECK(told(dsn) == "critical resolved\n");
  CHECK(dump(dsn, "SELECT count(*) FROM system_health WHERE critical_issues > 0") == "4\n");
}

TEST_CASE("windows that ended before the group's first start, and windows that are only marked again, tell nothing") {
  const std::string dsn = database_known_from(minute(10));
  Instance instance(dsn);
  instance.apply({ended(0, false), ended(1, false)});
  close_before(instance, 2);
  CHECK(alerts(dsn) == "");
  CHECK(dump(dsn, "SELECT count(*) FROM system_health WHERE critical_issues > 0") == "2\n");
  instance.apply({ended(2, false)});
  close_before(instance, 3);
  const std::string once = alerts(dsn);
  CHECK(once == "critical|2|2|0|null|null|f\n");
  const std::string row = dump(dsn, "SELECT to_jsonb(a) FROM alerts a ORDER BY id");
  run_sql(dsn, "INSERT INTO weir.window_changes (organization_id, window_start) SELECT organization_id, window_start FROM system_health");
  close_before(instance, 3);
  CHECK(dump(dsn, "SELECT to_jsonb(a) FROM alerts a ORDER BY id") == row);
}

TEST_CASE("an organization whose last agent goes has its alerts resolved") {
  const std::string dsn = database_known_from(kStart);
  Instance instance(dsn);
  instance.apply({created(1, "Ada"), became(1, AgentStatus::kError, minute(1), 2)});
  close_before(instance, 1);
  instance.apply({agent_change(agent_row(1, AgentStatus::kError, minute(1)), std::nullopt, 3, minute(6))});
  close_before(instance, 6);
  CHECK(alerts(dsn, "agent_error") == "critical|0|2|2|null|3|f\n");
}

TEST_CASE("a tenant's alert of another kind is left alone") {
  const std::string dsn = database_known_from(kStart);
  run_sql(dsn, "INSERT INTO alerts (organization_id, kind, severity, opened_window, last_window, opened_at, last_seen_at) VALUES ('" +
                   id(1).text() + "', 'storage_quota', 'warning', '2026-11-18 12:00Z', '2026-11-18 12:00Z', now(), now())");
  Instance instance(dsn);
  instance.apply({created(1, "Ada")});
  close_before(instance, 6);
  CHECK(alerts(dsn, "storage_quota") == "warning|0|0|0|null|null|f\n");
}

TEST_CASE("however units of work, closing and deriving are interrupted, nothing is opened or told twice") {
  for (std::uint32_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::string bad;  // which windows have a failed execution
    for (int window = 0; window < 20; ++window) bad += random() % 2 == 0 ? '1' : '0';
    const auto history = [&](bool is_interrupted) {
      const std::string dsn = database_known_from(kStart);
      run_sql(dsn, kWitness);
      auto instance = std::make_unique<Instance>(dsn);
      instance->apply({created(1, "Ada")});
      for (int window = 0; window < 20; ++window) {
        instance->apply({ended(window, bad[static_cast<std::size_t>(window)] == '0')});
        instance->watermark = minute(5 * window + 5) + kLateness;
        // A wake-up that is interrupted is rolled back; it may have closed, derived or folded.
        for (bool more = true; more;) {
          must(instance->connection().begin());
          must(instance->consumer.wake(*instance, instance->now));
          more = instance->consumer.next_wakeup() == Microseconds{0};
          if (is_interrupted && random() % 3 == 0) {
            instance->roll_back();
            if (random() % 2 == 0) {
              const auto watermark = instance->watermark;
              instance = std::make_unique<Instance>(dsn);
              instance->watermark = watermark;
            }
            more = true;
          } else {
            instance->commit();
          }
        }
      }
      return alerts(dsn) + told(dsn);
    };
    CHECK(history(true) == history(false));
  }
}
