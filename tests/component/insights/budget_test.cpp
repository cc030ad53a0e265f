// Budgets hold to the token, whoever spends at the same time; the same input is paid for once.
#include "tests/component/insights/site.hpp"
#include "tests/component/operations/program.hpp"

#include <algorithm>
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
  std::vector<std::unique_ptr<Worker>> workers;
  for (int i = 0; i < kWorkers; ++i) workers.push_back(std::make_unique<Worker>(site));
  for (int user = 1; user <= 30; ++user) workers[0]->find(1000 + user, 8);
  set_budget(site, "organization", "NULL, 120000, NULL");
  std::vector<std::thread> threads;
  for (auto& worker : workers) {
    threads.emplace_back([&worker] {
      for (int round = 0; round < 6; ++round) {
        std::vector<delivery::Report> reports;
        for (delivery::Job& job : worker->place(10)) {
          reports.push_back(report_of(std::move(job), reports.size() % 2 == 0 ? answered("A", 900, 100) : useless(900, 100)));
        }
        worker->report(std::move(reports));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(site.value("SELECT count(*) > 50 FROM weir.insight_calls") == "t");
  CHECK(site.value(
            "SELECT max(charged_tokens + reserved_tokens) <= 120000 FROM weir.insight_spending WHERE spender LIKE 'organization%'") == "t");
  // What the day says is what its calls say.
  CHECK(site.value(R"(
    SELECT (SELECT sum(charged_tokens) FROM weir.insight_spending WHERE spender LIKE 'organization%')
           = (SELECT sum(tokens_in + tokens_out) FROM weir.insight_calls)
       AND (SELECT sum(reserved_tokens) FROM weir.insight_spending) = 0)") == "t");
  CHECK(site.value("SELECT max(n) FROM (SELECT count(*) AS n FROM weir.insight_calls GROUP BY organization_id, input_hash) c") == "1");
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
