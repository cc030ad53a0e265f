#include "tests/bench/rollups/modes.hpp"

#include "common/testing/services.hpp"
#include "tests/bench/rollups/events.hpp"
#include "tests/bench/rollups/run.hpp"
#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace weir::bench {

namespace {

constexpr double kMegabyte = 1e6;
constexpr double kMostMemory = 200;     // MB, of an instance
constexpr double kMostForDerived = 15;  // percent
constexpr std::int64_t kLate = 5;

/// A topic with a load in it.
struct Filled {
  kafka::Settings broker;
  std::string prefix = testing::topic_prefix() + "cdc";
  Load load;

  explicit Filled(const Load& of) : load(of) {
    broker.brokers = testing::kafka().bootstrap();
    make_topics(broker, prefix);
    publish(broker, executions_topic(prefix), load);
  }
  [[nodiscard]] Outcome run(const Plan& plan, BacklogRun::Derives derives, std::int64_t late = 0) const {
    BacklogRun run;
    run.prefix = prefix;
    run.load = load;
    run.instances = plan.instances;
    run.lanes = plan.lanes;
    run.unit = plan.unit;
    run.derives = derives;
    run.late = late;
    return run_backlog(broker, run);
  }
};

/// A day that is over, and not yet so old that retention drops it, for windows that close.
Instant recent_day() { return Instant{std::chrono::floor<std::chrono::days>(SystemClock{}.now())} - std::chrono::days{2}; }

void add_memory(Report& report, const Outcome& outcome) {
  const double memory = outcome.peak_of_one / kMegabyte;
  report.figure("weir, peak memory", memory, "MB");
  report.judge(fmt::format("{:.0f} MB, below {:.0f}", memory, kMostMemory), memory < kMostMemory);
}

}  // namespace

void measure_derived(Report& report, const Plan& plan) {
  const Filled filled({.events = plan.events, .from = recent_day()});
  double with = 0;
  double without = 0;
  Outcome last;
  for (std::int64_t round = 0; round < plan.rounds; ++round) {
    const Outcome bare = filled.run(plan, BacklogRun::Derives::kNo);
    // Late corrections are new records of the topic, so that they come in the last run of all.
    last = filled.run(plan, BacklogRun::Derives::kYes, round + 1 == plan.rounds ? kLate : 0);
    const std::string name = fmt::format("round {}: ", round + 1);
    report.figure(name + "events taken in, nothing derived", static_cast<double>(plan.events) / bare.cost.wall, "events/s");
    report.figure(name + "events taken in, all derived", static_cast<double>(plan.events) / last.cost.wall, "events/s");
    report.figure(name + "until all windows are closed, nothing derived: weir and Postgres", bare.settled.process + bare.settled.postgres,
                  "CPU s");
    report.figure(name + "until all windows are closed and derived: weir and Postgres", last.settled.process + last.settled.postgres,
                  "CPU s");
    report.figure(name + "until all windows are closed, nothing derived", bare.settled.wall, "s");
    report.figure(name + "until all windows are closed and derived", last.settled.wall, "s");
    with += last.cost.wall;
    without += bare.cost.wall;
  }
  report.own("events taken in, all derived", static_cast<double>(plan.rounds * plan.events) / with, "events/s");
  const double more = 100 * (with / without - 1);
  report.figure("taking in costs more with all derived", more, "%");
  report.judge(fmt::format("{:.1f} % more, at most {:.0f}", more, kMostForDerived), more <= kMostForDerived);
  report.figure("a late correction, with all that is derived of it: weir and Postgres", last.late_cpu, "CPU s");
  report.figure("a late correction, until all is derived", last.late_wall, "s");
  add_memory(report, last);
}

void measure_period(Report& report, const Plan& plan) {
  const Filled filled({.events = 300'000, .span = std::chrono::minutes{5}});
  double best = 0;
  for (std::int64_t round = 0; round < plan.rounds; ++round) {
    const Outcome outcome = filled.run(plan, BacklogRun::Derives::kUnmeasured);
    report.figure(fmt::format("round {}: 300,000 events of one window of 1,000 agents", round + 1), outcome.cost.wall, "s");
    report.figure(fmt::format("round {}: rows written", round + 1), static_cast<double>(outcome.rows_written), "rows");
    best = round == 0 ? outcome.cost.wall : std::min(best, outcome.cost.wall);
    if (round + 1 == plan.rounds) add_memory(report, outcome);
  }
  report.own(fmt::format("300,000 events of one window of 1,000 agents, best of {}", plan.rounds), best, "s");
  report.judge(fmt::format("{:.2f} s, below 1 s", best), best < 1);
}

void measure_many(Report& report, const Plan& plan) {
  const Filled filled({.events = plan.events, .agents = 10'000, .organizations = 100, .from = recent_day(), .span = std::chrono::hours{1}});
  const Outcome outcome = filled.run(plan, BacklogRun::Derives::kYes);
  report.own("10,000 agents of 100 organizations", static_cast<double>(plan.events) / outcome.cost.wall, "events/s");
  report.figure("rows", static_cast<double>(outcome.rows), "rows");
  report.figure("until all windows are closed and derived", outcome.settled.wall, "s");
  report.figure("until all windows are closed and derived: weir and Postgres", outcome.settled.process + outcome.settled.postgres, "CPU s");
  add_memory(report, outcome);
}

}  // namespace weir::bench
