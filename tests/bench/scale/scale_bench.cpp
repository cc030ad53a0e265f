// weir rollups over more: more instances, more partitions, a longer backlog over the same windows. What it shows is that processor time
// goes with the events and with nothing else, and that memory does not go with them.
#include "common/testing/services.hpp"
#include "tests/bench/rollups/events.hpp"
#include "tests/bench/rollups/run.hpp"
#include "tests/bench/scale/grid.hpp"
#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace {

using namespace weir;
using namespace weir::bench;

constexpr std::int64_t kMillion = 1'000'000;
constexpr double kMegabyte = 1e6;
constexpr double kAssumedRate = 60'000;  // events/s, before anything was measured
constexpr double kSlowest = 5'000;       // events/s at which a run is given up

struct Plan {
  std::string instances = "1,2,4";
  std::string partitions = "2,8,32";
  std::string millions = "1,10,100";
  std::int64_t minutes = 10;
};

/// What all cells together say: of a figure the least and the most.
struct Span {
  double least = 0;
  double most = 0;
  void add(double value) {
    least = least == 0 ? value : std::min(least, value);
    most = std::max(most, value);
  }
};

std::string name_of(const Cell& cell) {
  return fmt::format("scale, {} instance{}, {} partitions, {} million", cell.instances, cell.instances == 1 ? "" : "s", cell.partitions,
                     cell.millions);
}

Load load_of(const Cell& cell) { return {.events = cell.millions * kMillion}; }

/// The backlog that lies in the broker, written where the cell needs another.
class Backlog {
 public:
  explicit Backlog(kafka::Settings broker) : broker_(std::move(broker)) {}

  const std::string& of(const Cell& cell) {
    if (written_ && written_->partitions == cell.partitions && written_->millions == cell.millions) return prefix_;
    if (written_) remove_topics(broker_, prefix_);
    prefix_ = testing::topic_prefix() + "cdc";
    make_topics(broker_, prefix_, static_cast<std::int32_t>(cell.partitions));
    publish(broker_, executions_topic(prefix_), load_of(cell));
    written_ = cell;
    return prefix_;
  }

 private:
  kafka::Settings broker_;
  std::string prefix_;
  std::optional<Cell> written_;
};

class Scale {
 public:
  Scale(Report& report, const Plan& plan) : report_(report), plan_(plan), backlog_(broker()) {}

  void measure(Cell cell) {
    const std::int64_t wanted = cell.millions;
    const auto free = std::filesystem::space(testing::scratch()).available;
    cell.millions = millions_that_fit(wanted, free, static_cast<double>(plan_.minutes), rate_);
    if (cell.millions < wanted) {
      report_.note(fmt::format("NOT {} million: {:.0f} GB of disk are free and {} minutes are given at {:.0f} events/s; {}", wanted,
                               static_cast<double>(free) / 1e9, plan_.minutes, rate_,
                               cell.millions == 0 ? "left out" : fmt::format("{} million in its place", cell.millions)));
    }
    if (cell.millions == 0) return;
    BacklogRun run;
    run.prefix = backlog_.of(cell);
    run.load = load_of(cell);
    run.instances = cell.instances;
    run.patience = Milliseconds{static_cast<std::int64_t>(1'000.0 * (60 + static_cast<double>(run.load.events) / kSlowest))};
    add(cell, run_backlog(broker(), run));
  }

  void summarize() {
    report_.figure("scale: most CPU for a million events over the least", cpu_.most / cpu_.least, "");
    report_.figure("scale: weir, most CPU for a million events over the least", process_.most / process_.least, "");
    report_.figure("scale: most memory of one instance over the least", memory_.most / memory_.least, "");
  }

 private:
  static kafka::Settings broker() {
    kafka::Settings settings;
    settings.brokers = testing::kafka().bootstrap();
    return settings;
  }

  void add(const Cell& cell, const Outcome& outcome) {
    const std::string name = ::name_of(cell);
    const auto millions = static_cast<double>(cell.millions);
    rate_ = millions * kMillion / outcome.cost.wall;
    std::exchange(own_, false) ? report_.own(name, rate_, "events/s") : report_.figure(name, rate_, "events/s");
    report_.figure(name + ": weir, a million events", outcome.cost.process / millions, "CPU s");
    report_.figure(name + ": Postgres, a million events", outcome.cost.postgres / millions, "CPU s");
    report_.figure(name + ": broker, a million events", outcome.cost.broker / millions, "CPU s");
    report_.figure(name + ": most memory of one instance", outcome.peak_of_one / kMegabyte, "MB");
    report_.figure(name + ": rows", static_cast<double>(outcome.rows), "rows");
    report_.figure(name + ": writes of rows, a million events", static_cast<double>(outcome.rows_written) / millions, "rows");
    cpu_.add(outcome.cost.cpu() / millions);
    process_.add(outcome.cost.process / millions);
    memory_.add(outcome.peak_of_one);
  }

  Report& report_;
  const Plan& plan_;
  Backlog backlog_;
  double rate_ = kAssumedRate;
  bool own_ = true;
  Span cpu_;
  Span process_;
  Span memory_;
};

}  // namespace

int main(int count, char** words) {
  Plan plan;
  CommandLine line("weir rollups over more instances, partitions and events, over the same windows: smallest form, exactly once.");
  line.option("instances", plan.instances, "of weir rollups, a list")
      .option("partitions", plan.partitions, "of each topic, a list")
      .option("millions", plan.millions, "of events in the backlog, a list; all but its first over the first of the other lists alone")
      .option("minutes", plan.minutes, "that one run over a backlog may take; a longer backlog is cut to what fits, as it is by the disk");
  Report report = line.parse(count, words);
  const Axes axes{must(parse_numbers(plan.instances)), must(parse_numbers(plan.partitions)), must(parse_numbers(plan.millions))};
  Scale scale(report, plan);
  for (const Cell& cell : cells_of(axes)) scale.measure(cell);
  scale.summarize();
  report.print();
  return 0;
}
