// Two lanes over changes that are not keyed by agent: both write the same windows. Partitions that are added while they run.
#include "common/group/group_source.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "common/ledger/postgres_letters.hpp"
#include "common/runtime/run.hpp"
#include "tests/component/rollups/bench_of_instances.hpp"

#include <fmt/format.h>

#include <atomic>
#include <thread>

using namespace weir;
using namespace weir::rollups;

namespace {

constexpr Milliseconds kPatience{60'000};
constexpr int kEvents = 3'000;
constexpr int kAgents = 20;

/// An execution that ended `number` seconds after the start, of an agent that every partition has.
std::string row_text(int number, std::string_view status) {
  const std::string at = format_instant(kStart + Seconds{number});
  return fmt::format(
      R"({{"organization_id":"{}","agent_id":"{}","status":"{}","started_at":"{}","completed_at":"{}",)"
      R"("progress":100,"execution_time_ms":10,"memory_mb":1,"cpu_percent":1,"quality_score":1,"confidence_score":1,"user_rating":5}})",
      id(1).text(), id(100 + number / 2 % kAgents).text(), status, at, at);
}

std::string change_of(int number, int place, const std::string& before, const std::string& after, char op) {
  return fmt::format(
      R"({{"before":{},"after":{},"source":{{"name":"weir","db":"app","schema":"public","table":"agent_executions","ts_ms":{},)"
      R"("sequence":"[\"{}\",\"{}\"]","txId":7}},"op":"{}"}})",
      before, after, unix_ms(kStart + Seconds{number}), place * 2, place * 2 + 1, op);
}

std::string change_text(int number) { return change_of(number, number, "null", row_text(number, "completed"), 'c'); }

/// The same execution, which turns out to have failed.
std::string correction_text(int number) {
  return change_of(number, kEvents + number, row_text(number, "completed"), row_text(number, "failed"), 'u');
}

/// A database, topics of two partitions each, and the changes in them by turns.
struct Scene {
  explicit Scene(int events = kEvents) {
    broker.brokers = testing::kafka().bootstrap();
    options.topics = {prefix + "executions", prefix + "agents", prefix + "tasks", prefix + "actions", prefix + "message"};
    options.group = prefix + "rollups";
    options.flush.interval = Milliseconds{20};
    options.flush.max_records = 100;
    options.fresh_rows = 1;  // both lanes guess every row that they do not know to be new
    std::vector<kafka::TopicSpec> specs;
    for (const std::string& topic : topics()) specs.push_back({topic, 2, 1, {{"retention.ms", "-1"}}});
    must(must(kafka::Admin::open(broker))->create_topics(specs));
    publish(0, events, 2, change_text);
  }
  /// Changes of executions, to the partitions by turns.
  void publish(int first, int end, int partitions, std::string (*text)(int)) const {
    const auto producer = must(kafka::Producer::open(broker, kafka::ProducerOptions{}));
    for (int number = first; number < end; ++number) {
      const std::string value = text(number);
      kafka::Message message;
      message.topic = options.topics.executions;
      message.partition = number % partitions;
      message.value = value;
      REQUIRE(producer->send(message));
    }
    must(producer->flush(kPatience));
  }
  [[nodiscard]] std::vector<std::string> topics() const {
    return {options.topics.executions, options.topics.agents, options.topics.tasks, options.topics.actions};
  }

  kafka::Settings broker;
  std::string prefix = testing::topic_prefix();
  std::string dsn = migrated_database();
  Options options = by_default();
};

struct LaneOfTest {
  explicit LaneOfTest(const Scene& scene) : consumer(scene.options), ledger({scene.dsn, "weir test"}, {scene.options.group, kPatience}) {}
  RollupsConsumer consumer;
  ledger::PostgresLedger ledger;
  ledger::PostgresLetters letters{ledger, {.group = "weir.rollups", .grace = std::chrono::minutes{15}}};
};

/// Runs two lanes until `done`.
void run_until(const Scene& scene, const std::function<bool()>& done) {
  LaneOfTest first(scene);
  LaneOfTest second(scene);
  const SystemClock clock;
  telemetry::Log log("test", telemetry::LogFormat::kText, telemetry::LogLevel::kError);
  telemetry::Metrics metrics;
  telemetry::Health health;
  std::atomic<bool> stopped{false};
  const auto open = [&](runtime::RebalanceListener& listener) {
    group::GroupOptions group;
    group.group = scene.options.group;
    group.topics = scene.topics();
    group.session_timeout = Milliseconds{10'000};
    return group::open_group_source(scene.broker, group, listener);
  };
  runtime::Options options;
  options.idle_timeout = kPatience;
  options.drain_time = Milliseconds{20'000};
  options.parking = {.per_key = 10'000, .per_partition = 100'000};
  Result<void> outcome{};
  std::jthread running([&] {
    outcome = runtime::run({{{first.consumer, first.ledger, first.letters}, {second.consumer, second.ledger, second.letters}},
                            open,
                            clock,
                            log,
                            metrics,
                            health,
                            [&] { return stopped.load(); }},
                           options);
  });
  CHECK(await(kPatience, done));
  stopped = true;
  running.join();
  must(std::move(outcome));
}

}  // namespace

TEST_CASE("two lanes that guess the same windows new and meet in deadlocks still count each event once") {
  const Scene scene;
  auto sql = connect(scene.dsn);
  const auto number = [&](const std::string& query) { return must(sql.script(query))[0].get<std::int64_t>(0); };
  run_until(scene, [&] { return number("SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts") >= kEvents; });
  CHECK(number("SELECT sum(n)::bigint FROM weir.outcome_counts WHERE outcome = 'done'") == kEvents);
  CHECK(number("SELECT sum(total_tasks)::bigint FROM public.agent_metrics") == kEvents);
  CHECK(number("SELECT count(*) FROM public.agent_metrics") == kAgents * kEvents / 300);
  // Both lanes wrote the same rows: no single partition had all the events that are counted in them.
  CHECK(number("SELECT max(version) FROM public.agent_metrics") > 1);
  CHECK(number("SELECT count(*) FROM weir.dead_letters") == 0);
}

TEST_CASE("where partitions are added while the group runs, changes of one row that come over two of them still count once") {
  constexpr int kFew = 600;
  const Scene scene(kFew);
  auto sql = connect(scene.dsn);
  const auto number = [&](const std::string& query) { return must(sql.script(query))[0].get<std::int64_t>(0); };
  const auto taken = [&] { return number("SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts"); };
  bool is_raised = false;
  run_until(scene, [&] {
    if (!is_raised && taken() > 0) {
      must(must(kafka::Admin::open(scene.broker))->raise_partitions(scene.options.topics.executions, 5));
      // Their rows lie in other partitions now, and some of them are still to be read there.
      scene.publish(0, kFew, 5, correction_text);
      is_raised = true;
    }
    return taken() >= kFew;
  });
  run_until(scene, [&] { return taken() >= 2 * kFew; });
  CHECK(number("SELECT count(DISTINCT partition) FROM weir.outcome_counts WHERE outcome = 'done'") == 5);
  CHECK(number("SELECT sum(failed_tasks)::bigint FROM public.agent_metrics") == kFew);
  CHECK(number("SELECT sum(completed_tasks)::bigint FROM public.agent_metrics") == 0);
  CHECK(number("SELECT bool_and(execution_time_count = total_tasks AND execution_time_sum = 10 * 10 ^ 9 * total_tasks)::integer FROM "
               "public.agent_metrics") == 1);
}
