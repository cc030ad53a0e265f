// Instances of the consumer against a real Postgres: each with its connection, driven as the runtime drives it.
#pragma once

#include "common/core/await.hpp"
#include "common/events/action_id.hpp"
#include "common/postgres/connection.hpp"
#include "common/testing/default_configuration.hpp"
#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"
#include "consumers/rollups/component.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace weir::rollups {

inline const Instant kStart = *parse_instant("2026-11-18T12:00:00Z");
constexpr std::int64_t kMs = 1'000'000'000;

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().line());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// The consumer's options where nobody has set anything, but that every wake-up derives, however long that takes.
inline const Options& by_default() {
  static const Options options = [] {
    Options made = testing::by_default(rollups_component(), options_from);
    made.deriving.interval = {};
    made.deriving.parts = 0;
    return made;
  }();
  return options;
}

inline postgres::Connection connect(const std::string& dsn) { return must(postgres::Connection::open({dsn, "weir test"})); }

/// The session that looks at a test's database and changes what a test changes by hand: one for as long as a test stays with a database,
/// because a new session must learn every table anew, which takes longer than most questions do.
class Observer {
 public:
  postgres::Connection& of(const std::string& dsn) {
    if (dsn != dsn_) {
      leave();
      connection_.emplace(connect(dsn));
      dsn_ = dsn;
    }
    return *connection_;
  }
  /// A database to which somebody is connected cannot be copied.
  void leave() {
    connection_.reset();
    dsn_.clear();
  }

 private:
  std::string dsn_;
  std::optional<postgres::Connection> connection_;
};

inline Observer& observer() {
  thread_local Observer of_this_thread;
  return of_this_thread;
}

using events::action_event_id;

inline Uuid id(int number);

/// A database in which the organizations of the tests exist.
inline std::string migrated_database() {
  static const std::string original = [] {
    std::string dsn = testing::migrated_database();
    auto connection = connect(dsn);
    for (const int number : {1, 2}) {
      must(connection.execute("organization", "INSERT INTO organizations (id, name) VALUES ($1, 'org')",
                              postgres::Params().add(id(number))));
    }
    return dsn;
  }();
  return testing::copied_database(original);
}

inline Uuid id(int number) {
  Uuid out;
  out.bytes[6] = 0x40;
  out.bytes[8] = 0x80;
  out.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  out.bytes[15] = static_cast<std::uint8_t>(number);
  return out;
}

/// Events that own their facts.
using Events = std::vector<std::shared_ptr<runtime::Event>>;

template <class T>
std::shared_ptr<runtime::Event> event_of(T fact, Instant recorded_at = kStart + std::chrono::hours{1},
                                         const std::optional<ExecutionId>& row = std::nullopt, std::vector<QueueMove> moves = {}) {
  auto event = std::make_shared<runtime::Event>();
  event->decoded.payload = std::make_unique<Fact>(std::move(fact), row, std::move(moves));
  event->decoded.recorded_at = recorded_at;
  return event;
}

class Instance final : public runtime::Work {
 public:
  explicit Instance(const std::string& dsn, Options options = by_default()) : connection_(connect(dsn)), consumer(std::move(options)) {
    must(consumer.prepare(connection_));
  }

  postgres::Statements& statements() override { return connection_; }
  [[nodiscard]] postgres::Connection& connection() { return connection_; }
  Result<std::optional<Instant>> group_watermark() override { return watermark; }

  std::vector<runtime::Outcome> begin_apply(const Events& events) {
    must(connection_.begin());
    std::vector<const runtime::Event*> batch;
    for (const auto& event : events) batch.push_back(event.get());
    const auto folded = consumer.fold();
    folded->add_all(batch);
    return must(consumer.apply(batch, folded.get(), *this, now));
  }
  void commit() {
    must(connection_.commit());
    consumer.settled(runtime::Settlement::kCommitted);
  }
  void roll_back() {
    must(connection_.rollback());
    consumer.settled(runtime::Settlement::kRolledBack);
  }
  std::vector<runtime::Outcome> apply(const Events& events) {
    auto outcomes = begin_apply(events);
    commit();
    return outcomes;
  }
  /// Gives the consumer burials, as the runtime does; `kind` is that of weir.dead_letters.
  void begin_bury(const Events& events, std::string_view kind, const runtime::Dead& why = {"pg_constraint", "", ""}) {
    must(connection_.begin());
    std::vector<runtime::Burial> burials;
    for (const auto& event : events) burials.push_back({event.get(), kind, &why});
    must(consumer.bury(burials, *this, now));
  }
  void bury(const Events& events, std::string_view kind, const runtime::Dead& why = {"pg_constraint", "", ""}) {
    begin_bury(events, kind, why);
    commit();
  }
  /// One wake-up.
  void wake() {
    must(connection_.begin());
    must(consumer.wake(*this, now));
    commit();
  }
  /// Wakes until nothing more is due.
  void close(std::optional<Instant> at) {
    watermark = at;
    for (bool more = true; more;) {
      must(connection_.begin());
      must(consumer.wake(*this, now));
      commit();
      more = consumer.next_wakeup() == Microseconds{0};
    }
  }

 private:
  postgres::Connection connection_;

 public:
  RollupsConsumer consumer;
  std::optional<Instant> watermark;
  Instant now = kStart + std::chrono::hours{1};
};

inline ExecutionRow execution(int agent, Instant completed_at, std::string status = "completed") {
  ExecutionRow row;
  row.organization = OrganizationId{id(1)};
  row.agent = AgentId{id(100 + agent)};
  row.status = std::move(status);
  row.completed_at = completed_at;
  row.updated_at = completed_at;
  return row;
}

/// Where a change stands in the only source.
inline SourceOrder order_at(std::int64_t lsn, Instant recorded_at) {
  return {"weir", "app", {std::nullopt, static_cast<std::uint64_t>(lsn)}, recorded_at};
}

/// `lsn` is the change's place in its source, for rows that may have a divergence.
inline std::shared_ptr<runtime::Event> change(const std::optional<ExecutionRow>& before, const std::optional<ExecutionRow>& after,
                                              Instant recorded_at = kStart + std::chrono::hours{1},
                                              const std::optional<ExecutionId>& row = std::nullopt, std::uint64_t lsn = 0) {
  auto effect = judge_execution(before, after, recorded_at, by_default().times);
  auto event = event_of(std::make_unique<const ExecutionEffect>(std::move(effect)), recorded_at, row, moves_of_execution(before, after));
  event->decoded.change = runtime::ChangePosition{"weir", "app", {}, lsn, 'u', 0, 0, recorded_at};
  return event;
}

inline std::shared_ptr<runtime::Event> agent_change(const std::optional<AgentRow>& before, const std::optional<AgentRow>& after,
                                                    std::int64_t lsn, Instant recorded_at) {
  return event_of(AgentChange{facts_of(before, after, order_at(lsn, recorded_at), recorded_at, by_default().times)}, recorded_at);
}

/// An execution that has started and not ended.
inline ExecutionRow running(int agent, Instant started_at) {
  ExecutionRow row = execution(agent, started_at, "running");
  row.completed_at.reset();
  row.started_at = started_at;
  return row;
}

inline TaskRow task(bool queued, Instant enqueued_at, std::optional<Instant> updated_at = std::nullopt) {
  return {OrganizationId{id(1)}, queued, enqueued_at, updated_at.value_or(enqueued_at)};
}

inline std::shared_ptr<runtime::Event> task_change(const std::optional<TaskRow>& before, const std::optional<TaskRow>& after) {
  const Instant recorded_at = kStart + std::chrono::hours{1};
  return event_of(TaskChange{}, recorded_at, std::nullopt, moves_of_task(before, after, recorded_at, by_default().times));
}

inline AgentRow agent_row(int agent, AgentStatus status, Instant changed_at, Instant created_at = kStart) {
  return {{OrganizationId{id(1)}, AgentId{id(100 + agent)}}, status, changed_at, created_at};
}

/// A click of a user. Two with one name are repeats of each other.
inline std::shared_ptr<runtime::Event> acted(const std::string& name, Instant at, int user = 7, const std::string& session = "s",
                                             Instant recorded_at = kStart + std::chrono::hours{1}) {
  const OrganizationId organization{id(1)};
  return event_of(ActionFact{action_event_id(organization, "app", name), organization, "click", at, UserId{id(user)}, session},
                  recorded_at);
}

/// An event without a payload, as the runtime has it where the event ended the process or its decoder refused it.
inline std::shared_ptr<runtime::Event> unread(const std::string& topic, const std::string& value) {
  struct Owned final : runtime::Event {
    std::string topic_text;
    std::string value_text;
  };
  auto event = std::make_shared<Owned>();
  event->topic_text = topic;
  event->value_text = value;
  event->record.topic = event->topic_text;
  event->record.value = event->value_text;
  event->record.timestamp = kStart + std::chrono::hours{1};
  return event;
}

/// How an event ended: its reason if it was skipped.
inline std::string reason(const runtime::Outcome& outcome) {
  const auto* skipped = std::get_if<runtime::Skipped>(&outcome);
  return skipped == nullptr ? std::holds_alternative<runtime::Done>(outcome) ? "done" : "dead" : std::string(skipped->reason);
}

/// Waits until a session waits for a lock. Where none does, it does not end the test, because threads must still be joined.
inline void await_blocked(const std::string& dsn) {
  auto watcher = connect(dsn);
  CHECK(await(Milliseconds{20'000}, [&] {
    return must(watcher.script("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")).size() == 1;
  }));
}

/// All rows of a query as text, one a line.
inline std::string dump(postgres::Connection& connection, const std::string& sql) {
  const auto rows = must(connection.script(sql));
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (int column = 0; column < PQnfields(rows.raw()); ++column) {
      if (column > 0) out += '|';
      out += rows[i].is_null(column) ? "null" : std::string(rows[i].text(column));
    }
    out += '\n';
  }
  return out;
}

inline std::string dump(const std::string& dsn, const std::string& sql) { return dump(observer().of(dsn), sql); }

/// Makes the group begin before all changes of a test, so that every window is complete from `at` on.
inline std::string database_known_from(Instant at) {
  std::string dsn = migrated_database();
  must(observer().of(dsn).execute(
      "known_from", R"(
    INSERT INTO weir.rollup_progress (group_id, executions_known_from, agents_known_from, actions_known_from, tasks_known_from,
                                      derives_from, retention_us, max_future_us)
    VALUES ('weir.rollups', $1, $1, $1, $1, $1, $2, $3))",
      postgres::Params().add(at).add(by_default().times.retention.count()).add(by_default().times.max_future.count())));
  return dsn;
}

inline void run_sql(const std::string& dsn, const std::string& sql) { must(observer().of(dsn).script(sql)); }

/// The rows of tables, without the columns that tell how often and when they were written.
inline std::string lasting_rows(const std::string& dsn, const std::vector<std::string>& tables) {
  std::string rows;
  for (const std::string& table : tables) {
    rows +=
        dump(dsn, "SELECT to_jsonb(t) - '{version,revision,corrected_at,updated_at}'::text[] AS line FROM " + table + " t ORDER BY line");
  }
  return rows;
}

/// Every column that must be the same for any split and order of the same history, of what is derived too.
inline std::string settled_rows(const std::string& dsn) {
  Instance last(dsn);
  last.close(std::nullopt);  // derives what is still marked
  return lasting_rows(
      dsn, {"agent_metrics", "engagement_rollups", "agent_metrics_1h", "agent_metrics_1d", "engagement_rollups_1h", "engagement_rollups_1d",
            "metric_trends", "system_health", "weir.system_health_total", "system_health_1h", "system_health_1d"});
}

}  // namespace weir::rollups
