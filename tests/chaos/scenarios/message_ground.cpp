#include "tests/chaos/scenarios/message_ground.hpp"

#include "common/config/config.hpp"
#include "common/encryption/master_key.hpp"
#include "tests/component/notification_providers/receivers.hpp"
#include "tests/support/value.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace weir::chaos {
namespace {

using config::variable_of;
using testing::value;

constexpr const char* kSecret = "whsec_plJ3nmyCDGBKInavdOK15jsl";

constexpr const char* kInsert = R"sql(
WITH made AS (
  INSERT INTO public.notifications
    (organization_id, id, user_id, template_key, channel, destination, destination_id, subject, body, expires_at)
  SELECT $1, gen_random_uuid(), nullif(d.user_id, '')::uuid, 'chaos', d.channel, d.destination, nullif(d.destination_id, '')::uuid, 'S', d.body,
         now() + interval '1 day'
    FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS d (channel, destination, destination_id, user_id, body)
  RETURNING *
), queued AS (
  INSERT INTO weir.delivery_queue
    (notification_id, organization_id, created_at, user_id, channel, account, destination, destination_id, template_key, rank, expires_at)
  SELECT id, organization_id, created_at, user_id, channel,
         CASE channel WHEN 'webhook' THEN 'webhook:' || destination_id WHEN 'email' THEN 'sendgrid:default' ELSE 'pusher:default' END,
         destination, destination_id, template_key, 2, expires_at
    FROM made
)
INSERT INTO weir.notification_keys (notification_id, organization_id, message_created_at)
SELECT id, organization_id, created_at FROM made)sql";

}  // namespace

MessageGround::MessageGround(const Report& report)
    : ground_(report, options()), owner_(value(ground_.connect())), log_(testing::Receivers::running().journal()) {
  session_.emplace(value(ground_.sql_session()));
  const std::filesystem::path key = ground_.folder() / "master.key";
  value(encryption::make_master_key(key));
  masters_.current = value(encryption::master_key_of_file(key));
  found();
}

GroundOptions MessageGround::options() {
  GroundOptions options;
  options.pipeline = true;
  for (const auto& [key, text] : testing::receivers_configuration()) options.set[variable_of(key)] = text;
  const std::map<std::string, std::string> own{{"retry_pause", "1s"},      {"pusher.linger", "50ms"}, {"webhook.allow", "127.0.0.1,::1"},
                                               {"sendgrid.timeout", "1s"}, {"smtp.timeout", "1s"},    {"fcm.timeout", "1s"},
                                               {"slack.timeout", "1s"},    {"lease", "12s"},          {"flush_interval", "20ms"},
                                               {"session_timeout", "6s"},  {"start", "earliest"}};
  for (const auto& [key, text] : own) options.set[variable_of("consumers.notifications." + key)] = text;
  return options;
}

/// Limits are out of the way here: other tests are about them.
void MessageGround::found() {
  run(fmt::format(R"sql(
INSERT INTO public.organizations (id, name) VALUES ('{0}', 'O');
INSERT INTO public.agent_instances (id, organization_id, name, agent_type) VALUES ('{1}', '{0}', 'A', 'writer');
INSERT INTO public.users (id, organization_id, email, role)
SELECT gen_random_uuid(), '{0}', n || '@a.example', 'student' FROM generate_series(1, {2}) n;
INSERT INTO public.notification_subscriptions (organization_id, user_id, subject_type, subject_id)
SELECT organization_id, id, 'organization', organization_id FROM public.users;
UPDATE weir.rate_limits SET minute_rate = 0, minute_burst = 0, hour_rate = 0, hour_burst = 0;
UPDATE public.notification_channels SET providers = '{{sendgrid}}' WHERE channel = 'email')sql",
                  organization_.text(), agent_.text(), kFollowers));
  for (const auto& row : value(session_->ask("SELECT id FROM public.users ORDER BY id"))) users_.push_back(*Uuid::parse(row[0].c_str()));
  for (int i = 0; i < kFollowers; ++i) static_cast<void>(add_endpoint(testing::Receivers::running().url("/hook")));
}

void MessageGround::run(const std::string& sql) { static_cast<void>(value(session_->script(sql))); }

int MessageGround::add_endpoint(const std::string& url) {
  const auto place = static_cast<int>(endpoints_.size());
  const Uuid user = users_[endpoints_.size() % users_.size()];
  const Uuid id = Uuid::random();
  const auto encrypted = [&](const char* column, const std::string& text) {
    return value(ring_.encrypt({organization_, user}, {"public.notification_destinations", column, id.text()}, text));
  };
  const std::string address = encrypted("address_encrypted", url);
  const std::string secret = encrypted("secret_encrypted", kSecret);
  value(session_->ask(R"sql(
INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted, secret_encrypted, verified_at)
VALUES ($1, $2, $3, 'webhook', $4, $5, now()))sql",
                      {id, organization_, user, demo::Parameter::bytes(address), demo::Parameter::bytes(secret)}));
  endpoints_.push_back(id);
  return place;
}

Instance& MessageGround::add(const std::string& name, const std::string& part, const std::map<std::string, std::string>& environment) {
  InstanceOptions options{.name = name, .component = "notifications", .environment = environment};
  options.environment["WEIR_CONSUMERS_NOTIFICATIONS_DSN"] = ground_.dsn() + " user=weir_notifications";
  options.environment["WEIR_ENCRYPTION_MASTER_KEY_FILE"] = ground_.folder() / "master.key";
  if (!part.empty()) options.environment["WEIR_CONSUMERS_NOTIFICATIONS_" + part] = "true";
  return ground_.add(options);
}

void MessageGround::insert(std::span<const Draft> drafts) {
  std::vector<std::string> channels;
  std::vector<std::string> destinations;
  std::vector<std::string> ids;
  std::vector<std::string> users;
  std::vector<std::string> bodies;
  for (const Draft& draft : drafts) {
    const auto place = static_cast<std::size_t>(draft.place);
    const bool is_webhook = draft.channel == "webhook";
    const std::string endpoint = is_webhook ? endpoints_.at(place).text() : "";
    const std::string mark = "behave:" + draft.words;
    channels.push_back(draft.channel);
    destinations.push_back(is_webhook ? endpoint : draft.channel == "pusher" ? fmt::format("private-{}", draft.place) : "");
    ids.push_back(endpoint);
    users.push_back(draft.channel == "pusher" ? "" : users_.at(place % users_.size()).text());
    bodies.push_back(draft.channel == "email" ? "<p>" + mark + "</p>" : R"({"text":")" + mark + R"("})");
  }
  using demo::Parameter;
  value(session_->ask(kInsert, {organization_, Parameter::array(channels), Parameter::array(destinations), Parameter::array(ids),
                                Parameter::array(users), Parameter::array(bodies)}));
  run("NOTIFY weir_delivery");
}

}  // namespace weir::chaos
