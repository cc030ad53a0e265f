// weir insights, with a provider that answers after 300 ms: how many insights a second get a model's words in one process with a thousand
// calls in flight. First over a store that costs nothing, then over Postgres, where histories are read, costs reserved and charged, and
// texts kept.
#include "tests/bench/insights/deadlines.hpp"
#include "tests/bench/insights/fake_store.hpp"
#include "tests/bench/insights/site.hpp"

#include "common/delivery/deliverer.hpp"
#include "common/http/curl_caller.hpp"
#include "common/postgres/connection.hpp"
#include "consumers/insights/providers/registry.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/component.hpp"
#include "tests/component/insights/dropped_activity.hpp"
#include "tests/component/insights/model_server.hpp"

#include <fmt/format.h>

namespace {

using namespace weir;
using namespace weir::bench;
using testing::kInsightsOfAUser;
using testing::ModelServer;

constexpr Milliseconds kPatience{600'000};
constexpr double kShareOfFake = 0.8;      // of what the calls in flight allow
constexpr double kShareOfPostgres = 0.5;  // the same

struct Plan {
  std::int64_t insights = 20'000;
  std::int64_t calls = 1'000;     // in flight
  std::int64_t latency_ms = 300;  // of the provider
  std::string only{};             // fake, deadlines, postgres; "": all
};

double allowed(const Plan& plan) { return static_cast<double>(plan.calls) * 1'000 / static_cast<double>(plan.latency_ms); }

void judge(Report& report, const std::string& name, double rate, const Plan& plan, double share) {
  const double wanted = share * allowed(plan);
  report.judge(fmt::format("{}: {:.0f} insights/s, {:.0f} wanted ({:.0f} % of calls / latency)", name, rate, wanted, 100 * share),
               rate >= wanted);
}

double over_a_fake_store(const Plan& plan, Report& report) {
  ModelServer server(Milliseconds{plan.latency_ms});
  const SystemClock clock;
  const auto caller = must(http::make_curl_caller(http::CallerSettings{}, std::make_shared<http::SystemResolver>(), clock));
  const auto account = std::make_shared<const insights::ModelAccount>(
      insights::ModelAccount{.name = "anthropic:default", .provider = "anthropic", .url = server.url(), .key = "k", .model = "bench"});
  delivery::Terms terms;
  terms.calls_of_an_account = static_cast<std::size_t>(plan.calls);
  terms.timeout = Milliseconds{30'000};
  terms.tries = 2;
  const auto provider = insights::make_provider(*insights::find_model_row("anthropic"), terms);
  FakeStore store(account, static_cast<std::size_t>(plan.insights));
  telemetry::Log log("bench", telemetry::LogFormat::kText, telemetry::LogLevel::kWarning);
  telemetry::Metrics metrics;
  telemetry::Health health;
  delivery::Limits limits;
  limits.channels = {{.name = "insights", .most_in_hand = static_cast<std::size_t>(plan.calls), .providers = {"anthropic"}}};
  limits.gather = Milliseconds{10};
  const auto deliverer = must(delivery::Deliverer::make({.name = "insights",
                                                         .queue = store,
                                                         .caller = *caller,
                                                         .providers = {{"anthropic", provider.get()}},
                                                         .clock = clock,
                                                         .log = log,
                                                         .metrics = metrics,
                                                         .health = health},
                                                        std::move(limits)));
  const Stopwatch watch;
  while (store.worded() + store.failed() < static_cast<std::size_t>(plan.insights)) must(deliverer->turn());
  const double rate = static_cast<double>(plan.insights) / watch.seconds();
  if (store.failed() > 0) give_up(fmt::format("{} calls failed", store.failed()));
  report.figure("over a fake store", rate, "insights/s");
  report.figure("over a fake store: most calls in flight", static_cast<double>(server.most_in_flight()), "");
  return rate;
}

double over_postgres(const Plan& plan, Report& report) {
  ModelServer server(Milliseconds{plan.latency_ms});
  const std::int64_t users = plan.insights / kInsightsOfAUser;
  const std::string dsn = make_insight_site(users);
  auto owner = must(postgres::Connection::open({.dsn = dsn, .application_name = "weir bench"}));
  const auto number = [&](const std::string& sql) { return must(owner.script(sql))[0].get<std::int64_t>(0); };
  Component component("insights", {{"WEIR_POSTGRES_DSN", dsn + " user=weir_insights"},
                                   {"WEIR_CONSUMERS_INSIGHTS_DELIVER", "true"},
                                   {"WEIR_CONSUMERS_INSIGHTS_START", "earliest"},
                                   {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_URL", server.url()},
                                   {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_KEY", "k"},
                                   {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_CALLS", std::to_string(plan.calls)}});
  component.await(
      "the first call", kPatience, [&] { return server.calls() > 0; }, Milliseconds{2});
  const Costs costs(component);
  component.await(
      "the last text", kPatience, [&] { return number("SELECT count(*) FROM public.insights") >= users * kInsightsOfAUser; },
      Milliseconds{200});
  const double rate = static_cast<double>(users * kInsightsOfAUser) / costs.seconds();
  costs.add_to(report, "over Postgres");
  component.stop();
  report.figure("over Postgres, history read", rate, "insights/s");
  report.figure("over Postgres: most calls in flight", static_cast<double>(server.most_in_flight()), "");
  report.figure("over Postgres: worded by the model",
                static_cast<double>(number("SELECT count(*) FROM public.insights WHERE provider = 'anthropic'")), "insights");
  report.figure("over Postgres: largest time from a claim to a first text",
                static_cast<double>(number("SELECT (1000 * extract(epoch FROM max(worded_at - claimed_at)))::bigint FROM public.insights")),
                "ms");
  return rate;
}

}  // namespace

int main(int count, char** words) {
  Plan plan;
  CommandLine line("weir insights: a model's words for insights, over a provider on loopback. Release build, real Postgres.");
  line.option("insights", plan.insights, "that are worded")
      .option("calls", plan.calls, "in flight at most")
      .option("latency", plan.latency_ms, "of the provider, in ms")
      .option("only", plan.only, "fake, postgres or deadlines");
  Report report = line.parse(count, words);
  const auto is_asked = [&](const std::string& mode) { return plan.only.empty() || plan.only == mode; };
  if (is_asked("fake")) {
    const double rate = over_a_fake_store(plan, report);
    if (plan.only == "fake") report.own("insights, over a fake store", rate, "rows/s");
    judge(report, "over a fake store", rate, plan, kShareOfFake);
  }
  if (is_asked("deadlines")) {
    const std::int64_t largest = keep_deadlines(report);
    if (plan.only == "deadlines") report.own("insights, seconds from a claim to a first text", static_cast<double>(largest) / 1'000, "s");
  }
  if (is_asked("postgres")) {
    const double rate = over_postgres(plan, report);
    report.own("insights, over Postgres", rate, "rows/s");
    judge(report, "over Postgres", rate, plan, kShareOfPostgres);
  }
  report.print();
  return 0;
}
