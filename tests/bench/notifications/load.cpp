#include "tests/bench/notifications/load.hpp"

#include "common/kafka/admin.hpp"
#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

#include <vector>

namespace weir::bench {

namespace {

constexpr std::int32_t kPartitions = 6;
constexpr Milliseconds kPatience{120'000};
constexpr const char* kOrganization = "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f";

std::string user(std::int64_t number) { return fmt::format("00000000-0000-4000-8000-{:012x}", number); }

constexpr const char* kPeople = R"(
INSERT INTO public.organizations (id, name) VALUES ('{0}', 'bench');
INSERT INTO public.users (id, organization_id, email, role)
SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '{0}', n || '@bench.example', 'student' FROM generate_series(0, {1} - 1) n;
INSERT INTO public.notification_templates (key, channel, body, variables)
VALUES ('bench.message', 'pusher', '{{"at":{{{{at}}}},"message":"Your report on the last week is ready"}}',
        '{{"type": "object", "properties": {{"at": {{"type": "number"}}}}}}'))";

constexpr const char* kHistory = R"(
INSERT INTO public.notifications (organization_id, created_at, id, user_id, template_key, channel, destination, status, body, expires_at)
SELECT '{0}', now() - interval '30 days' * n / {2}, md5('history ' || n)::uuid,
       ('00000000-0000-4000-8000-' || lpad(to_hex(n % {1}), 12, '0'))::uuid, 'bench.message', 'pusher', 'private-user-' || n % {1}, 'sent',
       '{{"message":"Your report on the last week is ready"}}', now()
  FROM generate_series(1, {2}) n;
INSERT INTO weir.notification_keys (notification_id, organization_id, message_created_at, cause, created_at)
SELECT id, organization_id, created_at, 'history', created_at FROM public.notifications;
INSERT INTO public.notification_attempts (organization_id, started_at, notification_id, attempt, provider, outcome, finished_at)
SELECT organization_id, created_at, id, 1, 'pusher', 'accepted', created_at FROM public.notifications)";

}  // namespace

Site make_site(std::int64_t users, std::int64_t history) {
  Site site;
  site.dsn = testing::fresh_database();
  site.prefix = testing::topic_prefix() + "cdc";
  site.actions = testing::topic_prefix() + "actions";
  site.broker.brokers = testing::kafka().bootstrap();
  site.users = users;
  auto owner = must(postgres::Connection::open(migrations::patient({site.dsn, "weir bench"})));
  must(migrations::up(owner));
  must(owner.script(fmt::format(kPeople, kOrganization, users)));
  if (history > 0) must(owner.script(fmt::format(kHistory, kOrganization, users, history)));
  must(owner.script("VACUUM ANALYZE"));
  std::vector<kafka::TopicSpec> topics{{site.actions, kPartitions, 1, {}}};
  for (const char* table :
       {"agent_executions", "assessment_scores", "insights", "achievements_unlocked", "alerts", "files", "notification_destinations"}) {
    topics.push_back({fmt::format("{}.public.{}", site.prefix, table), 1, 1, {}});
  }
  must(must(kafka::Admin::open(site.broker))->create_topics(topics));
  return site;
}

Application::Application(const Site& site) : site_(site), producer_(must(kafka::Producer::open(site.broker, kafka::ProducerOptions{}))) {}

void Application::request() {
  const Instant now = clock_.now();
  const std::int64_t number = requested_++;
  const std::string key = user(number % site_.users);
  const std::string value = fmt::format(
      R"({{"specversion":"1.0","id":"bench-{}","source":"/apps/bench","type":"notification.requested","subject":"reports","time":"{}",)"
      R"("organizationid":"{}","data":{{"template":"bench.message","channels":["pusher"],"user_id":"{}","variables":{{"at":{}}}}}}})",
      number, format_instant(now), kOrganization, key, unix_us(now));
  kafka::Message message;
  message.topic = site_.actions;
  message.key = key;
  message.value = value;
  while (!producer_->send(message)) producer_->wait_for_room(Milliseconds{100});
}

void Application::flush() { must(producer_->flush(kPatience)); }

}  // namespace weir::bench
