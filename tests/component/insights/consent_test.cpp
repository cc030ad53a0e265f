// Consent that is withdrawn at any step: no text is kept.
#include "consumers/insights/consented_drafts.hpp"

#include "tests/component/insights/site.hpp"

#include "common/core/await.hpp"
#include "consumers/insights/consents_store.hpp"
#include "consumers/insights/intents_store.hpp"

#include <thread>

using namespace weir;
using namespace weir::insights;

namespace {

std::vector<delivery::Report> one(delivery::Report report) {
  std::vector<delivery::Report> reports;
  reports.push_back(std::move(report));
  return reports;
}

std::string left(Site& site) {
  return site.value("SELECT (SELECT count(*) FROM public.insights) || ' ' || (SELECT count(*) FROM weir.insight_drafts)");
}

}  // namespace

TEST_CASE("withdrawn between the claim and the attempt: no call begins and nothing is kept") {
  Site site;
  Worker worker(site);
  worker.find(1001, 1);
  site.withdraw();
  CHECK(worker.place().empty());
  CHECK(left(site) == "0 0");
  CHECK(site.value("SELECT count(*) FROM weir.insight_calls") == "0");
}

TEST_CASE("withdrawn between the attempt and the answer: the answer is charged and dropped") {
  Site site;
  Worker worker(site);
  worker.find(1001, 1);
  auto jobs = worker.place();
  REQUIRE(jobs.size() == 1);
  site.withdraw();
  worker.report(one(report_of(std::move(jobs[0]), answered("A secret"))));
  CHECK(left(site) == "0 0");
  CHECK(site.value("SELECT outcome || ' ' || reason || ' ' || tokens_in FROM weir.insight_calls") == "dropped consent 100");
}

TEST_CASE("withdrawn before the template is due: it is not written either") {
  Site site;
  Worker worker(site);
  worker.find(1001, 1);
  CHECK(worker.place().size() == 1);
  site.withdraw();
  worker.pass(Seconds{200});
  worker.keep_deadlines();
  CHECK(left(site) == "0 0");
}

TEST_CASE("withdrawn and given again: what was begun under the first consent is not kept") {
  Site site;
  Worker worker(site);
  worker.find(1001, 1);
  auto jobs = worker.place();
  REQUIRE(jobs.size() == 1);
  site.withdraw();
  site.run(
      "INSERT INTO public.consents (organization_id, user_id, scope, granted_at) VALUES (pg_temp.an_id(1), pg_temp.an_id(1001), "
      "'insights', "
      "clock_timestamp())");
  worker.report(one(report_of(std::move(jobs[0]), answered("A secret"))));
  CHECK(left(site) == "0 0");
}

TEST_CASE("a withdrawal waits for a text that is being kept, and a text waits for a withdrawal under way") {
  Site site;
  Worker worker(site);
  const Subject subject{OrganizationId{an_id(1)}, UserId{an_id(1001)}};
  auto keeper = must(postgres::Connection::open(Worker::session(site)));
  must(keeper.begin());
  CHECK(must(lock_consents(keeper, {{subject, SystemClock().now()}})).size() == 1);
  must(site.owner.script("SET lock_timeout = '100ms'"));
  const auto refused = site.owner.script("UPDATE public.consents SET withdrawn_at = now() WHERE user_id = pg_temp.an_id(1001)");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().sqlstate == "55P03");
  must(keeper.commit());
  must(site.owner.begin());
  site.withdraw();
  std::size_t live = 9;
  std::thread asks([&] {
    must(keeper.begin());
    live = must(lock_consents(keeper, {{subject, SystemClock().now()}})).size();
    must(keeper.commit());
  });
  auto watcher = site.connect("");
  CHECK(await(Milliseconds{20'000}, [&] {
    return must(watcher.script("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'weir_insights'"))[0]
               .text(0) == "1";
  }));
  must(site.owner.commit());
  asks.join();
  CHECK(live == 0);
}

TEST_CASE("withdrawal hides what was found before, and giving consent again brings nothing back") {
  Site site;
  Worker worker(site, {});
  worker.find(1001, 1);
  worker.find(1002, 1);
  worker.keep_deadlines();
  worker.find(1001, 1, 1);
  site.withdraw();
  const Withdrawal withdrawal{OrganizationId{an_id(1)}, UserId{an_id(1001)}, SystemClock().now()};
  must(worker.connection.within_transaction([&] { return hide_insights(worker.connection, {withdrawal}); }));
  CHECK(site.value("SELECT string_agg(status, ' ' ORDER BY user_id) FROM public.insights") == "hidden active");
  CHECK(site.value("SELECT count(*) FROM weir.insight_drafts") == "0");
  site.run(
      "INSERT INTO public.consents (organization_id, user_id, scope, granted_at) VALUES (pg_temp.an_id(1), pg_temp.an_id(1001), "
      "'insights', "
      "clock_timestamp())");
  // The event of the withdrawal may come after the new consent: what was found since then stays.
  worker.find(1001, 1, 2);
  worker.keep_deadlines();
  must(worker.connection.within_transaction([&] { return hide_insights(worker.connection, {withdrawal}); }));
  CHECK(site.value("SELECT string_agg(status, ' ' ORDER BY user_id, claimed_at) FROM public.insights") == "hidden active active");
}
