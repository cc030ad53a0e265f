// What operators say to weir insights: what models may cost, and what a model would be told.
#include "tests/component/insights/site.hpp"
#include "tests/component/operations/program.hpp"

using namespace weir;
using namespace weir::insights;

namespace {

testing::Said say(const Site& site, const std::vector<std::string>& words) {
  return testing::run_weir(
      words, {{"WEIR_POSTGRES_DSN", site.dsn + " user=weir_operator"}, {"WEIR_CONSUMERS_INSIGHTS_DSN", site.dsn + " user=weir_insights"}});
}

std::string budgets(Site& site) {
  return site.value(
      "SELECT string_agg(concat_ws(' ', spender, coalesce(requests::text, '-'), coalesce(tokens::text, '-'), coalesce(micro_usd::text, "
      "'-')), "
      "', ' ORDER BY spender) FROM weir.insight_budgets");
}

/// Everything that words of an insight are written to.
std::string written(Site& site) {
  return site.value(
      "SELECT concat_ws(' ', (SELECT count(*) FROM weir.insight_intents), (SELECT count(*) FROM weir.insight_drafts), (SELECT count(*) "
      "FROM weir.insight_calls), (SELECT count(*) FROM weir.insight_spending), (SELECT count(*) FROM public.insights))");
}

}  // namespace

TEST_CASE("an operator sees what calls may cost and have cost, of each spender of this day and minute") {
  Site site;
  Worker worker(site);
  worker.find(1001, 1);
  auto jobs = worker.place();
  REQUIRE(jobs.size() == 1);
  std::vector<delivery::Report> reports;
  reports.push_back(report_of(std::move(jobs[0]), answered("A", 900, 100)));
  worker.report(std::move(reports));
  const testing::Said said = say(site, {"insights", "budget", "show", "--json"});
  INFO(said.err);
  CHECK(said.exit_code == 0);
  const std::string of_day = fmt::format(
      R"("spender":"organization:{}","period":"day","requests":null,"tokens":1000000,"micro_usd":5000000,"spent_requests":1,"spent_tokens":1000,"spent_micro_usd":1000)",
      an_id(1).text());
  INFO(said.out);
  CHECK(said.out.find(of_day) != std::string::npos);
  CHECK(said.out.find(R"("spender":"organization","period":"day","requests":null,"tokens":1000000)") != std::string::npos);
  CHECK(said.out.find(R"("spender":"provider","period":"minute","requests":1000,"tokens":1000000,"micro_usd":null)") != std::string::npos);
}

TEST_CASE(
    "a spender's own budget begins with those limits of its kind that are not told, and who names nobody's budget is told whose there "
    "are") {
  Site site;
  const std::string own = "organization:" + an_id(1).text();
  CHECK(say(site, {"insights", "budget", "set", own, "--tokens", "7", "--why", "a test"}).exit_code == 0);
  CHECK(say(site, {"insights", "budget", "set", "provider:openai", "--requests", "none", "--why", "a test"}).exit_code == 0);
  const std::string set = budgets(site);
  CHECK(set == fmt::format("organization - 1000000 5000000, {} - 7 5000000, provider 1000 1000000 -, provider:openai - 1000000 -", own));
  for (const std::string spender : {"organization:x", "provider:nobody", "user"}) {
    INFO(spender);
    const testing::Said said = say(site, {"insights", "budget", "set", spender, "--tokens", "7", "--why", "a test"});
    CHECK(said.exit_code == 64);
    CHECK(said.err.find("provider:anthropic or provider:openai") != std::string::npos);
  }
  CHECK(say(site, {"insights", "budget", "set", "", "--tokens", "7", "--why", "a test"}).exit_code == 64);
  CHECK(say(site, {"insights", "budget", "set", "provider", "--tokens", "-3", "--why", "a test"}).exit_code == 64);
  CHECK(say(site, {"insights", "budget", "set", "provider", "--tokens", "7"}).exit_code == 64);
  CHECK(budgets(site) == set);
  CHECK(site.value("SELECT count(*) FROM weir.operator_actions") == "2");
}

TEST_CASE("a preview prints what a model would be told, with placeholders for names, and sends and writes nothing") {
  Site site;
  site.run(R"(
    INSERT INTO public.learning_modules (id, organization_id, key, title, dimensions, position, is_published)
    VALUES (pg_temp.an_id(2001), pg_temp.an_id(1), 'm', 'With Ada Lovelace and ada@mail.example', ARRAY['empathy'], 1, true);
    INSERT INTO public.learning_activities (id, organization_id, module_id, kind, title, difficulty_rating, position)
    VALUES (pg_temp.an_id(2100), pg_temp.an_id(1), pg_temp.an_id(2001), 'quiz', 'A', 1000, 1))");
  const std::string before = written(site);
  const testing::Said said = say(site, {"insights", "preview", an_id(1001).text(), "--no-send"});
  INFO(said.err);
  INFO(said.out);
  CHECK(said.exit_code == 0);
  CHECK(said.out.find("provider: anthropic") != std::string::npos);
  CHECK(said.out.find("finding: next_module") != std::string::npos);
  CHECK(said.out.find("<data>With [[P1:") != std::string::npos);
  for (const std::string secret : {"Ada", "Lovelace", "mail.example"}) CHECK(said.out.find(secret) == std::string::npos);
  CHECK(written(site) == before);
  CHECK(say(site, {"insights", "preview", an_id(1001).text()}).exit_code == 64);
  CHECK(say(site, {"insights", "preview", "nobody", "--no-send"}).exit_code == 64);
  CHECK(say(site, {"insights", "preview", an_id(9).text(), "--no-send"}).exit_code == 65);
}
