// Changes that died because Postgres refused them or because they ended the process: their windows are marked, and the next change of their
// row takes out the values that the windows hold.
#include "tests/component/rollups/bench_of_instances.hpp"

#include <fmt/format.h>

using namespace weir;
using namespace weir::rollups;

namespace {

const ExecutionId kRow{id(7)};
const Instant kRecorded = kStart + std::chrono::hours{1};
const Instant kBegin = kStart - std::chrono::days{1};

constexpr const char* kWindows =
    "SELECT to_char(window_start, 'HH24:MI'), total_tasks, is_complete FROM agent_metrics ORDER BY window_start, agent_id";
constexpr const char* kDiverged = "SELECT count(*) FROM weir.diverged_executions";

ExecutionRow at(int minute, std::optional<std::int64_t> rating = std::nullopt) {
  ExecutionRow row = execution(1, kStart + std::chrono::minutes{minute});
  row.rating = rating;
  return row;
}

/// Each change stands after those that were made before it.
std::uint64_t lsn_of_last = 0;

std::shared_ptr<runtime::Event> changed(const std::optional<ExecutionRow>& before, const std::optional<ExecutionRow>& after,
                                        Instant recorded_at = kRecorded) {
  return change(before, after, recorded_at, kRow, ++lsn_of_last);
}

std::string image(int minute, const std::string& memory = "null") {
  const std::string time = format_instant(kStart + std::chrono::minutes{minute});
  return fmt::format(
      R"({{"id":"{}","organization_id":"{}","agent_id":"{}","status":"completed","progress":100,"started_at":null,"completed_at":"{}",)"
      R"("updated_at":"{}","execution_time_ms":null,"memory_mb":{},"cpu_percent":null,"quality_score":null,"confidence_score":null,)"
      R"("user_rating":null}})",
      kRow.text(), id(1).text(), id(101).text(), time, time, memory);
}

std::string envelope(const std::string& op, const std::string& before, const std::string& after) {
  return fmt::format(R"({{"before":{},"after":{},"source":{{"name":"weir","db":"app","ts_ms":{},"sequence":"[null,\"{}\"]"}},"op":"{}"}})",
                     before, after, unix_ms(kRecorded), ++lsn_of_last, op);
}

}  // namespace

TEST_CASE("an execution whose insert died is not taken out by its deletion, and counts with its next update") {
  for (const char* kind : {"database", "crash"}) {
    CAPTURE(kind);
    const auto dead = [&](int minute) {
      return std::string_view(kind) == "crash" ? unread(by_default().topics.executions, envelope("c", "null", image(minute)))
                                               : changed(std::nullopt, at(minute));
    };
    {
      const std::string dsn = database_known_from(kBegin);
      Instance instance(dsn);
      instance.bury({dead(0)}, kind);
      CHECK(dump(dsn, kWindows) == "12:00|0|f\n");
      CHECK(reason(Instance(dsn).apply({changed(at(0), std::nullopt)})[0]) == "not_counted");
      CHECK(dump(dsn, kWindows) == "12:00|0|f\n");
      CHECK(dump(dsn, kDiverged) == "0\n");
    }
    const std::string dsn = database_known_from(kBegin);
    Instance instance(dsn);
    instance.bury({dead(0)}, kind);
    CHECK(reason(instance.apply({changed(at(0), at(0))})[0]) == "done");
    CHECK(dump(dsn, kWindows) == "12:00|1|f\n");
    CHECK(reason(instance.apply({changed(at(0), at(0))})[0]) == "no_change");
    instance.apply({changed(at(0), at(8))});
    CHECK(dump(dsn, kWindows) == "12:00|0|f\n12:05|1|t\n");
  }
}

TEST_CASE("after an update that died the next change takes out the row from before it") {
  const std::string dsn = database_known_from(kBegin);
  Instance instance(dsn);
  instance.apply({changed(std::nullopt, at(0, 3))});
  instance.bury({changed(at(0, 3), at(8, 4))}, "database");
  CHECK(dump(dsn, kWindows) == "12:00|1|f\n12:05|0|f\n");
  instance.bury({changed(at(8, 4), at(8, 1))}, "database");  // and another
  Instance next(dsn);
  next.apply({changed(at(8, 1), at(15, 5))});
  CHECK(dump(dsn, kWindows) == "12:00|0|f\n12:05|0|f\n12:15|1|t\n");
  CHECK(dump(dsn, "SELECT rating_count, rating_sum FROM agent_metrics ORDER BY window_start") == "0|0\n0|0\n1|5000000000\n");
}

TEST_CASE("after a deletion that died a new row with the same id counts") {
  const std::string dsn = database_known_from(kBegin);
  Instance instance(dsn);
  instance.apply({changed(std::nullopt, at(0))});
  instance.bury({changed(at(0), std::nullopt)}, "database");
  CHECK(dump(dsn, kWindows) == "12:00|1|f\n");
  instance.apply({changed(std::nullopt, at(8))});
  CHECK(dump(dsn, kWindows) == "12:00|0|f\n12:05|1|t\n");
}

TEST_CASE("an update that ended the process is still understood: the next change takes out the row from before it") {
  const std::string dsn = database_known_from(kBegin);
  Instance instance(dsn);
  instance.apply({changed(std::nullopt, at(0))});
  instance.bury({unread(by_default().topics.executions, envelope("u", image(0), image(8)))}, "crash");
  CHECK(dump(dsn, kWindows) == "12:00|1|f\n12:05|0|f\n");
  instance.apply({changed(at(8), at(15))});
  CHECK(dump(dsn, kWindows) == "12:00|0|f\n12:05|0|f\n12:15|1|t\n");
}

TEST_CASE("a row with a value that no execution may have counts for nothing, even where it ended the process") {
  const std::string dsn = database_known_from(kBegin);
  Instance instance(dsn);
  instance.bury({unread(by_default().topics.executions, envelope("c", "null", image(0, "1e300")))}, "crash");
  CHECK(dump(dsn, kWindows) == "");
  CHECK(dump(dsn, kDiverged) == "1\n");
  instance.bury({unread(by_default().topics.executions, envelope("u", image(0, "1e300"), image(8, "0.5")))}, "crash");
  CHECK(dump(dsn, kWindows) == "12:05|0|f\n");
  instance.apply({changed(at(8), at(15))});
  CHECK(dump(dsn, kWindows) == "12:05|0|f\n12:15|1|t\n");
}

TEST_CASE("a row of a snapshot that ended the process leaves the windows before it in doubt, and takes nothing out of them") {
  const std::string dsn = database_known_from(kBegin);
  Instance instance(dsn);
  instance.apply({changed(std::nullopt, at(0))});
  instance.bury({unread(by_default().topics.executions, envelope("r", "null", image(0)))}, "crash");
  CHECK(dump(dsn, kDiverged) == "0\n");
  instance.apply({changed(at(0), std::nullopt)});
  instance.close(std::nullopt);
  CHECK(dump(dsn, kWindows) == "12:00|0|f\n");
  // The row lies in the future, so it is not counted, whatever its deletion says.
  instance.bury({unread(by_default().topics.executions, envelope("r", "null", image(80)))}, "crash");
  CHECK(dump(dsn, kDiverged) == "1\n");
}

TEST_CASE("an execution refused as too far in the future is not taken out later, by whichever instance") {
  const Instant early = kStart - std::chrono::minutes{30};
  for (const bool is_deleted : {true, false}) {
    CAPTURE(is_deleted);
    const std::string dsn = database_known_from(kBegin);
    Instance instance(dsn);
    instance.apply({changed(std::nullopt, at(0), early)});
    CHECK(dump(dsn, kWindows) == "");
    CHECK(dump(dsn, kDiverged) == "1\n");
    Instance later(dsn);
    later.apply({change(std::nullopt, execution(1, kStart))});  // another row of the window
    const auto outcomes = later.apply({changed(at(0), is_deleted ? std::nullopt : std::optional(at(0)))});
    CHECK(reason(outcomes[0]) == (is_deleted ? "not_counted" : "done"));
    CHECK(dump(dsn, kWindows) == (is_deleted ? "12:00|1|t\n" : "12:00|2|t\n"));
    CHECK(dump(dsn, kDiverged) == "0\n");
  }
}

TEST_CASE("a divergence is forgotten once every change of its row would be frozen") {
  const std::string dsn = database_known_from(kBegin);
  Instance instance(dsn);
  instance.apply({changed(std::nullopt, at(0), kStart - std::chrono::minutes{30})});
  instance.close(kStart + std::chrono::days{30} - std::chrono::hours{1});
  CHECK(dump(dsn, kDiverged) == "1\n");
  instance.close(kStart + std::chrono::days{30} + std::chrono::hours{1});
  CHECK(dump(dsn, kDiverged) == "0\n");
}

TEST_CASE("an unreadable dead record puts all windows up to it in doubt; a record that was no change puts none") {
  const std::string dsn = database_known_from(kBegin);
  Instance instance(dsn);
  instance.apply({changed(std::nullopt, at(0)),
                  change(std::nullopt, execution(1, kRecorded + std::chrono::minutes{20}), kRecorded + std::chrono::minutes{20})});
  instance.bury({unread(by_default().topics.executions, "{}")}, "decode", {"not_an_envelope", "", ""});
  instance.bury({unread(by_default().topics.actions, "{")}, "decode", {"malformed_json", "", ""});
  instance.close(std::nullopt);
  CHECK(dump(dsn, kWindows) == "12:00|1|t\n13:20|1|t\n");
  for (const std::string& value :
       {std::string(R"({"before":null,"after":{"id":)"), envelope("u", image(0), "null"), envelope("c", "null", R"({"id":17})"),
        envelope("u", "null", image(0)), envelope("x", image(0), image(8)), std::string("\xff")}) {
    const std::string copy = database_known_from(kBegin);
    Instance other(copy);
    other.apply({changed(std::nullopt, at(0)),
                 change(std::nullopt, execution(1, kRecorded + std::chrono::minutes{20}), kRecorded + std::chrono::minutes{20})});
    other.bury({unread(by_default().topics.executions, value)}, "decode", {"malformed_json", "", ""});
    other.close(std::nullopt);
    CHECK_MESSAGE(dump(copy, kWindows) == "12:00|1|f\n13:20|1|t\n", value);
  }
}

TEST_CASE("where a dead change's row cannot be marked, all windows up to it are marked") {
  const std::string dsn = database_known_from(kBegin);
  Instance instance(dsn);
  instance.apply({change(std::nullopt, execution(2, kStart))});
  run_sql(dsn, "ALTER TABLE agent_metrics ADD CONSTRAINT no_agent_1 CHECK (agent_id <> '" + id(101).text() + "')");
  instance.bury({changed(std::nullopt, at(0))}, "database");
  instance.close(std::nullopt);
  CHECK(dump(dsn, kWindows) == "12:00|1|f\n");
  CHECK(dump(dsn, kDiverged) == "1\n");
}

TEST_CASE("a refused commit also undoes the marks of dead changes, in memory too") {
  const std::string dsn = database_known_from(kBegin);
  Instance instance(dsn);
  instance.apply({changed(std::nullopt, at(0))});
  instance.begin_bury({changed(at(0), at(0, 4))}, "database");
  instance.roll_back();
  instance.apply({change(std::nullopt, execution(1, kStart))});
  CHECK(dump(dsn, kWindows) == "12:00|2|t\n");
  CHECK(dump(dsn, kDiverged) == "0\n");
}

TEST_CASE("a batch with a refused record among good ones of the same window and row counts, and marks its window") {
  const std::string dsn = database_known_from(kBegin);
  Instance instance(dsn);
  instance.apply({changed(std::nullopt, at(0))});
  const auto dead = unread(by_default().topics.executions, envelope("u", image(0), image(8)));
  instance.begin_bury({dead}, "decode", {"wrong_type", "/source/txId", ""});
  const auto good = changed(at(0), at(4));
  const auto folded = instance.consumer.fold();
  const std::vector<const runtime::Event*> batch{good.get()};
  folded->add_all(batch);
  must(instance.consumer.apply(batch, folded.get(), instance, instance.now));
  instance.commit();
  instance.close(std::nullopt);
  CHECK(dump(dsn, "SELECT is_complete FROM agent_metrics") == "f\nf\n");
  CHECK(dump(dsn, "SELECT executions_known_from FROM weir.rollup_progress") == "2026-11-18 13:10:00+00\n");
}

TEST_CASE("an action that died puts the windows up to its own in doubt") {
  const std::string dsn = database_known_from(kBegin);
  Instance instance(dsn);
  instance.apply({acted("1", kStart + std::chrono::minutes{0}), acted("2", kStart + std::chrono::minutes{6})});
  instance.bury({acted("3", kStart + std::chrono::minutes{1})}, "database");
  CHECK(dump(dsn, "SELECT e.is_complete FROM engagement_rollups e ORDER BY window_start") == "f\nt\n");
  instance.bury({unread(by_default().topics.actions, "?")}, "crash");
  CHECK(dump(dsn, "SELECT e.is_complete FROM engagement_rollups e ORDER BY window_start") == "f\nf\n");
}

TEST_CASE("a change of an agent that died puts that agent's status in doubt until its next change") {
  const auto agent_image = [](const std::string& status, int minute) {
    return fmt::format(R"({{"id":"{}","organization_id":"{}","status":"{}","status_changed_at":"{}"}})", id(101).text(), id(1).text(),
                       status, format_instant(kStart + std::chrono::minutes{minute}));
  };
  struct Case {
    std::string name;
    std::shared_ptr<runtime::Event> dead;
    std::string kind;
    runtime::Dead why;
  };
  const Instant busy = kStart + std::chrono::minutes{6};
  for (const auto& [name, dead, kind, why] :
       {Case{"database",
             agent_change(agent_row(1, AgentStatus::kIdle, kStart), agent_row(1, AgentStatus::kBusy, busy), 5, busy),
             "database",
             {}},
        Case{"crash", unread(by_default().topics.agents, envelope("u", "null", agent_image("busy", 6))), "crash", {}},
        Case{"refused",
             unread(by_default().topics.agents, envelope("u", "null", agent_image("asleep", 6))),
             "decode",
             {"out_of_domain", "/after/status", ""}}}) {
    CAPTURE(name);
    const std::string dsn = database_known_from(kBegin);
    Instance instance(dsn);
    instance.apply({agent_change(std::nullopt, agent_row(1, AgentStatus::kIdle, kStart), 1, kStart),
                    agent_change(std::nullopt, agent_row(2, AgentStatus::kIdle, kStart), 2, kStart)});
    instance.close(kStart + std::chrono::minutes{12});
    instance.bury({dead}, kind, why);
    instance.close(kStart + std::chrono::minutes{17});
    const Instant next = kStart + std::chrono::minutes{16};
    instance.apply({agent_change(agent_row(1, AgentStatus::kBusy, busy), agent_row(1, AgentStatus::kOffline, next), 9, next)});
    instance.close(kStart + std::chrono::minutes{27});
    CHECK(dump(dsn, "SELECT to_char(window_start, 'HH24:MI'), is_complete FROM agent_metrics WHERE agent_id = '" + id(101).text() +
                        "' ORDER BY 1") == "12:00|t\n12:05|f\n12:10|f\n12:15|f\n12:20|t\n");
    CHECK(dump(dsn, "SELECT bool_and(is_complete) FROM agent_metrics WHERE agent_id = '" + id(102).text() + "'") == "t\n");
  }
}
