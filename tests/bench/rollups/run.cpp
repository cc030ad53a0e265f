#include "tests/bench/rollups/run.hpp"

#include "common/core/await.hpp"
#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/rollups/events.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/usage.hpp"

#include <fmt/format.h>

#include <memory>
#include <vector>

namespace weir::bench {

namespace {

constexpr Milliseconds kBrief{60'000};

postgres::Connection connect(const std::string& dsn) { return must(postgres::Connection::open({dsn, "weir bench"})); }

std::int64_t number(postgres::Connection& connection, const std::string& sql) {
  return must(connection.script(sql))[0].get<std::int64_t>(0);
}

/// How often rows of agent_metrics were written, over its partitions.
constexpr const char* kWritten =
    "SELECT coalesce(sum(n_tup_ins + n_tup_upd), 0)::bigint FROM pg_stat_user_tables WHERE relname LIKE 'agent_metrics%'";

using Instances = std::vector<std::unique_ptr<Component>>;

template <class Each>
double sum(const Instances& instances, Each each) {
  double all = 0;
  for (const auto& instance : instances) all += static_cast<double>(each(instance->id()));
  return all;
}

/// weir's processes, the cluster and the broker at one moment.
struct Meters {
  const Instances& instances;
  double process = sum(instances, cpu_seconds);
  double postgres = tree_cpu_seconds(testing::postgres().id());
  double broker = tree_cpu_seconds(testing::kafka().id());
  Stopwatch watch;

  explicit Meters(const Instances& all) : instances(all) {}
  [[nodiscard]] Cost since() const {
    return {watch.seconds(), sum(instances, cpu_seconds) - process, tree_cpu_seconds(testing::postgres().id()) - postgres,
            tree_cpu_seconds(testing::kafka().id()) - broker};
  }
};

/// Without marks nothing is derived, and all else is as it was.
constexpr const char* kDropMarks = R"(
CREATE FUNCTION weir.drop_mark() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER drop_mark BEFORE INSERT ON weir.window_changes FOR EACH ROW EXECUTE FUNCTION weir.drop_mark())";

/// How far a run is: the longer ones take minutes.
void tell(const char* what, const Stopwatch& since) { std::fprintf(stderr, "bench: %s after %.1f s\n", what, since.seconds()); }

void await_settled(postgres::Connection& connection, Component& component, const BacklogRun& run) {
  const std::string open = fmt::format(
      "SELECT (SELECT count(*) FROM weir.window_changes) + (SELECT count(*) FROM weir.rollup_progress WHERE closed_until < '{}')",
      format_instant(run.load.from + run.load.span));
  component.await(
      "the last window to be derived", run.patience, [&] { return number(connection, open) == 0; }, Milliseconds{20});
}

void correct_late(const kafka::Settings& broker, postgres::Connection& connection, const Instances& instances, const BacklogRun& run,
                  Outcome& outcome) {
  Component& first = *instances.front();
  const Meters meters(instances);
  for (std::int64_t i = 0; i < run.late; ++i) {
    publish_one(broker, executions_topic(run.prefix), run.load, run.load.events + i,
                run.load.from + run.load.span / 2 + i * std::chrono::minutes{5});
    first.await(
        "a late event", kBrief,
        [&] { return number(connection, "SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts") > run.load.events + i; },
        Milliseconds{20});
    await_settled(connection, first, run);
  }
  const Cost corrected = meters.since();
  // The same time with nothing to do, of which what waking up costs is taken away.
  const Meters idle(instances);
  await(Milliseconds{static_cast<std::int64_t>(corrected.wall * 1'000)}, [] { return false; });
  outcome.late_wall = corrected.wall / static_cast<double>(run.late);
  const Cost nothing = idle.since();
  outcome.late_cpu = (corrected.process + corrected.postgres - nothing.process - nothing.postgres) / static_cast<double>(run.late);
}

}  // namespace

std::map<std::string, std::string> rollups_environment(const kafka::Settings& broker, const std::string& dsn, const std::string& prefix) {
  return {{"WEIR_KAFKA_BROKERS", broker.brokers},
          {"WEIR_POSTGRES_DSN", dsn},
          {"WEIR_CONSUMERS_ROLLUPS_START", "earliest"},
          {"WEIR_CONSUMERS_ROLLUPS_TOPIC_PREFIX", prefix},
          {"WEIR_CONSUMERS_ROLLUPS_ACTIONS_TOPIC", prefix + ".actions"}};
}

void require_exact(postgres::Connection& connection, std::int64_t events) {
  const std::int64_t counted = number(connection, "SELECT coalesce(sum(total_tasks), 0)::bigint FROM public.agent_metrics");
  const std::int64_t done = number(connection, "SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts WHERE outcome = 'done'");
  if (counted != events || done != events) {
    give_up(fmt::format("not exactly once: {} events, {} in the rows, {} done", events, counted, done));
  }
}

std::string migrated_database() {
  std::string dsn = testing::fresh_database();
  auto connection = connect(dsn);
  must(migrations::up(connection));
  return dsn;
}

Slot::Slot(const kafka::Settings& broker, const std::string& dsn, const std::string& prefix)
    : dsn_(dsn),
      component_("cdc", {{"WEIR_KAFKA_BROKERS", broker.brokers},
                         {"WEIR_CDC_DSN", dsn},
                         {"WEIR_CDC_SLOT", "weir_bench"},
                         {"WEIR_CDC_TABLES", "public.agent_executions"},
                         {"WEIR_CDC_TOPIC_PREFIX", prefix + ".beside"},
                         {"WEIR_CDC_SOURCE_NAME", prefix},
                         {"WEIR_CDC_POSITION_TOPIC", prefix + ".positions"},
                         {"WEIR_CDC_HEARTBEAT", "1s"}}) {
  auto connection = connect(dsn_);
  component_.await("a streaming slot", kBrief, [&] {
    return number(connection, "SELECT count(*) FROM pg_replication_slots WHERE active AND confirmed_flush_lsn IS NOT NULL") == 1;
  });
}

double Slot::drained() {
  const Stopwatch watch;
  auto connection = connect(dsn_);
  const std::string written = must(connection.script("SELECT pg_current_wal_lsn()::text"))[0].get<std::string>(0);
  component_.await("the slot to take in what was written", kBrief, [&] {
    return number(connection, fmt::format("SELECT count(*) FROM pg_replication_slots WHERE confirmed_flush_lsn >= '{}'", written)) == 1;
  });
  return watch.seconds();
}

void Slot::drop() {
  component_.stop();
  auto connection = connect(dsn_);
  // Its walsender goes a moment after its client.
  const bool gone = await(kBrief, [&] {
    must(connection.script("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active"));
    return number(connection, "SELECT count(*) FROM pg_replication_slots") == 0;
  });
  if (!gone) give_up("the slot is still in use");
}

Outcome run_backlog(const kafka::Settings& broker, const BacklogRun& run) {
  const std::string dsn = migrated_database();
  auto connection = connect(dsn);
  std::optional<Slot> slot;
  if (run.with_slot) slot.emplace(broker, dsn, run.prefix);
  const bool settles = run.derives != BacklogRun::Derives::kUnmeasured;
  if (run.derives == BacklogRun::Derives::kNo) must(connection.script(kDropMarks));
  must(connection.script("CHECKPOINT"));
  Instances instances;
  auto environment = rollups_environment(broker, dsn, run.prefix);
  environment["WEIR_CONSUMERS_ROLLUPS_LANES"] = std::to_string(run.lanes);
  environment["WEIR_CONSUMERS_ROLLUPS_MAX_RECORDS"] = std::to_string(run.unit);
  if (settles) environment["WEIR_CONSUMERS_ROLLUPS_IDLE_TIMEOUT"] = "1s";
  for (std::int64_t i = 0; i < run.instances; ++i) instances.push_back(std::make_unique<Component>("rollups", environment));
  Component& first = *instances.front();
  const std::string claimed =
      fmt::format("SELECT count(*) FROM weir.consumer_offsets WHERE topic = '{}' AND owner IS NOT NULL", executions_topic(run.prefix));
  first.await(
      "the first claim", kBrief, [&] { return number(connection, claimed) > 0; }, Milliseconds{2});
  const Meters meters(instances);
  first.await(
      "the last event", run.patience,
      [&] { return number(connection, "SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts") >= run.load.events; },
      Milliseconds{20});
  Outcome outcome;
  outcome.cost = meters.since();
  if (settles) {
    tell("taken in", meters.watch);
    await_settled(connection, first, run);
    outcome.settled = meters.since();
    tell("closed and derived", meters.watch);
  }
  if (run.late > 0) {
    correct_late(broker, connection, instances, run, outcome);
    tell("corrected late", meters.watch);
  }
  if (slot) outcome.slot_drained = slot->drained();
  outcome.peak_memory = sum(instances, peak_memory_bytes);
  for (const auto& instance : instances) {
    outcome.peak_of_one = std::max(outcome.peak_of_one, static_cast<double>(peak_memory_bytes(instance->id())));
  }
  outcome.process_total = sum(instances, cpu_seconds);
  for (const auto& instance : instances) instance->stop();
  if (slot) slot->drop();
  require_exact(connection, run.load.events + run.late);
  outcome.rows = number(connection, "SELECT count(*) FROM public.agent_metrics");
  outcome.rows_written = number(connection, kWritten);
  return outcome;
}

}  // namespace weir::bench
