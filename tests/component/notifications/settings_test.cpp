// Rules, templates, channels and preferences take effect without a restart.
#include "tests/component/notifications/intake_site.hpp"

using namespace weir;
using namespace weir::notifications;

TEST_CASE("a rule that is added, changed or removed takes effect with the next batch, and needs no build") {
  Site site;
  Worker worker(site);
  worker.apply(site.task(1));
  CHECK(site.count() == "2");
  site.run(fmt::format(R"(
INSERT INTO public.notification_templates (organization_id, key, channel, body, variables)
VALUES ('{0}', 'task.noted', 'in_app', 'Noted: {{{{what}}}}', '{{"properties": {{"what": {{"type": "string"}}}}}}');
INSERT INTO public.notification_rules (organization_id, name, source_topic, condition, template_key, audience, channels, variables)
VALUES ('{0}', 'noted', 'public.agent_executions', '{{"operation": "insert"}}', 'task.noted', 'user', '{{in_app}}', '{{"what": "task_type"}}'))",
                       kOrganization.text()));
  worker.apply(site.task(2));
  CHECK(site.value("SELECT body FROM public.notifications WHERE template_key = 'task.noted'") == "Noted: essay");
  site.run("UPDATE public.notification_rules SET is_active = false WHERE name = 'noted'");
  worker.apply(site.task(3));
  site.run("DELETE FROM public.notification_rules WHERE name = 'noted'");
  worker.apply(site.task(4));
  CHECK(site.count("template_key = 'task.noted'") == "1");
  CHECK(site.count() == "9");
}

TEST_CASE("an organization switches a rule of the library off, or puts its own in its place") {
  Site site;
  Worker worker(site);
  site.run(fmt::format(R"(
INSERT INTO public.notification_rules (organization_id, key, name, source_topic, template_key, audience, channels, is_active)
VALUES ('{}', 'task.created', 'off', 'public.agent_executions', 'task.created', 'user', '{{in_app}}', false))",
                       kOrganization.text()));
  CHECK(worker.apply(site.task(1)) == "no_rule");
  site.run("UPDATE public.notification_rules SET is_active = true, priority = 'high' WHERE name = 'off'");
  CHECK(worker.apply(site.task(2)) == "done");
  CHECK(site.messages() == "task.created in_app high delivered");
}

TEST_CASE("the reader's language and the newest version of the text are taken, and kept with the message") {
  Site site;
  Worker worker(site);
  site.run("UPDATE public.users SET locale = 'de-CH' WHERE id = '" + user(2).text() + "'");
  site.run(R"(
INSERT INTO public.notification_templates (key, channel, locale, template_version, body) VALUES
  ('task.created', 'in_app', 'de', 1, 'Alt'), ('task.created', 'in_app', 'de', 2, 'Neu'))");
  worker.apply(site.task(1));
  CHECK(site.value("SELECT concat_ws(' ', body, locale, template_version) FROM public.notifications WHERE channel = 'in_app'") ==
        "Neu de 2");
  CHECK(site.value("SELECT concat_ws(' ', locale, template_version) FROM public.notifications WHERE channel = 'pusher'") == "en 1");
}

TEST_CASE("a channel that is switched off, and a text that does not exist, leave their reason") {
  Site site;
  Worker worker(site);
  site.run("UPDATE public.notification_channels SET is_enabled = false WHERE channel = 'pusher'");
  site.run("UPDATE public.notification_templates SET is_active = false WHERE key = 'task.created' AND channel = 'in_app'");
  CHECK(worker.apply(site.task(1)) == "done");
  CHECK(site.messages() ==
        "task.created in_app low suppressed no_template\ntask.created pusher private-user-ID000000000066 low suppressed channel_disabled");
  CHECK(site.value("SELECT count(*) FROM weir.delivery_queue") == "0");
}

TEST_CASE("an organization's own account carries its messages") {
  Site site;
  Worker worker(site);
  site.run(fmt::format(R"(
INSERT INTO public.notification_channels (organization_id, channel, providers, secret_encrypted)
VALUES ('{}', 'pusher', '{{pusher}}', '\x77650101' || decode(repeat('00', 60), 'hex')))",
                       kOrganization.text()));
  worker.apply(site.task(1));
  CHECK(site.value("SELECT account FROM weir.delivery_queue") == "pusher:" + kOrganization.text());
}

TEST_CASE("followers of a subject get a message each, and a preference decides for one of them alone") {
  Site site;
  Worker worker(site);
  site.run(fmt::format(R"(
INSERT INTO public.notification_rules (name, source_topic, condition, template_key, audience, subject_type, subject_column, channels)
VALUES ('followed', 'public.agent_executions', '{{"operation": "insert"}}', 'task.created', 'followers', 'agent', 'agent_id', '{{in_app}}');
UPDATE public.notification_rules SET is_active = false WHERE key = 'task.created';
INSERT INTO public.notification_subscriptions (organization_id, user_id, subject_type, subject_id)
SELECT organization_id, id, 'agent', '{}' FROM public.users ORDER BY id LIMIT 3;
INSERT INTO public.notification_preferences (organization_id, user_id, template_group, channel, is_enabled)
VALUES ('{}', '{}', 'task', 'in_app', false))",
                       id(50).text(), kOrganization.text(), user(2).text()));
  CHECK(worker.apply(site.task(1)) == "done");
  CHECK(
      site.value(
          "SELECT string_agg(concat_ws(' ', right(user_id::text, 2), status, reason), ', ' ORDER BY user_id) FROM public.notifications") ==
      "65 delivered , 66 suppressed preference, 67 delivered ");
}

TEST_CASE("an address is used once it is confirmed, and no longer when it is disabled") {
  Site site;
  Worker worker(site);
  site.run(fmt::format(R"(
INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted, verified_at, disabled_at)
SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '{}', '{}', channel,
       '\x77650101' || decode(repeat('00', 60), 'hex'), verified, disabled
  FROM (VALUES (200, 'email', NULL::timestamptz, NULL::timestamptz), (201, 'email', now(), NULL), (202, 'email', now(), now()),
               (203, 'push', NULL, NULL), (204, 'webhook', NULL, NULL)) d (n, channel, verified, disabled))",
                       kOrganization.text(), user(2).text()));
  worker.apply(site.request("task.failed", {Channel::kEmail, Channel::kPush, Channel::kWebhook}, 2, 1));
  CHECK(site.messages() ==
        "task.failed email ID0000000000c9 normal queued\ntask.failed push ID0000000000cb normal queued\n"
        "task.failed webhook normal suppressed no_destination");
}
