// An application with a database of its own, and a recomputation from it. What the rows must be is asked in SQL over the source
// (result_checks).
#pragma once

#include "common/testing/kept_log.hpp"
#include "consumers/rollups/recompute.hpp"
#include "consumers/rollups/result_checks.hpp"
#include "tests/component/rollups/bench_of_instances.hpp"

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace weir::rollups {

inline const Instant kLater = kStart + std::chrono::hours{2};

/// A database whose application writes executions, and tells of each change what weir cdc would tell.
class Application {
 public:
  explicit Application(std::string dsn, std::string name = "weir")
      : dsn_(std::move(dsn)), name_(std::move(name)), connection_(connect(dsn_)) {
    must(
        connection_.script("CREATE PUBLICATION source FOR TABLE public.agent_executions, public.agent_instances, public.agent_task_queue"));
    db_ = must(connection_.script("SELECT current_database()"))[0].get<std::string>(0);
  }
  /// Writes a row; none: deletes it. The change is of the transaction that is open, or of one of its own.
  std::shared_ptr<runtime::Event> write(int number, const std::optional<ExecutionRow>& after) { return write(connection_, number, after); }
  std::shared_ptr<runtime::Event> write(postgres::Connection& session, int number, const std::optional<ExecutionRow>& after) {
    const bool is_open = session.in_transaction();
    if (!is_open) must(session.begin());
    const Uuid row = id(1000 + number);
    if (after) {
      must(session.execute("put", R"(
        INSERT INTO public.agent_executions AS e (id, organization_id, agent_id, task_type, status, completed_at, updated_at, user_rating, memory_mb,
                                                  execution_time_ms)
        VALUES ($1, $2, $3, 't', $4, $5, $6, $7::bigint, $8::bigint / 1e9, $9::bigint / 1e9)
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, completed_at = excluded.completed_at, updated_at = excluded.updated_at,
                                       user_rating = excluded.user_rating, agent_id = excluded.agent_id, memory_mb = excluded.memory_mb,
                                       execution_time_ms = excluded.execution_time_ms)",
                           postgres::Params{}
                               .add(row)
                               .add(after->organization)
                               .add(after->agent)
                               .add(after->status)
                               .add(after->completed_at)
                               .add(after->updated_at)
                               .add(after->rating)
                               .add(after->memory)
                               .add(after->execution_time)));
    } else {
      must(session.execute("gone", "DELETE FROM public.agent_executions WHERE id = $1", postgres::Params{}.add(row)));
    }
    const auto told =
        must(session.query("told", "SELECT pg_current_xact_id()::text::bigint & 4294967295, pg_current_wal_insert_lsn() - '0/0'::pg_lsn"));
    auto event = change(held_.contains(number) ? std::optional(held_.at(number)) : std::nullopt, after, kStart + std::chrono::hours{1},
                        ExecutionId{row}, told[0].get<std::uint64_t>(1));
    event->decoded.change->source_name = name_;
    event->decoded.change->source_db = db_;
    event->decoded.change->transaction_id = told[0].get<std::uint32_t>(0);
    if (!is_open) must(session.commit());
    after ? static_cast<void>(held_.insert_or_assign(number, *after)) : static_cast<void>(held_.erase(number));
    return event;
  }
  void agent(int number, AgentStatus status, Instant created_at, Instant changed_at) {
    must(connection_.execute(
        "agent",
        "INSERT INTO public.agent_instances (id, organization_id, name, agent_type, status, status_changed_at, created_at) "
        "VALUES ($1, $2, 'a', 't', $3, $4, $5)",
        postgres::Params{}.add(id(100 + number)).add(id(1)).add(std::string(agent_status_text(status))).add(changed_at).add(created_at)));
  }
  [[nodiscard]] SourceSettings settings() const { return {name_, dsn_, "source"}; }
  [[nodiscard]] const std::string& db() const { return db_; }
  postgres::Connection& connection() { return connection_; }
  const std::map<int, ExecutionRow>& rows() const { return held_; }

 private:
  std::string dsn_;
  std::string name_;
  postgres::Connection connection_;
  std::string db_;
  std::map<int, ExecutionRow> held_;
};

inline ExecutionRow rated(int agent, Instant at, std::int64_t rating, std::int64_t memory = 7) {
  ExecutionRow row = execution(agent, at);
  row.rating = rating;
  row.memory = memory * kMs;
  row.execution_time = rating * kMs;
  return row;
}

struct Recomputing {
  Recomputing(const std::string& dsn, std::vector<SourceSettings> sources, bool publish_finals = false)
      : options{.group = by_default().group,
                .topics = by_default().topics,
                .times = by_default().times,
                .session = {dsn, "weir test"},
                .sources = std::move(sources),
                .quiet = {},
                .entry_age = {},
                .repair_interval = {},
                .publish_finals = publish_finals},
        recomputer(options, {clock, log, [] { return false; }}) {}
  /// Until nothing more is due at once.
  void run() {
    for (int turn = 0; turn < 1'000 && must(recomputer.turn()); ++turn) {
    }
  }
  /// Together with the closing of the agents' windows.
  void run(Instance& instance, Instant closed) {
    for (int round = 0; round < 4; ++round) {
      run();
      instance.close(closed);
    }
    run();
  }
  SystemClock clock;
  testing::KeptLog log{telemetry::LogLevel::kWarning};
  RecomputeOptions options;
  Recomputer recomputer;
};

/// What differs between the rows and the source in the same database.
inline std::string differences(const std::string& dsn) { return dump(dsn, std::string(result_checks().tables[0].differences)); }

inline constexpr const char* kRows =
    "SELECT total_tasks, (rating_sum / 1000000000)::bigint, is_complete, revision FROM agent_metrics ORDER BY agent_id, window_start";

/// A database in which the group began after all of the test's windows.
inline std::string begun_later() { return database_known_from(kLater + std::chrono::hours{1}); }

inline void wish(const std::string& dsn) {
  run_sql(dsn, fmt::format("INSERT INTO weir.recompute_wishes (group_id, window_from, window_until) VALUES ('weir.rollups', '{}', '{}')",
                           format_instant(kStart - std::chrono::hours{1}), format_instant(kLater)));
}

}  // namespace weir::rollups
