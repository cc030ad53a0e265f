// From a draft to its text: which provider is asked when, which text stands, and what it costs. Time is stepped, and a test says how each
// call ended.
#include "tests/component/insights/dropped_activity.hpp"
#include "tests/component/insights/site.hpp"

using namespace weir;
using namespace weir::insights;

namespace {

/// provider, status, fallback_reason, title of the only insight.
std::string text_of(Site& site) {
  return site.value(
      "SELECT string_agg(concat_ws(' | ', provider, status, coalesce(fallback_reason, '-'), title), E'\n') FROM public.insights");
}

std::string calls_of(Site& site) {
  return site.value(
      "SELECT string_agg(provider || ' ' || outcome || ' ' || coalesce((tokens_in + tokens_out)::text, '-'), ', ' ORDER BY reserved_at, "
      "provider) FROM weir.insight_calls");
}

/// Tokens that the organization's day and the provider's minutes have reserved and charged.
std::string spent(Site& site) {
  return site.value(
      "SELECT string_agg(spender || ' ' || requests || ' ' || reserved_tokens || ' ' || charged_tokens, ', ' ORDER BY spender) FROM "
      "(SELECT "
      "CASE WHEN spender LIKE 'organization%' THEN 'day' ELSE spender END AS spender, sum(requests) AS requests, sum(reserved_tokens) AS "
      "reserved_tokens, sum(charged_tokens) AS charged_tokens FROM weir.insight_spending GROUP BY 1) s");
}

std::vector<delivery::Report> one(delivery::Report report) {
  std::vector<delivery::Report> reports;
  reports.push_back(std::move(report));
  return reports;
}

}  // namespace

TEST_CASE("the first provider's valid answer is the text, and nobody else is asked") {
  Site site;
  Worker worker(site);
  worker.find(1001, 1);
  auto jobs = worker.place();
  REQUIRE(jobs.size() == 1);
  CHECK(jobs[0].provider == "anthropic");
  CHECK(site.value("SELECT count(*) FROM public.insights") == "0");
  worker.pass(Milliseconds{300});
  CHECK(worker.report(one(report_of(std::move(jobs[0]), answered("Of a model")))) == 1);
  CHECK(text_of(site) == "anthropic | active | - | Of a model");
  CHECK(calls_of(site) == "anthropic kept 110");
  CHECK(spent(site) == "day 1 0 110, provider:anthropic 1 0 110, provider:openai 0 0 0");
  CHECK(site.value("SELECT tokens_in || ' ' || tokens_out || ' ' || cost_micro_usd FROM public.insights") == "100 10 110");
  worker.pass(Seconds{200});
  CHECK(worker.place().empty());
  worker.keep_deadlines();
  CHECK(site.value("SELECT count(*) FROM weir.insight_drafts") == "0");
  CHECK(text_of(site) == "anthropic | active | - | Of a model");
}

TEST_CASE(
    "a slow provider's share ends and the next is asked beside it; the template stands in time; the first valid answer replaces it once") {
  Site site;
  Worker worker(site);
  worker.find(1001, 1);
  auto first = worker.place();
  REQUIRE(first.size() == 1);
  worker.pass(Seconds{60});
  CHECK(worker.place().empty());
  worker.pass(Seconds{30});
  auto hedge = worker.place();
  REQUIRE(hedge.size() == 1);
  CHECK(hedge[0].provider == "openai");
  CHECK(spent(site).starts_with("day 2 "));
  worker.pass(Seconds{60});
  worker.keep_deadlines();
  CHECK(text_of(site).empty());
  worker.pass(Seconds{30});
  worker.keep_deadlines();
  CHECK(text_of(site).starts_with("template | active | deadline | "));
  worker.pass(Seconds{5});
  worker.report(one(report_of(std::move(hedge[0]), answered("Of the second"))));
  CHECK(text_of(site) == "openai | active | - | Of the second");
  CHECK(site.value("SELECT replaced_at > worded_at FROM public.insights") == "t");
  worker.report(one(report_of(std::move(first[0]), answered("Of the first"))));
  CHECK(text_of(site) == "openai | active | - | Of the second");
  CHECK(calls_of(site) == "anthropic dropped 110, openai kept 110");
  CHECK(spent(site) == "day 2 0 220, provider:anthropic 1 0 110, provider:openai 1 0 110");
  CHECK(site.value("SELECT tokens_in || ' ' || tokens_out || ' ' || cost_micro_usd FROM public.insights") == "200 20 220");
  CHECK(site.value("SELECT count(*) FROM public.insights") == "1");
}

TEST_CASE("a failure lets the next provider begin at once, and when all have failed the template stands at once and says why") {
  Site site;
  Worker worker(site);
  worker.find(1001, 1);
  worker.report(one(report_of(std::move(worker.place()[0]), useless())));
  auto second = worker.place();
  REQUIRE(second.size() == 1);
  CHECK(second[0].provider == "openai");
  worker.report(one(report_of(std::move(second[0]), delivery::Unknown{"no answer"}, 0)));
  worker.keep_deadlines();
  CHECK(text_of(site).starts_with("template | active | no answer | "));
  CHECK(calls_of(site).starts_with("anthropic failed 110, openai unanswered "));
  CHECK(site.value("SELECT reserved_in + reserved_out = tokens_in + tokens_out FROM weir.insight_calls WHERE provider = 'openai'") == "t");
  CHECK(site.value("SELECT count(*) FROM weir.insight_drafts") == "0");
}

TEST_CASE("usage that an answer leaves out is charged as it was reserved, and an answer that is too late is charged and dropped") {
  Site site;
  Worker worker(site, {chain().front()});
  worker.find(1001, 2);
  auto jobs = worker.place();
  REQUIRE(jobs.size() == 2);
  worker.report(one(report_of(std::move(jobs[0]), answered("A", std::nullopt, 10))));
  CHECK(site.value("SELECT tokens_in = reserved_in AND tokens_out = reserved_out FROM weir.insight_calls WHERE outcome = 'kept'") == "t");
  worker.pass(Seconds{200});
  worker.keep_deadlines();
  worker.pass(Seconds{2'900});
  worker.clock.advance(Seconds{2'900});
  worker.keep_deadlines();
  worker.report(one(report_of(std::move(jobs[1]), answered("B"))));
  CHECK(site.value("SELECT count(*) FROM public.insights WHERE provider = 'template'") == "1");
  CHECK(site.value("SELECT count(*) FROM weir.insight_calls WHERE outcome = 'dropped'") == "1");
}

TEST_CASE(
    "a call that never began costs nothing and its provider is asked again; one that nobody answers for is charged when its lease ends") {
  Site site;
  Worker worker(site, {chain().front()});
  worker.find(1001, 1);
  auto jobs = worker.place();
  REQUIRE(jobs.size() == 1);
  worker.report(one(report_of(std::move(jobs[0]), delivery::NotBegun{"no room"}, 0)));
  CHECK(spent(site) == "day 0 0 0, provider:anthropic 0 0 0");
  CHECK(worker.place().size() == 1);
  const std::string reserved = site.value("SELECT reserved_in + reserved_out FROM weir.insight_calls");
  worker.pass(Seconds{5'000});
  worker.clock.advance(Seconds{5'000});
  worker.keep_deadlines();
  CHECK(calls_of(site) == "anthropic open -");
  worker.pass(Seconds{1'100});
  worker.clock.advance(Seconds{1'100});
  worker.keep_deadlines();
  CHECK(calls_of(site) == "anthropic unanswered " + reserved);
  // The provider's minute is long over and forgotten.
  CHECK(spent(site) == fmt::format("day 1 0 {}", reserved));
  CHECK(text_of(site).starts_with("template | active | deadline"));
  CHECK(site.value("SELECT count(*) FROM weir.insight_drafts") == "0");
}

TEST_CASE("templates serve where no provider has a key, at once") {
  Site site;
  Worker worker(site, {});
  worker.find(1001, 3);
  worker.keep_deadlines();
  CHECK(site.value("SELECT string_agg(DISTINCT provider || ' ' || fallback_reason, ',') FROM public.insights") == "template no_provider");
  CHECK(site.value("SELECT count(*) FROM weir.insight_drafts") == "0");
}

TEST_CASE("an account without room is left out, and where none has room the draft waits and has its text in time") {
  Site site;
  Worker worker(site);
  worker.find(1001, 1);
  worker.room = {{"anthropic:default", 0}};
  auto jobs = worker.place();
  REQUIRE(jobs.size() == 1);
  CHECK(jobs[0].provider == "openai");
  worker.find(1002, 1);
  worker.room = {{"anthropic:default", 0}, {"openai:default", 0}};
  CHECK(worker.place().empty());
  worker.pass(Seconds{180});
  worker.keep_deadlines();
  CHECK(site.value("SELECT string_agg(fallback_reason, ',' ORDER BY fallback_reason) FROM public.insights") == "deadline,no_room");
  worker.room.clear();
  auto late = worker.place();
  REQUIRE(late.size() == 1);
  worker.report(one(report_of(std::move(late[0]), answered("Late and better"))));
  CHECK(site.value("SELECT count(*) FROM public.insights WHERE title = 'Late and better'") == "1");
}

TEST_CASE("a dead process's drafts get their texts in time from any other") {
  Site site;
  Worker alive(site);
  {
    Worker dead(site);
    dead.find(1001, 1);
    CHECK(dead.place().size() == 1);
  }
  alive.pass(Seconds{180});
  alive.keep_deadlines();
  CHECK(text_of(site).starts_with("template | active | deadline"));
}

TEST_CASE("the insight that told the same before is superseded, one for another audience or subject is not") {
  Site site;
  Worker worker(site, {});
  worker.find(1001, 2);
  worker.keep_deadlines();
  worker.pass(Seconds{1});
  worker.find(1001, 1);
  worker.keep_deadlines();
  CHECK(site.value("SELECT string_agg(subject || ' ' || status, ', ' ORDER BY subject, status) FROM public.insights") ==
        "dimension0 active, dimension0 superseded, dimension1 active");
}

TEST_CASE("no intent is claimed while a template is late, and then they are claimed again") {
  Site site;
  Worker worker(site);
  worker.find(1001, 1);
  CHECK(worker.place().size() == 1);
  site.run(
      "INSERT INTO weir.insight_intents (organization_id, user_id, intent_id, opened_at, due_at) VALUES (pg_temp.an_id(1), "
      "pg_temp.an_id(1002), gen_random_uuid(), now(), now())");
  const std::string intents = "SELECT count(*) FROM weir.insight_intents";
  worker.pass(Seconds{180});
  // The hedge of the draft is no new work, and begins all the same.
  CHECK(worker.place().size() == 1);
  CHECK(site.value(intents) == "1");
  worker.keep_deadlines();
  CHECK(worker.place().empty());
  CHECK(site.value(intents) == "0");
}

TEST_CASE("while a template is late nothing is claimed at all, not even a hedge") {
  Site site;
  Worker worker(site);
  worker.find(1001, 1);
  CHECK(worker.place().size() == 1);
  worker.pass(Seconds{191});
  CHECK(worker.place().empty());
  worker.keep_deadlines();
  CHECK(worker.place().size() == 1);
}

TEST_CASE("a claim leaves a draft alone whose template is soon due, so that the template's writer finds it free") {
  Site site;
  Worker worker(site);
  worker.find(1001, 1);
  CHECK(worker.place().size() == 1);
  worker.pass(Seconds{165});
  CHECK(worker.place().empty());
  worker.pass(Seconds{15});
  worker.keep_deadlines();
  CHECK(text_of(site).starts_with("template | active | deadline | "));
  CHECK(worker.place().size() == 1);
}

TEST_CASE("no more insights are claimed within the room of a text than templates can word in it") {
  Site site;
  must(testing::let_activity_drop(site.owner));
  Worker worker(site);
  const std::string found = "SELECT count(*) FROM weir.insight_drafts";
  worker.pace->measured(32, Seconds{64});
  worker.place(1'000);
  CHECK(site.value(found) == "32");
  worker.clock.advance(Seconds{19});
  worker.place(1'000);
  CHECK(site.value(found) == "32");
  worker.clock.advance(Seconds{1});
  worker.place(1'000);
  CHECK(site.value(found) == "64");
}

TEST_CASE("where texts are written slowly, templates are begun before they are due") {
  Site site;
  Worker worker(site);
  worker.find(1001, 1);
  CHECK(worker.place().size() == 1);
  worker.pass(Seconds{170});
  worker.keep_deadlines();
  CHECK(text_of(site).empty());
  worker.pace->measured(32, Seconds{16});
  worker.keep_deadlines();
  CHECK(text_of(site).starts_with("template | active | deadline | "));
}

TEST_CASE("a draft whose text is refused is dropped, and others get theirs in time") {
  Site site;
  Worker worker(site);
  const std::vector<Uuid> drafts = worker.find(1001, 3);
  // An organization that is gone takes no insight about its agents.
  site.run(fmt::format("UPDATE weir.insight_drafts SET organization_id = pg_temp.an_id(99), user_id = NULL WHERE insight_id = '{}'",
                       drafts[1].text()));
  worker.pass(Seconds{180});
  worker.keep_deadlines();
  CHECK(site.value("SELECT count(*) FROM public.insights") == "2");
  CHECK(site.value(fmt::format("SELECT count(*) FROM weir.insight_drafts WHERE insight_id = '{}'", drafts[1].text())) == "0");
}
