// Two lanes over changes that are not keyed by agent: both write the same windows.
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
std::string change_text(int number) {
  const Instant at = kStart + Seconds{number};
  return fmt::format(
      R"({{"before":null,"after":{{"organization_id":"{}","agent_id":"{}","status":"completed","started_at":"{}","completed_at":"{}",)"
      R"("progress":100,"execution_time_ms":10,"memory_mb":1,"cpu_percent":1,"quality_score":1,"confidence_score":1,"user_rating":5}},)"
      R"("source":{{"name":"weir","db":"app","schema":"public","table":"agent_executions","ts_ms":{},"sequence":"[\"{}\",\"{}\"]",)"
      R"("txId":7}},"op":"c"}})",
      id(1).text(), id(100 + number / 2 % kAgents).text(), format_instant(at), format_instant(at), unix_ms(at), number * 2, number * 2 + 1);
}

/// A database, topics of two partitions each, and the changes in them by turns.
struct Scene {
  Scene() {
    broker.brokers = testing::kafka().bootstrap();
    options.topics = {prefix + "executions", prefix + "agents", prefix + "tasks", prefix + "actions", prefix + "message"};
    options.group = prefix + "rollups";
    options.flush.interval = Milliseconds{20};
    options.flush.max_records = 100;
    options.fresh_rows = 1;  // both lanes guess every row that they do not know to be new
    std::vector<kafka::TopicSpec> specs;
    for (const std::string& topic : topics()) specs.push_back({topic, 2, 1, {{"retention.ms", "-1"}}});
    must(must(kafka::Admin::open(broker))->create_topics(specs));
    const auto producer = must(kafka::Producer::open(broker, kafka::ProducerOptions{}));
    for (int number = 0; number < kEvents; ++number) {
      const std::string value = change_text(number);
      kafka::Message message;
      message.topic = options.topics.executions;
      message.partition = number % 2;
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
