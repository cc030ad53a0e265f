// Ten thousand insights while the first provider is slow, dead, lies and limits in turn: on a manual clock, which Postgres' clock follows.
// Times are a hundred times as long as those that ship, so that the time that the test takes itself does not count.
#include "tests/component/insights/site.hpp"

#include "common/delivery/deliverer.hpp"
#include "consumers/insights/providers/registry.hpp"
#include "tests/component/insights/dropped_activity.hpp"
#include "tests/component/insights/model_answers.hpp"
#include "tests/unit/delivery/fake_caller.hpp"

#include <array>

using namespace weir;
using namespace weir::insights;

namespace {

constexpr std::int64_t kInsights = 10'000;
constexpr int kScale = 100;
constexpr Milliseconds kAllowed{2'000 * kScale};
constexpr Milliseconds kTurn{50 * kScale};

/// Lets Postgres' clock follow before each step of the queue, since a turn of the deliverer lets time pass.
class FollowingQueue final : public delivery::Queue {
 public:
  explicit FollowingQueue(Worker& worker) : worker_(worker) {}
  Result<delivery::Claimed> claim(const delivery::Wanted& wanted) override {
    follow();
    return worker_.queue.claim(wanted);
  }
  Result<std::size_t> report(std::span<const delivery::Report> reports, std::span<const delivery::Refund> refunds) override {
    follow();
    return worker_.queue.report(reports, refunds);
  }
  void follow() {
    const auto passed = worker_.clock.steady() - seen_;
    seen_ += passed;
    worker_.pass(std::chrono::duration_cast<Microseconds>(passed));
  }

 private:
  Worker& worker_;
  SteadyInstant seen_ = worker_.clock.steady();
};

/// The first provider has each of its troubles for a quarter of the calls of the second one, which answers every other call too late.
struct Trouble {
  std::int64_t hedges = 0;
  std::array<std::int64_t, 4> troubled{};  // calls of the first provider
  testing::FakeCaller::Planned operator()(const http::Call& call) {
    using http::NoAnswer;
    const http::Answer good{200, {}, testing::valid_answer(call.url)};
    if (!call.url.ends_with("/v1/messages")) return {Milliseconds{(++hedges % 2 == 0 ? 300 : 2'500) * kScale}, good};
    const auto quarter = static_cast<std::size_t>(std::min<std::int64_t>(hedges * 4 / kInsights, 3));
    ++troubled.at(quarter);
    switch (quarter) {
      case 0:
        return {Milliseconds{4'000 * kScale}, good};
      case 1:
        return {Milliseconds{kScale}, NoAnswer{NoAnswer::Receiver::kUntouched, NoAnswer::Cause::kConnect, "nobody listens"}};
      case 2:
        return {Milliseconds{200 * kScale}, http::Answer{200, {}, testing::lying_answer(call.url)}};
      default:
        return {Milliseconds{50 * kScale}, http::Answer{429, {{"retry-after", "100"}}, ""}};
    }
  }
};

/// The deliverer over a fake caller. Its breakers rest as long as those that ship, on a clock that runs a hundred times as fast.
struct World {
  explicit World(Worker& its_worker) : worker(its_worker), queue(worker), caller(worker.clock) {
    caller.answers = [this](const http::Call& call) { return trouble(call); };
    std::map<std::string, const delivery::Provider*> by_name;
    for (const auto& account : worker.all) {
      delivery::Terms terms;
      terms.calls_of_an_account = 1'000;
      terms.timeout = Milliseconds{30'000 * kScale};
      terms.tries = 2;
      providers.push_back(make_provider(*find_model_row(account->provider), terms));
      by_name.emplace(account->provider, providers.back().get());
    }
    delivery::Limits limits;
    limits.channels = {{.name = "insights", .most_in_hand = 2'000, .providers = {"anthropic", "openai"}}};
    limits.lease = Seconds{60 * kScale};
    limits.begin_within = Seconds{2 * kScale};
    deliverer = must(delivery::Deliverer::make({.name = "insights",
                                                .queue = queue,
                                                .caller = caller,
                                                .providers = std::move(by_name),
                                                .clock = worker.clock,
                                                .log = worker.log,
                                                .metrics = worker.metrics,
                                                .health = health},
                                               std::move(limits)));
  }
  void turn() {
    must(deliverer->turn(kTurn));
    queue.follow();
    worker.keep_deadlines();
  }

  Worker& worker;
  FollowingQueue queue;
  testing::FakeCaller caller;
  Trouble trouble;
  std::vector<std::unique_ptr<delivery::Provider>> providers;
  telemetry::Health health;
  std::unique_ptr<delivery::Deliverer> deliverer;
};

}  // namespace

TEST_CASE(
    "ten thousand insights have a text by 2.0 s after their claim, whatever their first provider does, and a better one replaces it once") {
  Site site;
  site.run("DELETE FROM public.consents; DELETE FROM public.users; DELETE FROM public.organizations");
  must(testing::add_consenting_users(site.owner, kInsights / testing::kInsightsOfAUser));
  must(testing::let_activity_drop(site.owner));
  site.run(R"(
    UPDATE weir.insight_budgets SET requests = NULL, tokens = NULL, micro_usd = NULL;
    CREATE TABLE public.texts (insight uuid);
    GRANT INSERT ON public.texts TO weir_insights;
    CREATE FUNCTION public.note_text() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO public.texts VALUES (new.id); RETURN NULL; END $$;
    CREATE TRIGGER note_text AFTER INSERT OR UPDATE OF title ON public.insights FOR EACH ROW EXECUTE FUNCTION public.note_text())");
  Worker worker(site);
  World world(worker);
  const auto holds = [&](const std::string& condition) { return site.value("SELECT " + condition) == "t"; };
  while (!holds(fmt::format("(SELECT count(*) >= {} FROM public.insights) AND NOT EXISTS (SELECT FROM weir.insight_drafts)", kInsights)))
    world.turn();
  CHECK(site.value("SELECT count(*) FROM public.insights") == std::to_string(kInsights));
  const auto largest =
      std::stol(site.value("SELECT ceil(1000 * extract(epoch FROM max(worded_at - claimed_at)))::bigint FROM public.insights"));
  MESSAGE("largest time to a first text: " << largest / kScale << " ms, 2000 allowed");
  CHECK(largest <= kAllowed.count());
  // Each kind of trouble and of rescue came to pass.
  for (const std::int64_t calls : world.trouble.troubled) CHECK(calls > 0);
  CHECK(holds("count(*) > 1000 FROM public.insights WHERE provider = 'openai' AND replaced_at IS NULL"));
  CHECK(holds("count(*) > 1000 FROM public.insights WHERE provider <> 'template' AND replaced_at IS NOT NULL"));
  CHECK(holds("count(*) > 0 FROM public.insights WHERE provider = 'anthropic'"));
  CHECK(holds("bool_and((provider = 'template') = (fallback_reason IS NOT NULL)) FROM public.insights"));
  // A text was written once, and replaced at most once.
  CHECK(holds("max(n) <= 2 FROM (SELECT count(*) AS n FROM public.texts GROUP BY insight) t"));
  CHECK(holds(R"(NOT EXISTS (SELECT FROM (SELECT insight, count(*) AS n FROM public.texts GROUP BY insight) t
                              JOIN public.insights i ON i.id = t.insight WHERE (t.n = 2) <> (i.replaced_at IS NOT NULL)))"));
  // A call whose draft is gone may still be in flight; what it reserved is given back once it ends, or is given up.
  const std::string nothing_reserved = "sum(reserved_tokens) = 0 FROM weir.insight_spending";
  for (int turns = 0; turns < 20'000 && !holds(nothing_reserved); ++turns) world.turn();
  CHECK(holds(nothing_reserved));
}
