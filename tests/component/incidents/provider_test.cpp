// The provider of mails answers 503 for an hour, by a manual clock, and refuses one mail in its confusion. The queue is in Postgres; the
// provider is the test's own.
#include "common/delivery/deliverer.hpp"
#include "common/testing/kept_log.hpp"
#include "common/testing/manual_clock.hpp"
#include "tests/component/incidents/runbook.hpp"
#include "tests/component/notifications/queue_site.hpp"
#include "tests/unit/delivery/fake_provider.hpp"

using namespace weir;
using namespace weir::notifications;
using testing::Told;

namespace {

constexpr int kMessages = 100;
constexpr Seconds kStep{5};
constexpr Seconds kHour{3'600};
constexpr const char* kAccount = "sendgrid:default";

/// Answers 503 until told that it is well, but 400 to one message; counts the calls for each.
class Outage final : public http::Caller {
 public:
  void begin(http::CallId id, http::Call call) override {
    int status = is_well ? 200 : 503;
    for (const auto& job : testing::jobs_of(call)) {
      if (!is_well && job.id == refused) status = 400;
      ++calls;
      if (status == 200) ++arrived[job.id];
    }
    ended_.push_back({id, http::Answer{status, {}, ""}});
  }
  std::vector<http::Ended> wait(Milliseconds) override { return std::exchange(ended_, {}); }
  void ring() override {}

  bool is_well = false;
  Uuid refused;
  int calls = 0;
  std::map<Uuid, int> arrived;

 private:
  std::vector<http::Ended> ended_;
};

struct Scene {
  Scene() : queue({.session = Worker::session(site), .masters = nullptr, .accounts = Worker::accounts(), .clock = clock}) {
    // Else the channel's next provider would take the messages over.
    site.run("UPDATE public.notification_channels SET providers = '{sendgrid}' WHERE channel = 'email'");
    delivery::Limits limits;
    limits.channels = {{"email", 256, {"sendgrid"}}};
    limits.named_accounts = {kAccount};
    deliverer = must(delivery::Deliverer::make({"notifications", queue, caller, {{"sendgrid", &provider}}, clock, log, metrics, health},
                                               std::move(limits)));
  }
  void step() {
    must(deliverer->turn(Milliseconds{1}));
    clock.advance(kStep);
    queue.step_clock(kStep);
  }
  [[nodiscard]] Uuid first_message() { return *Uuid::parse(site.value("SELECT min(id::text) FROM public.notifications")); }

  QueueSite site;
  testing::ManualClock clock{SystemClock{}.now()};
  DeliveryQueue queue;
  Outage caller;
  testing::FakeProvider provider;
  testing::KeptLog log{telemetry::LogLevel::kInfo};
  telemetry::Metrics metrics;
  telemetry::Health health;
  std::unique_ptr<delivery::Deliverer> deliverer;
};

}  // namespace

TEST_CASE("incident: a provider that is down for an hour; nothing is lost, and the page sends again what died") {
  Scene scene;
  scene.site.add({.count = kMessages, .account = kAccount, .channel = "email"});
  scene.caller.refused = scene.first_message();
  for (Seconds passed{0}; passed < kHour; passed += kStep) scene.step();
  CHECK(testing::rings("WeirProviderRests", scene.metrics.text()));
  CHECK(scene.site.value("SELECT count(*) FROM public.notifications WHERE status = 'dead'") == "1");
  CHECK(scene.site.waiting() == std::to_string(kMessages - 1));
  CHECK(scene.caller.calls < 3 * kMessages);  // while the account rests one call a minute asks

  testing::Runbook page("provider.md", scene.site.dsn);
  page.set("MESSAGE", scene.site.value("SELECT min(notification_id::text) FROM weir.delivery_queue"));
  const Told asked = page.follow("weir notifications list --status failed");
  CHECK_MESSAGE(asked.exit_code == 0, asked.text);
  CHECK(asked.text.find("email") != std::string::npos);

  scene.caller.is_well = true;
  for (Seconds passed{0}; passed < kHour && scene.site.waiting() != "0"; passed += kStep) scene.step();
  CHECK(scene.site.waiting() == "0");
  CHECK_FALSE(testing::rings("WeirProviderRests", scene.metrics.text()));
  const Told resent = page.follow("weir notifications resend --dead --channel email --dry-run");
  CHECK_MESSAGE(resent.exit_code == 0, resent.text);
  CHECK(resent.text.find("1 would be sent again") != std::string::npos);
  for (Seconds passed{0}; passed < kHour && scene.site.waiting() != "0"; passed += kStep) scene.step();
  CHECK(scene.site.statuses() == fmt::format("sent {}", kMessages));
  CHECK(scene.caller.arrived.size() == kMessages);
  for (const auto& [id, times] : scene.caller.arrived) CHECK(times == 1);
}
