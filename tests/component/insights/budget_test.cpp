// Budgets hold to the token, whoever spends at the same time; the same input is paid for once.
#include "common/core/await.hpp"
#include "common/supervise/process.hpp"
#include "tests/component/insights/site.hpp"
#include "tests/component/operations/program.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

using namespace weir;
using namespace weir::insights;

namespace {

std::vector<delivery::Report> reports_of(std::vector<delivery::Job> jobs, const std::function<delivery::Verdict()>& verdict) {
  std::vector<delivery::Report> reports;
  for (delivery::Job& job : jobs) reports.push_back(report_of(std::move(job), verdict()));
  return reports;
}

void set_budget(Site& site, const std::string& spender, const std::string& values) {
  site.run(fmt::format(
      "INSERT INTO weir.insight_budgets (spender, requests, tokens, micro_usd) VALUES ('{}', {}) ON CONFLICT (spender) DO UPDATE SET "
      "requests = excluded.requests, tokens = excluded.tokens, micro_usd = excluded.micro_usd",
      spender, values));
}

constexpr const char* kSite = "WEIR_TEST_SITE";
constexpr int kWorkersOfAProcess = 17;
constexpr int kProcesses = 3;
constexpr Milliseconds kPatience{60'000};

/// More work than the budget of the only organization with work allows.
void prepare_spending(Site& site) {
  Worker worker(site);
  for (int user = 1; user <= 30; ++user) worker.find(1000 + user, 8);
  set_budget(site, "organization", "NULL, 120000, NULL");
  site.run("CREATE TABLE public.spenders (process int PRIMARY KEY, calls int NOT NULL); GRANT ALL ON public.spenders TO weir_insights");
}

/// Each worker has sessions of its own, and takes calls and reports them as fast as it can, once all processes are there.
void spend_by_workers(const std::string& dsn, int count, int processes) {
  std::vector<std::unique_ptr<Worker>> workers;
  for (int i = 0; i < count; ++i) workers.push_back(std::make_unique<Worker>(dsn));
  postgres::Connection& connection = workers[0]->connection;
  must(connection.script(fmt::format("INSERT INTO public.spenders VALUES ({}, 0)", ::getpid())));
  const bool all_there = await(
      kPatience, [&] { return must(connection.script("SELECT count(*) FROM public.spenders"))[0].get<std::int64_t>(0) == processes; });
  REQUIRE(all_there);
  std::atomic<int> calls{0};
  std::vector<std::thread> threads;
  for (auto& worker : workers) {
    threads.emplace_back([&worker, &calls] {
      for (int round = 0; round < 12; ++round) {
        std::vector<delivery::Report> reports;
        for (delivery::Job& job : worker->place(2)) {
          reports.push_back(report_of(std::move(job), reports.size() % 2 == 0 ? answered("A", 900, 100) : useless(900, 100)));
        }
        calls += static_cast<int>(reports.size());
        worker->report(std::move(reports));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  must(connection.script(fmt::format("UPDATE public.spenders SET calls = {} WHERE process = {}", calls.load(), ::getpid())));
}

void check_spending(Site& site) {
  CHECK(site.value("SELECT count(*) > 50 FROM weir.insight_calls") == "t");
  CHECK(site.value(
            "SELECT max(charged_tokens + reserved_tokens) <= 120000 FROM weir.insight_spending WHERE spender LIKE 'organization%'") == "t");
  // The budget was what ended the spending.
  CHECK(site.value("SELECT max(charged_tokens) > 110000 FROM weir.insight_spending WHERE spender LIKE 'organization%'") == "t");
  // The sums of the day equal those of its calls.
  CHECK(site.value(R"(
    SELECT (SELECT sum(charged_tokens) FROM weir.insight_spending WHERE spender LIKE 'organization%')
           = (SELECT sum(tokens_in + tokens_out) FROM weir.insight_calls)
       AND (SELECT sum(reserved_tokens) FROM weir.insight_spending) = 0)") == "t");
  CHECK(site.value("SELECT max(n) FROM (SELECT count(*) AS n FROM weir.insight_calls GROUP BY organization_id, input_hash) c") == "1");
}

}  // namespace

TEST_CASE("over an organization's budget templates serve, at once and with the reason; excess that was charged stops the next call") {
  Site site;
  Worker worker(site, {chain().front()});
  worker.find(1001, 1);
  auto jobs = worker.place();
  const auto reserved = std::stoll(site.value("SELECT reserved_in + reserved_out FROM weir.insight_calls"));
  // More than was reserved was used: it is charged, and the budget is exceeded by it.
  set_budget(site, "organization", fmt::format("NULL, {}, NULL", reserved * 2));
  worker.report(reports_of(std::move(jobs), [&] { return answered("A", reserved * 2, 0); }));
  worker.find(1002, 1);
  CHECK(worker.place().empty());
  worker.keep_deadlines();
  CHECK(site.value("SELECT fallback_reason FROM public.insights WHERE provider = 'template'") == "budget_tokens");
  // Another organization has a budget of its own.
  worker.find(2001, 1);
  CHECK(worker.place().size() == 1);
  set_budget(site, "organization", "NULL, NULL, 1");
  worker.find(2002, 1);
  CHECK(worker.place().empty());
  worker.keep_deadlines();
  CHECK(site.value("SELECT fallback_reason FROM public.insights WHERE user_id = pg_temp.an_id(2002)") == "budget_money");
}

TEST_CASE("a provider's minute is a limit of that provider alone, and the next minute is a new one") {
  Site site;
  Worker worker(site);
  set_budget(site, "provider:anthropic", "1, NULL, NULL");
  worker.find(1001, 2);
  auto jobs = worker.place();
  REQUIRE(jobs.size() == 2);
  CHECK(jobs[0].provider != jobs[1].provider);
  worker.pass(Seconds{60});
  worker.find(1002, 1);
  auto later = worker.place();
  CHECK(std::ranges::count(later, "anthropic", &delivery::Job::provider) == 1);
}

TEST_CASE("a user's insights cause ten calls at once, hedges among them") {
  Site site;
  Deadlines quick = kSlow;
  quick.share = Milliseconds{1};
  Worker worker(site, chain(), quick);
  worker.find(1001, 7);
  CHECK(worker.place().size() == 7);
  worker.pass(Milliseconds{1});
  // A token comes every six seconds, which this test takes where the machine is busy.
  const std::size_t hedges = worker.place().size();
  CHECK(hedges >= 3);
  CHECK(hedges <= 4);
  worker.find(1002, 1);
  CHECK(worker.place().size() == 1);
}

TEST_CASE("the same input is not paid for twice: while a call is open its answer is waited for, and then it serves") {
  Site site;
  Worker worker(site, {chain().front()});
  Worker other(site, {chain().front()});
  worker.find(1001, 1);
  auto jobs = worker.place();
  REQUIRE(jobs.size() == 1);
  // The same finding again, as after a restart that lost the first insight.
  other.find(1001, 1);
  CHECK(other.place().empty());
  worker.report(reports_of(std::move(jobs), [] { return answered("Paid once"); }));
  other.pass(Milliseconds{200});
  CHECK(other.place().empty());
  CHECK(site.value("SELECT count(*) || ' ' || count(*) FILTER (WHERE title = 'Paid once') FROM public.insights") == "2 2");
  CHECK(site.value("SELECT count(*) FROM weir.insight_calls") == "1");
  // What brought no valid answer is not tried again either.
  worker.find(1002, 1);
  worker.report(reports_of(worker.place(), [] { return useless(); }));
  other.find(1002, 1);
  CHECK(other.place().empty());
  other.pass(Seconds{200});
  other.keep_deadlines();
  CHECK(site.value(
            "SELECT string_agg(fallback_reason, ', ' ORDER BY fallback_reason) FROM public.insights WHERE user_id = pg_temp.an_id(1002)") ==
        "known_failure, the reply is no JSON");
}

TEST_CASE("fifty workers spend at the same time and no budget is exceeded by one token") {
  Site site;
  constexpr int kWorkers = 50;
  prepare_spending(site);
  spend_by_workers(site.dsn, kWorkers, 1);
  check_spending(site);
}

/// The next case starts this program as each of its processes, and tells it by the environment where to work.
TEST_CASE("seventeen workers of a process spend" * doctest::skip()) {
  const char* const dsn = std::getenv(kSite);
  REQUIRE(dsn != nullptr);
  spend_by_workers(dsn, kWorkersOfAProcess, kProcesses);
}

TEST_CASE("fifty-one workers of three processes spend at the same time and no budget is exceeded by one token") {
  Site site;
  prepare_spending(site);
  const auto folder = testing::scratch() / "spending";
  std::filesystem::create_directories(folder);
  std::vector<supervise::Process> processes;
  for (int i = 0; i < kProcesses; ++i) {
    supervise::Command command;
    command.arguments = {std::filesystem::read_symlink("/proc/self/exe").string(), "--no-skip", "-tc=seventeen workers of a process spend"};
    command.output = folder / std::to_string(i);
    command.environment = {{kSite, site.dsn}};
    processes.push_back(must(supervise::Process::spawn(testing::guardian(), command)));
  }
  for (std::size_t i = 0; i < processes.size(); ++i) {
    const auto ended = processes[i].wait_for(kPatience);
    INFO(testing::content(folder / std::to_string(i)));
    REQUIRE(ended.has_value());
    CHECK(ended->ok());
  }
  check_spending(site);
  // Each process had its part.
  CHECK(site.value("SELECT count(*) FROM public.spenders WHERE calls > 0") == "3");
}

TEST_CASE("an operator sets a budget with a reason, and a limit that is not told stays as it was") {
  Site site;
  set_budget(site, "organization", "7, 8, 9");
  const auto said = testing::run_weir(
      {"insights", "budget", "set", "organization", "--tokens", "2000", "--micro-usd", "none", "--why", "a test", "--by", "kim"},
      {{"WEIR_POSTGRES_DSN", site.dsn + " user=weir_operator"}});
  INFO(said.err);
  CHECK(said.exit_code == 0);
  CHECK(site.value("SELECT concat_ws(' ', requests, tokens, coalesce(micro_usd::text, 'none')) FROM weir.insight_budgets WHERE spender = "
                   "'organization'") == "7 2000 none");
  CHECK(site.value("SELECT concat_ws(' ', acted_by, command, filter, counts, why) FROM weir.operator_actions") ==
        R"(kim insights budget set {"tokens": 2000, "spender": "organization", "requests": 7} {"budgets": 1} a test)");
}
