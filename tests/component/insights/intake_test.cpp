// Events open intents: one a user, due a fixed time after the first; a withdrawn consent hides.
#include "tests/component/insights/site.hpp"

#include "consumers/insights/consumer.hpp"
#include "consumers/insights/facts.hpp"

using namespace weir;
using namespace weir::insights;

namespace {

/// A transaction that the test opens and ends itself.
class OneTransaction final : public runtime::Work {
 public:
  explicit OneTransaction(postgres::Statements& statements) : statements_(statements) {}
  postgres::Statements& statements() override { return statements_; }
  Result<std::optional<Instant>> group_watermark() override { return std::optional<Instant>(); }

 private:
  postgres::Statements& statements_;
};

runtime::Event event(const Subject& subject, std::uint64_t n) {
  runtime::Event made;
  made.decoded.payload = std::make_unique<Fact>(an_id(n), subject);
  return made;
}

/// A change of the subject's consent.
runtime::Event consent(const Subject& subject, std::uint64_t n, const ConsentChanged& change) {
  auto fact = std::make_unique<Fact>(an_id(n), subject);
  fact->opens_intent = false;
  fact->consent = change;
  runtime::Event made;
  made.decoded.payload = std::move(fact);
  return made;
}

Options options() {
  Options made;
  made.intent_delay = Seconds{60};
  return made;
}

Subject user(int n) { return {OrganizationId{an_id(static_cast<std::uint64_t>(n / 1000))}, UserId{an_id(static_cast<std::uint64_t>(n))}}; }

struct Intake {
  explicit Intake(const Site& site) : connection(must(postgres::Connection::open(Worker::session(site)))) {
    must(consumer.prepare(connection));
  }
  void take(std::vector<runtime::Event> events) {
    std::vector<const runtime::Event*> batch;
    for (const runtime::Event& each : events) batch.push_back(&each);
    OneTransaction work(connection);
    const auto outcomes = must(connection.within_transaction([&] { return consumer.apply(batch, nullptr, work, SystemClock().now()); }));
    for (const auto& outcome : outcomes) CHECK(std::holds_alternative<runtime::Done>(outcome));
  }
  postgres::Connection connection;
  InsightsConsumer consumer{options()};
};

std::vector<runtime::Event> news(std::initializer_list<std::pair<Subject, std::uint64_t>> of) {
  std::vector<runtime::Event> events;
  for (const auto& [subject, n] : of) events.push_back(event(subject, n));
  return events;
}

}  // namespace

TEST_CASE("the first event of a user opens an intent that is due 60 s later, however many events follow and however often they come") {
  Site site;
  Intake intake(site);
  intake.take(news({{user(1001), 7}, {user(1001), 8}, {user(1002), 9}, {{OrganizationId{an_id(1)}, std::nullopt}, 10}}));
  const std::string all = "SELECT string_agg(intent_id || ' ' || due_at, E'\n' ORDER BY intent_id) FROM weir.insight_intents";
  const std::string first = site.value(all);
  CHECK(site.value("SELECT count(*) || ' ' || bool_and(due_at - opened_at = interval '60 s') FROM weir.insight_intents") == "3 true");
  CHECK(site.value("SELECT intent_id FROM weir.insight_intents WHERE user_id = pg_temp.an_id(1001)") ==
        intent_id(user(1001), an_id(7)).text());
  intake.take(news({{user(1001), 11}, {{OrganizationId{an_id(1)}, std::nullopt}, 12}}));
  CHECK(site.value(all) == first);
}

TEST_CASE("an intent is claimed once it is due, by one process, and events after that open a new one") {
  Site site;
  Intake intake(site);
  Worker worker(site);
  Worker other(site);
  intake.take(news({{user(1001), 7}, {user(1002), 8}, {user(2001), 9}}));
  // How many intents the worker claims.
  const auto claimed = [&](Worker& by, std::size_t intents) {
    const auto count = [&] { return std::stoul(site.value("SELECT count(*) FROM weir.insight_intents")); };
    const std::size_t before = count();
    by.place(2 * intents);
    return before - count();
  };
  CHECK(claimed(worker, 10) == 0);
  worker.pass(Seconds{61});
  other.pass(Seconds{61});
  // Organizations take turns: the second intent is of the other organization.
  CHECK(claimed(worker, 2) == 2);
  CHECK(site.value("SELECT count(DISTINCT organization_id) || ' ' || count(*) FROM weir.insight_intents") == "1 1");
  CHECK(claimed(other, 10) == 1);
  CHECK(claimed(other, 10) == 0);
  intake.take(news({{user(1001), 12}}));
  CHECK(site.value("SELECT intent_id FROM weir.insight_intents") == intent_id(user(1001), an_id(12)).text());
}

TEST_CASE("a consent that is withdrawn or deleted hides what was found before, and nothing of others") {
  Site site;
  Intake intake(site);
  Worker worker(site, {});
  for (const int n : {1001, 1002, 1003}) worker.find(n, 1);
  worker.keep_deadlines();
  site.withdraw(1001);
  std::vector<runtime::Event> events;
  events.push_back(consent(user(1001), 7, {.withdrawn_at = SystemClock().now()}));
  events.push_back(consent(user(1002), 8, {.withdrawn_at = {}, .is_deleted = true}));
  intake.take(std::move(events));
  CHECK(site.value("SELECT string_agg(status, ' ' ORDER BY user_id) FROM public.insights") == "hidden hidden active");
  CHECK(site.value("SELECT count(*) FROM weir.insight_intents") == "0");
}
