// weir rollups in live form: events come at a steady rate, and each is timed from its own time (which it gets as it is sent) to the moment
// at which another session sees its row. Positions are committed with the rows, so that a position tells which events are visible.
#include "common/postgres/connection.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/rollups/events.hpp"
#include "tests/bench/rollups/run.hpp"
#include "tests/bench/rollups/steady_load.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/percentiles.hpp"
#include "tests/bench/support/usage.hpp"

#include <fmt/format.h>

#include <array>
#include <mutex>

namespace {

using namespace weir;
using namespace weir::bench;

constexpr Milliseconds kPatience{60'000};

struct Plan {
  std::int64_t rate = 20'000;
  std::int64_t seconds = 15;
  std::int64_t warmup = 5;  // seconds before what counts
};

/// When each event of each partition was sent, by its offset.
class Sent {
 public:
  void add(std::size_t partition, Instant at) {
    const std::lock_guard lock(mutex_);
    times_[partition].push_back(at);
  }
  /// Calls `each` with the times of the events of [from, to).
  template <class Each>
  void take(std::size_t partition, std::size_t from, std::size_t to, Each each) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = from; i < std::min(to, times_[partition].size()); ++i) each(times_[partition][i]);
  }

 private:
  std::mutex mutex_;
  std::array<std::vector<Instant>, kPartitions> times_;
};

struct Figures {
  double p50 = 0;
  double p99 = 0;
  double share = 0;  // of one core
  double rate = 0;
  double memory = 0;
};

Figures measure(const kafka::Settings& broker, const std::string& interval, const Plan& plan) {
  const std::string prefix = testing::topic_prefix() + "cdc";
  make_topics(broker, prefix);
  const std::string dsn = migrated_database();
  auto environment = rollups_environment(broker, dsn, prefix);
  environment["WEIR_CONSUMERS_ROLLUPS_FLUSH_INTERVAL"] = interval;
  Component weir("rollups", environment);
  auto connection = must(postgres::Connection::open({dsn, "weir bench"}));
  const std::string topic = executions_topic(prefix);
  const std::string positions =
      fmt::format("SELECT partition, next_offset FROM weir.consumer_offsets WHERE topic = '{}' AND owner IS NOT NULL", topic);
  weir.await("its partitions", kPatience, [&] { return must(connection.script(positions)).size() == kPartitions; });

  const SystemClock clock;
  Sent sent;
  const Instant counted_from = clock.now() + Seconds{plan.warmup};
  SteadyLoad load(broker, topic, {plan.rate, plan.rate * (plan.warmup + plan.seconds)},
                  [&](std::size_t partition, Instant at) { sent.add(partition, at); });
  Percentiles latencies;
  std::array<std::size_t, kPartitions> seen{};
  std::int64_t visible = 0;
  std::optional<double> cpu;
  std::optional<bench::Stopwatch> watch;
  weir.await(
      "the last event", kPatience + Seconds{plan.warmup + plan.seconds},
      [&] {
        const auto rows = must(connection.script(positions));
        const Instant now = clock.now();
        if (!cpu && now >= counted_from) {
          cpu = cpu_seconds(weir.id());
          watch.emplace();
        }
        for (std::size_t i = 0; i < rows.size(); ++i) {
          const auto partition = rows[i].get<std::size_t>(0);
          const auto next = rows[i].get<std::size_t>(1);
          sent.take(partition, seen[partition], next, [&](Instant at) {
            ++visible;
            if (at >= counted_from) latencies.add(std::chrono::duration<double, std::milli>(now - at).count());
          });
          seen[partition] = std::max(seen[partition], next);
        }
        return visible >= plan.rate * (plan.warmup + plan.seconds);
      },
      Milliseconds{2});
  Figures figures;
  figures.p50 = latencies.at(0.5);
  figures.p99 = latencies.at(0.99);
  figures.share = (cpu_seconds(weir.id()) - cpu.value_or(0)) / watch->seconds();
  figures.rate = static_cast<double>(latencies.count()) / watch->seconds();
  figures.memory = static_cast<double>(peak_memory_bytes(weir.id())) / 1e6;
  static_cast<void>(load.finish());
  weir.stop();
  return figures;
}

}  // namespace

int main(int count, char** words) {
  Plan plan;
  CommandLine line("weir rollups live: from an event to its visible row at a steady rate, by flush interval; smallest form of events.");
  line.option("rate", plan.rate, "events a second").option("seconds", plan.seconds, "that count, for each interval");
  Report report = line.parse(count, words);
  kafka::Settings broker;
  broker.brokers = testing::kafka().bootstrap();
  for (const std::string interval : {"200ms", "1s", "5s"}) {
    const Figures figures = measure(broker, interval, plan);
    const std::string name = "live, flush interval " + interval;
    interval == "1s" ? report.own(name + ": taken in", figures.rate, "events/s")
                     : report.figure(name + ": taken in", figures.rate, "events/s");
    report.figure(name + ": event to visible row, p50", figures.p50, "ms");
    report.figure(name + ": event to visible row, p99", figures.p99, "ms");
    report.figure(name + ": weir, share of one core", 100 * figures.share, "%");
    report.figure(name + ": weir, peak memory", figures.memory, "MB");
  }
  report.print();
  return 0;
}
