// weir rollups over a backlog: 1,000,000 changes of agent_executions become about 280,000 rows, exactly once. Beside it, in the same run,
// the floors of its two halves; from their processor time follows what two cores can give at most.
#include "common/testing/services.hpp"
#include "tests/bench/rollups/events.hpp"
#include "tests/bench/rollups/modes.hpp"
#include "tests/bench/rollups/run.hpp"
#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace weir;
using namespace weir::bench;

constexpr double kGoal = 300'000;       // events/s
constexpr double kShareOfFloor = 0.85;  // where two cores cannot give that
constexpr double kMegabyte = 1e6;

void add_cost(Report& report, const std::string& name, const Cost& cost) {
  report.figure(name + ": weir", cost.process, "CPU s");
  if (cost.postgres > 0) report.figure(name + ": Postgres", cost.postgres, "CPU s");
  if (cost.broker > 0) report.figure(name + ": broker", cost.broker, "CPU s");
}

void add_outcome(Report& report, const std::string& name, const Outcome& outcome, const Plan& plan) {
  add_cost(report, name, outcome.cost);
  report.figure(name + ": weir, start and end included", outcome.process_total, "CPU s");
  report.figure(name + ": weir, peak memory", outcome.peak_memory / kMegabyte, "MB");
  report.figure(name + ": rows", static_cast<double>(outcome.rows), "rows");
  report.figure(name + ": rows written", static_cast<double>(outcome.rows_written), "rows");
  report.figure(name + ": cores busy", outcome.cost.cpu() / outcome.cost.wall, "cores");
  if (outcome.slot_drained > 0) report.figure(name + ": until the slot was drained", outcome.slot_drained, "s");
  if (plan.events != 1'000'000) report.note(fmt::format("{} events, not 1,000,000", plan.events));
}

double rate(const Plan& plan, double seconds) { return static_cast<double>(plan.events) / seconds; }

/// Both floors of one form, and the rate that two cores can give by them.
double add_floors(Report& report, const kafka::Settings& broker, const std::string& prefix, Form form, const Plan& plan) {
  const std::string name = fmt::format("floor {}", name_of(form));
  ReadFloor reading = read_floor(broker, executions_topic(prefix), kPartitions, plan.events,
                                 static_cast<std::size_t>(plan.instances * plan.lanes), static_cast<std::size_t>(plan.unit));
  const WriteFloor writing = write_floor(migrated_database(), std::move(reading.units));
  const double allowed = rate(plan, (reading.cost.cpu() + writing.cost.cpu()) / 2);
  report.floor(name + ", nothing written", rate(plan, reading.cost.wall), "events/s");
  add_cost(report, name + ", nothing written", reading.cost);
  report.floor(name + ", nothing read", static_cast<double>(writing.rows_written) / writing.cost.wall, "rows/s");
  add_cost(report, name + ", nothing read", writing.cost);
  report.floor(name + ": what two cores give for the CPU seconds of both", allowed, "events/s");
  return allowed;
}

void judge(Report& report, double reached, double allowed) {
  const bool goal_applies = allowed >= kGoal;
  const double wanted = goal_applies ? kGoal : kShareOfFloor * allowed;
  report.figure("reached / floor of two cores", reached / allowed, "");
  report.note(goal_applies ? fmt::format("300,000 events/s applies: two cores give {:.0f} by both floors' CPU seconds", allowed)
                           : fmt::format("85 % of the floors' rate applies, {:.0f} events/s: two cores give {:.0f} by their CPU seconds",
                                         wanted, allowed));
  report.judge(fmt::format("{:.0f} events/s", reached), reached >= wanted);
}

/// `own`: the first variant's rate is the bench's own figure.
void measure(Report& report, Form form, const Plan& plan, bool own) {
  kafka::Settings broker;
  broker.brokers = testing::kafka().bootstrap();
  const std::string prefix = testing::topic_prefix() + "cdc";
  make_topics(broker, prefix);
  const Load load{form, plan.events};
  publish(broker, executions_topic(prefix), load);
  double reached = 0;
  for (const bool active : {false, true}) {
    if (plan.slots == (active ? "inactive" : "active")) continue;
    const std::string name = fmt::format("rollups {}, slot {}", name_of(form), active ? "active" : "inactive");
    const Outcome outcome = run_backlog(broker, {prefix, load, plan.instances, plan.lanes, plan.unit, active});
    const double got = rate(plan, outcome.cost.wall);
    std::exchange(own, false) ? report.own(name, got, "events/s") : report.figure(name, got, "events/s");
    add_outcome(report, name, outcome, plan);
    if (!active) reached = got;
  }
  const double allowed = add_floors(report, broker, prefix, form, plan);
  if (form == Form::kSmallest && reached > 0) judge(report, reached, allowed);
}

void measure_backlog(Report& report, const Plan& plan) {
  if (plan.forms.find('b') != std::string::npos) measure(report, Form::kSmallest, plan, true);
  if (plan.forms.find('a') != std::string::npos) measure(report, Form::kAsWritten, plan, plan.forms.find('b') == std::string::npos);
}

struct Mode {
  std::string_view name;
  void (*measure)(Report&, const Plan&);
};
constexpr std::array kModes{Mode{"backlog", measure_backlog}, Mode{"derived", measure_derived}, Mode{"period", measure_period},
                            Mode{"many", measure_many}};

}  // namespace

int main(int count, char** words) {
  Plan plan;
  std::string name = "backlog";
  CommandLine line("weir rollups over a backlog of changes keyed by agent_id (cdc.keys): exactly once, release build, real services.");
  line.option("mode", name,
              "backlog; derived: with health, hours, alerts and trends, against the same without, and a late correction; period: 300,000 "
              "events of one window of 1,000 agents; many: 10,000 agents of 100 organizations")
      .option("events", plan.events, "in the backlog, over one day of event time")
      .option("instances", plan.instances, "of weir rollups")
      .option("lanes", plan.lanes, "of each instance: the floors write over as many connections as there are lanes in all")
      .option("unit", plan.unit, "records of a unit of work at most (consumers.rollups.max_records)")
      .option("rounds", plan.rounds, "how often derived and period are measured")
      .option("forms", plan.forms, "b: the smallest form; a: as weir cdc writes them")
      .option("slots", plan.slots, "inactive, active (a replication slot on the same database is drained beside it) or both");
  Report report = line.parse(count, words);
  const auto* const mode = std::ranges::find(kModes, name, &Mode::name);
  if (mode == kModes.end()) give_up("unknown mode " + name);
  mode->measure(report, plan);
  report.print();
  return 0;
}
