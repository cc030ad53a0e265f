// weir notifications, from a request in Kafka to a provider that answers after 20 ms: how many messages a second, batched and one by one,
// and how long a message takes while 500 a second come. Beside it, in the same run, its two halves alone: messages that are made and not
// delivered, and messages that are there and delivered.
#include "tests/bench/notifications/load.hpp"
#include "tests/bench/notifications/receiver.hpp"

#include "common/core/await.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/component.hpp"

#include <fmt/format.h>

#include <map>

namespace {

using namespace weir;
using namespace weir::bench;

constexpr Milliseconds kAnswer{20};
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
};

using Environment = std::map<std::string, std::string>;

class Bench {
 public:
  explicit Bench(const Plan& plan)
      : plan_(plan),
        site_(make_site(plan.users, plan.history)),
        application_(site_),
        owner_(must(postgres::Connection::open({.dsn = site_.dsn, .application_name = "weir bench"}))) {}

  /// Messages a second, from requests that wait in Kafka to the receiver.
  double end_to_end(const std::string& name, const Environment& more, Report& report) {
    request_all();
    const std::size_t calls = receiver_.calls();
    Component notifications("notifications", with(more));
    await_claim(notifications);
    const double rate = timed(name, notifications, report, [this] { return receiver_.messages() >= requested_; });
    report.figure(name + ": messages in a call", static_cast<double>(plan_.messages) / static_cast<double>(receiver_.calls() - calls), "");
    finish(notifications);
    return rate;
  }

  double intake_alone(Report& report) {
    request_all();
    Component intake("notifications", with({{"WEIR_CONSUMERS_NOTIFICATIONS_INTAKE", "true"}}));
    await_claim(intake);
    const double rate = timed("floor: made, not delivered", intake, report,
                              [this] { return number("SELECT count(*) FROM weir.delivery_queue") >= plan_.messages; });
    intake.stop();
    return rate;
  }

  /// Of the messages that intake_alone() has left.
  double delivery_alone(Report& report) {
    const std::size_t before = receiver_.messages();
    Component delivery("notifications", with({{"WEIR_CONSUMERS_NOTIFICATIONS_DELIVER", "true"}}));
    delivery.await(
        "the first message", kBrief, [&] { return receiver_.messages() > before; }, Milliseconds{2});
    const double rate = timed("floor: delivered, none made", delivery, report, [this] { return receiver_.messages() >= requested_; });
    finish(delivery);
    return rate;
  }

  void delays(Report& report) {
    Component notifications("notifications", with({{"WEIR_CONSUMERS_NOTIFICATIONS_FLUSH_INTERVAL", "50ms"}}));
    await_claim(notifications);
    const auto all_came = [this] { return receiver_.messages() >= requested_; };
    request_for(1);  // so that what is measured finds everything warm
    notifications.await("the first messages", kPatience, all_came);
    static_cast<void>(receiver_.take_delays());
    request_for(plan_.seconds);
    notifications.await("the last message", kPatience, all_came);
    finish(notifications);
    Percentiles delays = receiver_.take_delays();
    const double p99 = delays.at(0.99);
    report.figure(fmt::format("from a request to its call at {} a second, p50", plan_.rate), delays.at(0.5), "ms");
    report.figure(fmt::format("from a request to its call at {} a second, p99", plan_.rate), p99, "ms");
    report.judge(fmt::format("p99 {:.0f} ms, below {:.0f}", p99, kDelayGoal), p99 < kDelayGoal);
  }

 private:
  [[nodiscard]] std::int64_t number(const std::string& sql) { return must(owner_.script(sql))[0].get<std::int64_t>(0); }

  [[nodiscard]] Environment with(const Environment& more) const {
    Environment all{{"WEIR_KAFKA_BROKERS", site_.broker.brokers},
                    {"WEIR_POSTGRES_DSN", site_.dsn},
                    {"WEIR_CONSUMERS_NOTIFICATIONS_START", "earliest"},
                    {"WEIR_CONSUMERS_NOTIFICATIONS_TOPIC_PREFIX", site_.prefix},
                    {"WEIR_CONSUMERS_NOTIFICATIONS_ACTIONS_TOPIC", site_.actions},
                    {"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_URL", receiver_.url()},
                    {"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_APP_ID", "1"},
                    {"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_KEY", "key"},
                    {"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_SECRET", "secret"},
                    {"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_CALLS", std::to_string(plan_.calls)}};
    for (const auto& [name, value] : more) all[name] = value;
    return all;
  }

  void request() {
    application_.request();
    ++requested_;
  }
  void request_all() {
    for (std::int64_t i = 0; i < plan_.messages; ++i) request();
    application_.flush();
  }
  void request_for(std::int64_t seconds) {
    const SystemClock clock;
    const SteadyInstant began = clock.steady();
    for (std::int64_t i = 0; i < plan_.rate * seconds; ++i) {
      const SteadyInstant due = began + Microseconds{1'000'000 * i / plan_.rate};
      static_cast<void>(await(
          kBrief, [&] { return clock.steady() >= due; }, Milliseconds{1}));
      request();
    }
    application_.flush();
  }

  void await_claim(Component& component) {
    const auto claimed = fmt::format("SELECT count(*) FROM weir.consumer_offsets WHERE topic = '{}' AND owner IS NOT NULL", site_.actions);
    component.await(
        "the first claim", kBrief, [&] { return number(claimed) > 0; }, Milliseconds{2});
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

  /// Stops it, and makes sure that every message was sent once and is known to be.
  void finish(Component& component) {
    component.await("the last answer", kBrief, [this] { return number("SELECT count(*) FROM weir.delivery_queue") == 0; });
    component.stop();
    const std::int64_t sent = number("SELECT count(*) FROM public.notifications WHERE status = 'sent'") - plan_.history;
    if (sent != static_cast<std::int64_t>(requested_) || receiver_.messages() != requested_ || receiver_.repeats() > 0) {
      give_up(fmt::format("not exact: {} requested, {} sent, {} came, {} of them twice", requested_, sent, receiver_.messages(),
                          receiver_.repeats()));
    }
  }

  Plan plan_;
  Site site_;
  Application application_;
  postgres::Connection owner_;
  Receiver receiver_{kAnswer};
  std::size_t requested_ = 0;
};

}  // namespace

int main(int count, char** words) {
  Plan plan;
  CommandLine line("weir notifications: from requests in Kafka to a provider that answers after 20 ms. Release build, real services.");
  line.option("users", plan.users, "to whom messages go, by turns")
      .option("messages", plan.messages, "of each measurement")
      .option("calls", plan.calls, "of the provider's account at a time")
      .option("rate", plan.rate, "messages a second while delays are measured")
      .option("seconds", plan.seconds, "of that measurement")
      .option("history", plan.history, "messages of the last 30 days that are there already");
  Report report = line.parse(count, words);
  Bench bench(plan);
  const double batched = bench.end_to_end("batched", {}, report);
  const double alone = bench.end_to_end("one by one", {{"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_BATCH", "1"}}, report);
  report.own("messages, end to end", batched, "messages/s");
  report.judge(fmt::format("{:.0f} messages/s batched, {:.0f} wanted", batched, kRateGoal), batched >= kRateGoal);
  report.judge(fmt::format("{:.0f} messages/s one by one, {:.0f} wanted", alone, kRateGoal), alone >= kRateGoal);
  const double made = bench.intake_alone(report);
  const double delivered = bench.delivery_alone(report);
  report.figure("batched / floor of one after the other", batched * (1 / made + 1 / delivered), "");
  bench.delays(report);
  report.print();
  return 0;
}
