// Two instances of weir rollups share a topic under a steady load, and one is killed: how long until the other writes the first row for
// one of its partitions. A session is short enough only if it raises no false alarm, so that a loaded minute goes before: whatever changes
// hands in it is counted.
#include "common/core/await.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/recovery/pair.hpp"
#include "tests/bench/rollups/events.hpp"
#include "tests/bench/rollups/run.hpp"
#include "tests/bench/rollups/steady_load.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/percentiles.hpp"

#include <fmt/format.h>

namespace {

using namespace weir;
using namespace weir::bench;

constexpr Milliseconds kPatience{120'000};
constexpr std::int32_t kEmptyTopics = 3;  // that weir rollups reads beside executions, a partition each
constexpr double kAllowed = 10;           // seconds
constexpr double kKafkaStreams = 45;      // seconds: its session.timeout.ms, before anything of the partition can be read elsewhere

struct Plan {
  std::int64_t rate = 10'000;
  std::int64_t loaded = 60;  // seconds
  std::int64_t rounds = 5;
  std::int64_t session = 6;  // seconds; the least that weir rollups takes
  std::string protocols = "both";
};

struct Figures {
  Percentiles claimed;
  Percentiles first;
  Percentiles all;
  std::int64_t false_alarms = 0;
};

/// Positions move until every event that was sent has ended.
void await_end(const std::string& dsn, std::int64_t events) {
  auto connection = must(postgres::Connection::open({dsn, "weir bench"}));
  const bool ended = await(kPatience, [&] {
    return must(connection.script("SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts"))[0].get<std::int64_t>(0) >= events;
  });
  if (!ended) give_up("events are missing");
  require_exact(connection, events);
}

Figures measure(const kafka::Settings& broker, const std::string& protocol, const Plan& plan) {
  const std::string prefix = testing::topic_prefix() + "cdc";
  // Members share out partitions of all topics together: with as many of the empty ones, one might get all of those that matter.
  make_topics(broker, prefix, kPartitions, 1);
  const std::string dsn = migrated_database();
  auto environment = rollups_environment(broker, dsn, prefix);
  environment["WEIR_CONSUMERS_ROLLUPS_SESSION_TIMEOUT"] = fmt::format("{}s", plan.session);
  environment["WEIR_CONSUMERS_ROLLUPS_GROUP_PROTOCOL"] = protocol;
  Pair pair(dsn, executions_topic(prefix), kPartitions + kEmptyTopics, environment);
  SteadyLoad load(broker, executions_topic(prefix), {plan.rate, 0});
  Figures figures;
  // At its first record a partition is claimed once more, because its owner has to ask whether it may read keys of that form.
  if (!await(kPatience, [&] { return pair.has_begun(); })) give_up("a partition has no event");
  const Positions before = pair.positions();
  const bench::Stopwatch watch;
  await(
      Seconds{plan.loaded}, [&] { return watch.seconds() >= static_cast<double>(plan.loaded); }, Milliseconds{100});
  figures.false_alarms = changes_of_hands(before, pair.positions());
  std::fprintf(stderr, "bench: %s: %d changes of owner under load\n", protocol.c_str(), static_cast<int>(figures.false_alarms));
  for (std::int64_t round = 0; round < plan.rounds; ++round) {
    const Death death = pair.death();
    std::fprintf(stderr, "bench: %s, round %d: first claim after %.2f s, first row after %.2f s, all after %.2f s\n", protocol.c_str(),
                 static_cast<int>(round) + 1, death.claimed, death.first_written, death.all_written);
    figures.claimed.add(death.claimed);
    figures.first.add(death.first_written);
    figures.all.add(death.all_written);
  }
  const std::int64_t sent = load.finish();
  await_end(dsn, sent);
  pair.stop();
  return figures;
}

void add(Report& report, const std::string& protocol, const Plan& plan, Figures figures, bool own) {
  const std::string name = fmt::format("recovery, {} protocol, session of {} s", protocol, plan.session);
  const double median = figures.first.at(0.5);
  const double worst = figures.first.at(1);
  own ? report.own(name + ": kill to first row, median", median, "s") : report.figure(name + ": kill to first row, median", median, "s");
  report.figure(name + ": kill to first row, worst", worst, "s");
  report.figure(name + ": kill to first claim, median", figures.claimed.at(0.5), "s");
  report.figure(name + ": kill to a row for each of its partitions, worst", figures.all.at(1), "s");
  report.figure(name + ": rounds", static_cast<double>(figures.first.count()), "");
  report.figure(fmt::format("{}: changes of owner in {} loaded seconds before", name, plan.loaded),
                static_cast<double>(figures.false_alarms), "");
  const bool reached = worst <= kAllowed && figures.false_alarms == 0;
  report.note(fmt::format("{} protocol, {:.0f} s without a false alarm: {}", protocol, kAllowed, reached ? "reached" : "NOT REACHED"));
}

}  // namespace

int main(int count, char** words) {
  Plan plan;
  CommandLine line("weir rollups, one of two instances killed under load: from the kill to the other's first row for its partitions.");
  line.option("rate", plan.rate, "events a second")
      .option("loaded", plan.loaded, "seconds under load before the first kill, in which nothing may change hands")
      .option("rounds", plan.rounds, "kills, for each protocol")
      .option("session", plan.session, "seconds; at least 6")
      .option("protocols", plan.protocols, "classic, consumer (KIP-848; the private broker allows short sessions) or both");
  Report report = line.parse(count, words);
  kafka::Settings broker;
  broker.brokers = testing::kafka().bootstrap();
  bool own = true;
  for (const std::string protocol : {"classic", "consumer"}) {
    if (plan.protocols != "both" && plan.protocols != protocol) continue;
    add(report, protocol, plan, measure(broker, protocol, plan), std::exchange(own, false));
  }
  report.note(fmt::format("every event was counted once; Kafka Streams' default session is {:.0f} s", kKafkaStreams));
  report.print();
  return 0;
}
