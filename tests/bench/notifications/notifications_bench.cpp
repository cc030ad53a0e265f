// weir notifications, from a request in Kafka to a provider that answers after 20 ms: how many messages a second, batched and one by one,
// and how long a message takes while 500 a second come. Beside it, in the same run, its two halves alone: messages that are made and not
// delivered, and messages that are there and delivered. Fairness is measured by itself: whether an organization or a user
// with too many messages delays others.
#include "tests/bench/notifications/fairness.hpp"
#include "tests/bench/notifications/stage.hpp"

#include "common/core/await.hpp"
#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

namespace {

using namespace weir;
using namespace weir::bench;

constexpr Milliseconds kBrief{60'000};
constexpr Milliseconds kPatience{600'000};
constexpr double kRateGoal = 3'000;  // messages/s, end to end
constexpr double kDelayGoal = 200;   // ms, p99

struct Plan {
  std::int64_t users = 50'000;
  std::int64_t messages = 50'000;  // of each measurement
  std::int64_t calls = 200;        // of the account at a time
  std::int64_t rate = 500;         // messages a second, while delays are measured
  std::int64_t seconds = 20;
  std::int64_t history = 0;
  std::int64_t times = 100;  // its own rate is what the first organization has, while it exceeds
  std::string only{};        // a measurement; "": all but fairness
};

class Bench {
 public:
  explicit Bench(const Plan& plan) : plan_(plan), stage_(make_site(plan.users, 1, plan.history), plan.calls) {}

  /// Messages a second, from requests that wait in Kafka to the receiver.
  double end_to_end(const std::string& name, const Environment& more, Report& report) {
    request_all();
    const std::size_t calls = stage_.receiver().calls();
    Component notifications("notifications", stage_.with(more));
    stage_.await_claim(notifications);
    const double rate = timed(name, notifications, report, [this] { return stage_.all_came(); });
    report.figure(name + ": messages in a call",
                  static_cast<double>(plan_.messages) / static_cast<double>(stage_.receiver().calls() - calls), "");
    stage_.finish(notifications);
    return rate;
  }

  double intake_alone(Report& report) {
    request_all();
    Component intake("notifications", stage_.with({{"WEIR_CONSUMERS_NOTIFICATIONS_INTAKE", "true"}}));
    stage_.await_claim(intake);
    const double rate = timed("floor: made, not delivered", intake, report,
                              [this] { return stage_.number("SELECT count(*) FROM weir.delivery_queue") >= plan_.messages; });
    intake.stop();
    return rate;
  }

  /// Of the messages that intake_alone() has left.
  double delivery_alone(Report& report) {
    const std::size_t before = stage_.receiver().messages();
    Component delivery("notifications", stage_.with({{"WEIR_CONSUMERS_NOTIFICATIONS_DELIVER", "true"}}));
    delivery.await(
        "the first message", kBrief, [&] { return stage_.receiver().messages() > before; }, Milliseconds{2});
    const double rate = timed("floor: delivered, none made", delivery, report, [this] { return stage_.all_came(); });
    stage_.finish(delivery);
    return rate;
  }

  /// In ms.
  double delays(Report& report) {
    Component notifications("notifications", stage_.with({{"WEIR_CONSUMERS_NOTIFICATIONS_FLUSH_INTERVAL", "50ms"}}));
    stage_.await_claim(notifications);
    const auto all_came = [this] { return stage_.all_came(); };
    request_for(1);  // so that what is measured finds everything warm
    notifications.await("the first messages", kPatience, all_came);
    static_cast<void>(stage_.receiver().take_delays());
    request_for(plan_.seconds);
    notifications.await("the last message", kPatience, all_came);
    stage_.finish(notifications);
    Percentiles delays = stage_.receiver().take_delays();
    const double p99 = delays.at(0.99);
    report.figure(fmt::format("from a request to its call at {} a second, p50", plan_.rate), delays.at(0.5), "ms");
    report.figure(fmt::format("from a request to its call at {} a second, p99", plan_.rate), p99, "ms");
    report.judge(fmt::format("p99 {:.0f} ms, below {:.0f}", p99, kDelayGoal), p99 < kDelayGoal);
    return p99;
  }

 private:
  void request_all() {
    for (std::int64_t i = 0; i < plan_.messages; ++i) stage_.request();
    stage_.flush();
  }
  void request_for(std::int64_t seconds) {
    const SystemClock clock;
    const SteadyInstant began = clock.steady();
    for (std::int64_t i = 0; i < plan_.rate * seconds; ++i) {
      const SteadyInstant due = began + Microseconds{1'000'000 * i / plan_.rate};
      static_cast<void>(await(
          kBrief, [&] { return clock.steady() >= due; }, Milliseconds{1}));
      stage_.request();
    }
    stage_.flush();
  }

  double timed(const std::string& name, Component& component, Report& report, const std::function<bool()>& is_done) {
    const Costs costs(component);
    component.await("the last message", kPatience, is_done, Milliseconds{10});
    const double rate = static_cast<double>(plan_.messages) / costs.seconds();
    const bool is_floor = name.starts_with("floor");
    is_floor ? report.floor(name, rate, "messages/s") : report.figure(name, rate, "messages/s");
    costs.add_to(report, name);
    return rate;
  }

  Plan plan_;
  Stage stage_;
};

const Environment kAlone{{"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_BATCH", "1"}};

void judge_rate(Report& report, const std::string& name, double rate) {
  report.judge(fmt::format("{:.0f} messages/s {}, {:.0f} wanted", rate, name, kRateGoal), rate >= kRateGoal);
}

void measure_all(const Plan& plan, Report& report) {
  Bench bench(plan);
  const double batched = bench.end_to_end("batched", {}, report);
  const double alone = bench.end_to_end("one by one", kAlone, report);
  report.own("messages, end to end", batched, "messages/s");
  judge_rate(report, "batched", batched);
  judge_rate(report, "one by one", alone);
  const double made = bench.intake_alone(report);
  const double delivered = bench.delivery_alone(report);
  report.figure("batched / floor of one after the other", batched * (1 / made + 1 / delivered), "");
  static_cast<void>(bench.delays(report));
}

void measure_rate(const Plan& plan, const std::string& name, const Environment& more, Report& report) {
  Bench bench(plan);
  const double rate = bench.end_to_end(name, more, report);
  report.own("messages, " + name, rate, "messages/s");
  judge_rate(report, name, rate);
}

/// False where there is no such measurement.
bool measure_one(const Plan& plan, Report& report) {
  if (plan.only == "fairness") {
    Stage stage(make_site(plan.users, 10, plan.history), plan.calls);
    report.own(fmt::format("p99 of others, beside an organization at {} times its rate", plan.times),
               measure_fairness(stage, {.times = plan.times}, report) / 1e3, "s");
  } else if (plan.only == "batched") {
    measure_rate(plan, "batched", {}, report);
  } else if (plan.only == "alone") {
    measure_rate(plan, "one by one", kAlone, report);
  } else if (plan.only == "halves") {
    Bench bench(plan);
    report.figure("made, not delivered", bench.intake_alone(report), "messages/s");
    report.own("delivered, none made", bench.delivery_alone(report), "messages/s");
  } else if (plan.only == "delays") {
    Bench bench(plan);
    report.own("from a request to its call, p99", bench.delays(report) / 1e3, "s");
  } else {
    return false;
  }
  return true;
}

}  // namespace

int main(int count, char** words) {
  Plan plan;
  CommandLine line("weir notifications: from requests in Kafka to a provider that answers after 20 ms. Release build, real services.");
  line.option("users", plan.users, "to whom messages go, by turns")
      .option("messages", plan.messages, "of each measurement")
      .option("calls", plan.calls, "of the provider's account at a time")
      .option("rate", plan.rate, "messages a second while delays are measured")
      .option("seconds", plan.seconds, "of that measurement")
      .option("times", plan.times, "the rate of the organization that exceeds, while fairness is measured")
      .option("history", plan.history, "messages of the last 30 days that are there already")
      .option("only", plan.only, "one measurement: batched, alone, halves, delays, fairness");
  Report report = line.parse(count, words);
  if (plan.only.empty()) {
    measure_all(plan, report);
  } else if (!measure_one(plan, report)) {
    give_up("there is no measurement " + plan.only);
  }
  report.print();
  return 0;
}
