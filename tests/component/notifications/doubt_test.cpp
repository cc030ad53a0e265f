// Commits in doubt: the connection to Postgres is cut at a COMMIT, before or after it came through, by a proxy between a worker and the
// real server. Nobody can know which, and nothing may be lost or doubled for it.
#include "common/delivery/deliverer.hpp"
#include "common/testing/kept_log.hpp"
#include "tests/chaos/harness/proxy.hpp"
#include "tests/component/notifications/queue_site.hpp"
#include "tests/unit/delivery/fake_provider.hpp"

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::notifications;
using chaos::CommitCut;
using chaos::CommitTrap;

namespace {

constexpr const char* kClaim = "notifications_take";
constexpr const char* kReport = "notifications_standing";

/// A worker whose sessions go through a proxy.
struct Scene {
  Scene() : queue({.session = session(), .masters = nullptr, .accounts = Worker::accounts(), .clock = clock}) {}
  postgres::Settings session() {
    postgres::Settings settings = Worker::session(site);
    settings.dsn += " port=" + std::to_string(proxy.port());
    return settings;
  }
  Result<Claimed> claim() {
    return queue.claim({.channel = "pusher", .most = 100, .lease = Seconds{60}, .most_of_an_account = 100, .room = {}});
  }

  QueueSite site;
  chaos::Proxy proxy{chaos::Protocol::kPostgres, testing::postgres().port()};
  SystemClock clock;
  DeliveryQueue queue;
};

/// Answers every call with 200, and counts how often each message was called for.
class Answering final : public http::Caller {
 public:
  void begin(http::CallId id, http::Call call) override {
    for (const auto& job : testing::jobs_of(call)) ++calls[job.id];
    ended_.push_back({id, http::Answer{200, {}, ""}});
  }
  std::vector<http::Ended> wait(Milliseconds) override { return std::exchange(ended_, {}); }
  void ring() override {}

  std::map<Uuid, int> calls;

 private:
  std::vector<http::Ended> ended_;
};

}  // namespace

TEST_CASE("messages of a claim whose commit is in doubt are given out to nobody, and come back: at once, or when their lease is over") {
  for (const CommitCut when : {CommitCut::kBefore, CommitCut::kAfter}) {
    const bool came_through = when == CommitCut::kAfter;
    CAPTURE(came_through);
    Scene scene;
    scene.site.add({.count = 5});
    scene.proxy.set(CommitTrap{.when = when, .of = kClaim});
    const auto claimed = scene.claim();
    REQUIRE_FALSE(claimed);
    CHECK(claimed.error().kind == FaultKind::kCommitInDoubt);
    CHECK(scene.site.value("SELECT count(*) FROM public.notification_attempts") == (came_through ? "5" : "0"));
    CHECK(must(scene.claim()).jobs.size() == (came_through ? 0 : 5));
    scene.queue.step_clock(61s);
    Claimed again = must(scene.claim());
    CHECK(again.jobs.size() == 5);
    for (const Job& job : again.jobs) CHECK(job.is_unanswered);
    std::vector<Report> reports;
    for (Job& job : again.jobs) reports.push_back(Worker::report_of(std::move(job), delivery::Accepted{"p", nullptr}));
    CHECK(must(scene.queue.report(reports, {})) == 5);
    CHECK(scene.site.statuses() == "sent 5");
    CHECK(scene.site.waiting() == "0");
  }
}

TEST_CASE("a report whose commit is in doubt is given again, and is written once") {
  for (const CommitCut when : {CommitCut::kBefore, CommitCut::kAfter}) {
    const bool came_through = when == CommitCut::kAfter;
    CAPTURE(came_through);
    Scene scene;
    scene.site.add({.count = 5});
    Claimed claimed = must(scene.claim());
    REQUIRE(claimed.jobs.size() == 5);
    std::vector<Report> reports;
    for (Job& job : claimed.jobs) reports.push_back(Worker::report_of(std::move(job), delivery::Postponed{"answered 500", {}}, 1s));
    scene.proxy.set(CommitTrap{.when = when, .of = kReport});
    const auto reported = scene.queue.report(reports, {});
    REQUIRE_FALSE(reported);
    CHECK(reported.error().kind == FaultKind::kCommitInDoubt);
    CHECK(must(scene.queue.report(reports, {})) == (came_through ? 0 : 5));
    CHECK(scene.site.statuses() == "failed 5");
    CHECK(scene.site.value("SELECT sum(tries) FROM weir.delivery_queue") == "5");
    CHECK(scene.site.value("SELECT count(*) FROM public.notification_attempts WHERE is_spent AND outcome = 'failed'") == "5");
  }
}

TEST_CASE("a deliverer whose commits are cut again and again calls once for each message, and knows each to be sent") {
  constexpr int kMessages = 200;
  Scene scene;
  scene.site.add({.user = 0, .count = kMessages});
  for (const char* of : {kClaim, kReport}) {
    for (const CommitCut when : {CommitCut::kBefore, CommitCut::kAfter}) scene.proxy.set(CommitTrap{.when = when, .times = 2, .of = of});
  }
  Answering caller;
  testing::FakeProvider provider;
  provider.its_terms.jobs_in_a_call = 10;
  provider.its_terms.timeout = 1s;
  testing::KeptLog log(telemetry::LogLevel::kInfo);
  telemetry::Metrics metrics;
  telemetry::Health health;
  delivery::Limits limits;
  limits.channels = {{"pusher", 40, {"pusher"}, 20}};
  limits.lease = 2s;
  limits.queue_backoff = {Milliseconds{10}, Seconds{1}};
  auto deliverer = must(delivery::Deliverer::make(
      {"notifications", scene.queue, caller, {{"pusher", &provider}}, scene.clock, log, metrics, health}, std::move(limits)));
  const SteadyInstant end = scene.clock.steady() + 60s;
  while (scene.site.waiting() != "0" && scene.clock.steady() < end) must(deliverer->turn(Milliseconds{20}));
  CHECK(scene.site.statuses() == fmt::format("sent {}", kMessages));
  CHECK(scene.proxy.traps_waiting() == 0);
  CHECK(caller.calls.size() == kMessages);
  for (const auto& [id, calls] : caller.calls) CHECK(calls == 1);
  CHECK(scene.site.value(
            "SELECT count(*) = count(DISTINCT notification_id) FROM public.notification_attempts WHERE outcome = 'accepted'") == "t");
}
