#include "tests/bench/notifications/load.hpp"

#include "common/kafka/admin.hpp"
#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/notifications/history.hpp"
#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

#include <vector>

namespace weir::bench {

namespace {

constexpr std::int32_t kPartitions = 6;
constexpr Milliseconds kPatience{120'000};
constexpr const char* kPeople = R"(
INSERT INTO public.organizations (id, name)
SELECT ('00000000-0000-4000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, 'bench ' || n FROM generate_series(0, {0} - 1) n;
INSERT INTO public.users (id, organization_id, email, role)
SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, ('00000000-0000-4000-9000-' || lpad(to_hex(n % {0}), 12, '0'))::uuid,
       n || '@bench.example', 'student'
  FROM generate_series(0, {1} - 1) n;
INSERT INTO public.notification_templates (key, channel, body, variables)
VALUES ('bench.message', 'pusher', '{{"at":{{{{at}}}},"message":"Your report on the last week is ready"}}',
        '{{"type": "object", "properties": {{"at": {{"type": "number"}}}}}}'))";

}  // namespace

std::string user_id(std::int64_t number) { return fmt::format("00000000-0000-4000-8000-{:012x}", number); }

std::string organization_id(std::int64_t number) { return fmt::format("00000000-0000-4000-9000-{:012x}", number); }

Site make_site(std::int64_t users, std::int64_t organizations, std::int64_t history) {
  Site site;
  site.dsn = testing::fresh_database();
  site.prefix = testing::topic_prefix() + "cdc";
  site.actions = testing::topic_prefix() + "actions";
  site.broker.brokers = testing::kafka().bootstrap();
  site.users = users;
  site.organizations = organizations;
  site.history = history;
  auto owner = must(postgres::Connection::open(migrations::patient({site.dsn, "weir bench"})));
  must(migrations::up(owner));
  must(owner.script(fmt::format(kPeople, organizations, users)));
  make_history(owner, site);
  must(owner.script("VACUUM ANALYZE"));
  std::vector<kafka::TopicSpec> topics{{site.actions, kPartitions, 1, {}}, {site.actions + ".callbacks", 1, 1, {}}};
  for (const char* table :
       {"agent_executions", "assessment_scores", "insights", "achievements_unlocked", "alerts", "files", "notification_destinations"}) {
    topics.push_back({fmt::format("{}.public.{}", site.prefix, table), 1, 1, {}});
  }
  must(must(kafka::Admin::open(site.broker))->create_topics(topics));
  return site;
}

Application::Application(const Site& site) : site_(site), producer_(must(kafka::Producer::open(site.broker, kafka::ProducerOptions{}))) {}

void Application::request_for(std::int64_t user) {
  const Instant now = clock_.now();
  const std::int64_t number = requested_++;
  const std::string key = user_id(user);
  const std::string value = fmt::format(
      R"({{"specversion":"1.0","id":"bench-{}","source":"/apps/bench","type":"notification.requested","subject":"reports","time":"{}",)"
      R"("organizationid":"{}","data":{{"template":"bench.message","channels":["pusher"],"user_id":"{}","variables":{{"at":{}}}}}}})",
      number, format_instant(now), organization_id(user % site_.organizations), key, unix_us(now));
  kafka::Message message;
  message.topic = site_.actions;
  message.key = key;
  message.value = value;
  while (!producer_->send(message)) producer_->wait_for_room(Milliseconds{100});
}

void Application::flush() { must(producer_->flush(kPatience)); }

}  // namespace weir::bench
