// From the event to the receiver: real Kafka and Postgres, `weir notifications` as processes, and receivers that verify what they get.
#include "common/core/await.hpp"
#include "consumers/notifications/pure/limits.hpp"
#include "tests/component/notification_providers/receivers.hpp"
#include "tests/component/notifications/process_site.hpp"

using namespace weir;
using namespace weir::notifications;

namespace {

constexpr Milliseconds kPatience{60'000};

class Processes : public ProcessSite {
 public:
  supervise::Process start(const std::string& part = "") const {
    const testing::Receivers& receivers = testing::Receivers::running();
    std::vector<std::string> arguments{"notifications"};
    if (!part.empty()) arguments.push_back(part);
    return ProcessSite::start(arguments, "weir" + part + ".log",
                              {{"WEIR_CONSUMERS_NOTIFICATIONS_WEBHOOK_ALLOW", "127.0.0.1"},
                               {"WEIR_CONSUMERS_NOTIFICATIONS_LEASE", "12s"},
                               {"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_URL", receivers.url()},
                               {"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_APP_ID", "3"},
                               {"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_KEY", "278d425bdf160c739803"},
                               {"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_SECRET", "7ad3773142a6692b25b8"}});
  }
  /// The user's endpoint, which gets a message of each task, too.
  void add_endpoint() {
    site.run(fmt::format(R"(
INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted, secret_encrypted, verified_at)
VALUES ('{}', '{}', '{}', 'webhook', '{}', '{}', now());
INSERT INTO public.notification_rules (name, source_topic, condition, template_key, audience, channels)
VALUES ('to the endpoint', 'public.agent_executions', '{{"operation": "insert"}}', 'task.created', 'user', '{{webhook}}'))",
                         id(900).text(), kOrganization.text(), user(2).text(),
                         encrypted("address_encrypted", testing::Receivers::running().url("/hook")),
                         encrypted("secret_encrypted", "whsec_plJ3nmyCDGBKInavdOK15jsl")));
  }
  void await_sent(int messages) {
    const bool is_sent =
        await(kPatience, [&] { return site.count("status = 'sent' AND channel IN ('pusher', 'webhook')") == std::to_string(messages); });
    INFO(site.messages());
    INFO(testing::content(folder / "weir.log"));
    INFO(testing::content(folder / "weir--deliver.log"));
    REQUIRE(is_sent);
  }
  /// Each message came once.
  void check_arrivals() {
    const auto rows = must(site.owner.query("ids", "SELECT id FROM public.notifications WHERE channel IN ('pusher', 'webhook')"));
    for (std::size_t i = 0; i < rows.size(); ++i) CHECK(testing::Receivers::running().of(rows[i].get<Uuid>(0)).size() == 1);
  }
};

}  // namespace

TEST_CASE("an event becomes messages that Pusher and the user's endpoint get, each once, and the queue is empty") {
  if (!testing::has_receivers()) return;
  Processes here;
  here.add_endpoint();
  auto both = here.start();
  for (int n = 0; n < 4; ++n) here.tell_task(n);
  here.await_sent(8);
  here.check_arrivals();
  CHECK(here.site.value("SELECT count(*) FROM weir.delivery_queue") == "0");
  CHECK(here.site.value("SELECT count(*) FROM public.notification_attempts WHERE outcome = 'accepted' AND finished_at >= started_at") ==
        "8");
  CHECK(both.stop(kPatience).ok());
}

TEST_CASE("intake and delivery work as processes of their own, and what is committed by the one rings the other") {
  if (!testing::has_receivers()) return;
  Processes here;
  here.add_endpoint();
  auto intake = here.start("--intake");
  here.tell_task(0);
  REQUIRE(await(kPatience, [&] { return here.site.value("SELECT count(*) FROM weir.delivery_queue") == "2"; }));
  auto delivery = here.start("--deliver");
  here.await_sent(2);
  here.tell_task(1);
  here.await_sent(4);
  here.check_arrivals();
  CHECK(intake.stop(kPatience).ok());
  CHECK(delivery.stop(kPatience).ok());
}

TEST_CASE("beside its claims a deliverer removes idle buckets, and wakes a message that waits longer than for its token") {
  if (!testing::has_receivers()) return;
  Processes here;
  here.site.run(fmt::format(R"(
    INSERT INTO weir.rate_limit_buckets (key, minute_full_at, hour_full_at)
    VALUES ('user:idle', now() - interval '1 hour', now() - interval '1 hour');
    WITH made AS (
      INSERT INTO public.notifications (organization_id, id, template_key, channel, destination, subject, body, expires_at)
      VALUES ('{0}', gen_random_uuid(), 't', 'pusher', 'private-1', 'S', '{{}}', now() + interval '1 day')
      RETURNING *
    )
    INSERT INTO weir.delivery_queue (notification_id, organization_id, created_at, channel, account, destination, template_key, rank, expires_at,
                                     due_at, waits_for)
    SELECT id, organization_id, created_at, channel, 'pusher:default', destination, template_key, 2, expires_at, now() + interval '1 hour', '{1}'
      FROM made)",
                            kOrganization.text(), destination_bucket(kOrganization, "pusher", "private-1")));
  auto process = here.start("--deliver");
  here.await_sent(1);
  CHECK(await(kPatience, [&] { return here.site.value("SELECT count(*) FROM weir.rate_limit_buckets WHERE key = 'user:idle'") == "0"; }));
  CHECK(process.stop(kPatience).ok());
}

TEST_CASE("a deliverer that is killed again and again loses nothing, and repeats only calls that were under way, each of them known") {
  if (!testing::has_receivers()) return;
  constexpr int kMessages = 400;
  Processes here;
  here.site.run(fmt::format(R"(
    WITH made AS (
      INSERT INTO public.notifications (organization_id, id, template_key, channel, destination, subject, body, expires_at)
      SELECT '{}', gen_random_uuid(), 't', 'pusher', 'private-' || n, 'S', '{{}}', now() + interval '1 day' FROM generate_series(1, {}) n
      RETURNING *
    )
    INSERT INTO weir.delivery_queue (notification_id, organization_id, created_at, channel, account, destination, template_key, rank, expires_at)
    SELECT id, organization_id, created_at, channel, 'pusher:default', destination, template_key, 2, expires_at FROM made)",
                            kOrganization.text(), kMessages));
  const auto left = [&] { return std::stoi(here.site.value("SELECT count(*) FROM weir.delivery_queue")); };
  for (int kill = 0; kill < 4; ++kill) {
    const int before = left();
    auto process = here.start("--deliver");
    REQUIRE(await(kPatience, [&] { return left() < before || left() == 0; }));
    process.kill();
  }
  auto last = here.start("--deliver");
  here.await_sent(kMessages);
  CHECK(last.stop(kPatience).ok());
  std::map<std::string, int> arrivals;
  for (const auto& line : testing::Receivers::running().all()) {
    if (line.contains("id")) ++arrivals[line["id"].get<std::string>()];
  }
  const auto rows = must(here.site.owner.query("attempts", R"(
    SELECT n.id::text, count(a.attempt) FILTER (WHERE a.outcome = 'unknown' AND a.finished_at IS NULL)
      FROM public.notifications n
      LEFT JOIN public.notification_attempts a ON a.organization_id = n.organization_id AND a.notification_id = n.id
     GROUP BY n.id)"));
  REQUIRE(rows.size() == kMessages);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const int came = arrivals[rows[i].get<std::string>(0)];
    CHECK(came >= 1);
    CHECK(came <= 1 + rows[i].get<int>(1));  // attempts whose process died before it kept the answer
  }
}
