// Callbacks change the ledger, wishes and addresses, each once. A callback that changes nothing is skipped by the name of its reason.
#include "consumers/notifications/callback_decoder.hpp"
#include "consumers/notifications/unserved_channels.hpp"
#include "tests/component/notifications/intake_site.hpp"

using namespace weir;
using namespace weir::notifications;

namespace {

const std::string kKey(32, 'k');

Options with_links() {
  Options options = testing::by_default(notifications_component(), options_from);
  options.links = {{kKey}, "https://notify.example.org"};
  return options;
}

/// A callback as the gateway would have written it.
Event callback(const std::string& type, const std::string& value, const std::string& id = "") {
  static int made = 0;
  runtime::Record record;
  record.topic = "weir.callbacks.v1";
  record.timestamp = kStart;
  record.value = value;
  record.headers = {{"ce_id", id.empty() ? fmt::format("n{}", ++made) : id}, {"ce_source", "s"}, {"ce_type", type}};
  auto result = callback_decoder({kKey})->decode(record);
  REQUIRE_FALSE(result.ending.has_value());
  auto event = std::make_shared<runtime::Event>();
  event->decoded = std::move(result.decoded);
  return event;
}
Event report(const std::string& message, const std::string& members, const std::string& address = "3@a.example",
             const std::string& id = "") {
  return callback("sendgrid.event", fmt::format(R"({{"message_id":"{}","email":"{}",{}}})", message, address, members), id);
}
constexpr const char* kDelivered = R"("event":"delivered")";
constexpr const char* kHard = R"("event":"bounce","type":"bounce","status":"5.1.1")";
constexpr const char* kSoft = R"("event":"bounce","type":"blocked","status":"4.7.1")";
constexpr const char* kSpam = R"("event":"spamreport")";

Event unsubscription(const events::Unsubscription& wish) {
  return callback("unsubscribe.requested", R"({"token":")" + events::unsubscribe_token(kKey, wish) + "\"}",
                  wish.template_group + "'s click");
}
events::Unsubscription wish(int of_user, const std::string& group = "task", const std::string& channel = "email") {
  return {kOrganization, user(of_user), channel, group};
}

/// A mail to a user, which waits to be sent. Gives its id.
std::string mail(Site& site, Worker& worker, int number, int of_user = 3, const std::string& key = "task.failed") {
  REQUIRE(worker.apply(site.request(key, {Channel::kEmail}, of_user, number)) == "done");
  return site.value("SELECT notification_id FROM weir.delivery_queue WHERE channel = 'email' ORDER BY created_at DESC LIMIT 1");
}
/// A mail to user 3, which SendGrid has accepted. Gives its id.
std::string sent_mail(Site& site, Worker& worker, int number, const std::string& outcome = "accepted") {
  const std::string message = mail(site, worker, number);
  site.run(fmt::format(R"(
DELETE FROM weir.delivery_queue WHERE notification_id = '{0}';
UPDATE public.notifications SET status = 'sent' WHERE id = '{0}';
INSERT INTO public.notification_attempts (organization_id, notification_id, attempt, provider, outcome, account)
VALUES ('{1}', '{0}', 1, 'sendgrid', '{2}', 'sendgrid:default'))",
                       message, kOrganization.text(), outcome));
  return message;
}
std::string state(Site& site, const std::string& message) {
  return site.value("SELECT concat_ws('|', status, reason) FROM public.notifications WHERE id = '" + message + "'");
}
std::string insert_address(Site& site, int number, const std::string& more = "now()") {
  site.run(fmt::format(R"(
INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted, verified_at, updated_at)
VALUES ('{}', '{}', '{}', 'email', '\x77650101' || decode(repeat('00', 60), 'hex'), {}, '2026-11-01'))",
                       id(number).text(), kOrganization.text(), user(3).text(), more));
  return id(number).text();
}

}  // namespace

TEST_CASE("a report raises its message's status, in the ledger and with its attempt; a repetition and a lower one change nothing") {
  Site site;
  Worker worker(site, with_links());
  const std::string message = sent_mail(site, worker, 1, "unknown");
  CHECK(worker.apply(report(message, kDelivered)) == "done");
  CHECK(state(site, message) == "delivered|");
  CHECK(site.value("SELECT outcome FROM public.notification_attempts") == "accepted");
  CHECK(worker.apply(report(message, kDelivered)) == "duplicate");
  CHECK(worker.apply(report(message, kSoft)) == "done");
  CHECK(state(site, message) == "bounced|blocked 4.7.1");
  CHECK(site.value("SELECT error FROM public.notification_attempts") == "blocked 4.7.1");
  CHECK(worker.apply(report(message, kDelivered)) == "outranked");
  CHECK(worker.apply(report(message, kSpam)) == "done");
  CHECK(state(site, message) == "complained|its receiver took it for spam");
  CHECK(worker.apply(report(id(7).text(), kDelivered)) == "unknown_message");
}

TEST_CASE("a repetition is known by SendGrid's id of the event, though its message was sent again since") {
  Site site;
  Worker worker(site, with_links());
  const std::string message = sent_mail(site, worker, 1);
  CHECK(worker.apply(report(message, kDelivered, "3@a.example", "1")) == "done");
  site.run("UPDATE public.notifications SET status = 'queued' WHERE id = '" + message + "'");
  CHECK(worker.apply(report(message, kDelivered, "3@a.example", "1")) == "duplicate");
  CHECK(state(site, message) == "queued|");
  CHECK(worker.apply(Events{report(message, kDelivered, "3@a.example", "2"), report(message, kDelivered, "3@a.example", "2")}) ==
        std::vector<std::string>{"done", "duplicate"});
  CHECK(site.value("SELECT count(*) FROM weir.event_ids WHERE group_id = 'weir.notifications'") == "2");
}

TEST_CASE("reports of one batch follow each other, and stand beside events of other kinds") {
  Site site;
  Worker worker(site, with_links());
  const std::string message = sent_mail(site, worker, 1);
  CHECK(worker.apply(Events{report(message, kDelivered), site.task(1), report(message, kDelivered), report(message, kHard),
                            site.request("no.such", {Channel::kInApp}, 3, 9), report(message, kDelivered)}) ==
        std::vector<std::string>{"done", "done", "duplicate", "done", "dead unknown_template", "outranked"});
  CHECK(state(site, message) == "bounced|bounced 5.1.1");
}

TEST_CASE("a message that ended otherwise keeps its end, and one that waits to be sent again because a call had no answer waits no more") {
  Site site;
  Worker worker(site, with_links());
  const std::string cancelled = sent_mail(site, worker, 1);
  site.run("UPDATE public.notifications SET status = 'cancelled' WHERE id = '" + cancelled + "'");
  CHECK(worker.apply(report(cancelled, kDelivered)) == "message_ended");
  const std::string doubted = mail(site, worker, 2);
  site.run("UPDATE weir.delivery_queue SET is_unanswered = true; UPDATE public.notifications SET status = 'in_doubt' WHERE id = '" +
           doubted + "'");
  CHECK(worker.apply(report(doubted, kDelivered)) == "done");
  CHECK(state(site, doubted) == "delivered|");
  CHECK(site.value("SELECT count(*) FROM weir.delivery_queue") == "0");
}

TEST_CASE("a hard bounce or a complaint disables the address that the mail went to, a soft bounce does not") {
  Site site;
  Worker worker(site, with_links());
  const std::string address = insert_address(site, 900, "'2026-11-01'");
  const auto disabled = [&] {
    return site.value("SELECT concat_ws('|', disabled_at IS NOT NULL, disabled_reason) FROM public.notification_destinations");
  };
  CHECK(worker.apply(report(sent_mail(site, worker, 1), kSoft)) == "done");
  CHECK(disabled() == "f|");
  CHECK(worker.apply(report(sent_mail(site, worker, 2), kHard)) == "done");
  CHECK(disabled() == "t|bounced");
  CHECK(site.value("SELECT count(*) FROM weir.dead_mail_addresses") == "0");
}

TEST_CASE("a report of a mail does not disable an address that was confirmed after it was sent") {
  Site site;
  Worker worker(site, with_links());
  insert_address(site, 900, "'2026-11-01'");
  const std::string message = sent_mail(site, worker, 1);
  site.run("UPDATE public.notification_destinations SET verified_at = clock_timestamp()");
  CHECK(worker.apply(report(message, kSpam)) == "done");
  CHECK(site.value("SELECT disabled_at IS NULL FROM public.notification_destinations") == "t");
}

TEST_CASE("a user's own address is dead for as long as it is the user's") {
  Site site;
  Worker worker(site, with_links());
  const auto dead = [&] { return site.value("SELECT concat_ws('|', user_id, reason) FROM weir.dead_mail_addresses"); };
  const std::string message = sent_mail(site, worker, 1);
  CHECK(worker.apply(report(message, kHard, "another@a.example")) == "done");  // which the user had before
  CHECK(dead() == "");
  CHECK(worker.apply(report(message, kSpam, "3@A.example")) == "done");
  CHECK(dead() == user(3).text() + "|complained");
}

TEST_CASE("a link that unsubscribes writes the wish, ends what waits of that group and channel, and holds for what comes") {
  Site site;
  Worker worker(site, with_links());
  const std::string waiting = mail(site, worker, 1);
  const std::string other_group = mail(site, worker, 2, 3, "file.processed");
  const std::string other_user = mail(site, worker, 3, 4);
  const std::string under_way = mail(site, worker, 4);
  site.run("UPDATE weir.delivery_queue SET leased_until = now() + interval '1 minute' WHERE notification_id = '" + under_way + "'");
  const std::string doubted = mail(site, worker, 5);
  site.run("UPDATE weir.delivery_queue SET is_unanswered = true WHERE notification_id = '" + doubted +
           "'; UPDATE public.notifications SET status = 'in_doubt' WHERE id = '" + doubted + "'");
  CHECK(worker.apply(unsubscription(wish(3))) == "done");
  CHECK(site.dump("SELECT user_id, template_group, channel, is_enabled, octet_length(unsubscribe_hash) FROM "
                  "public.notification_preferences") == fmt::format("({},task,email,f,32)", user(3).text()));
  CHECK(state(site, waiting) == "suppressed|preference");
  CHECK(state(site, other_group) == "queued|");
  CHECK(state(site, other_user) == "queued|");
  CHECK(state(site, under_way) == "queued|");
  CHECK(state(site, doubted) == "in_doubt|preference");
  CHECK(site.value("SELECT count(*) FROM weir.delivery_queue") == "3");
  CHECK(site.value("SELECT string_agg(notification_id || ' ' || unwanted, ',') FROM weir.delivery_queue WHERE unwanted IS NOT NULL") ==
        under_way + " preference");
  CHECK(worker.apply(site.request("task.failed", {Channel::kEmail, Channel::kInApp}, 3, 6)) == "done");
  CHECK(site.count("status = 'suppressed' AND reason = 'preference' AND template_key = 'task.failed' AND channel = 'email'") == "2");
  CHECK(site.count("channel = 'in_app' AND status = 'delivered'") == "1");
}

TEST_CASE(
    "a click of a user who has unsubscribed already, or who is gone, is skipped by name; a wish for all groups suppresses all of its "
    "channel") {
  Site site;
  Worker worker(site, with_links());
  mail(site, worker, 1);
  mail(site, worker, 2, 3, "file.processed");
  site.run(
      fmt::format("INSERT INTO public.notification_preferences (organization_id, user_id, template_group, channel) VALUES ('{}', '{}', "
                  "'', 'email')",
                  kOrganization.text(), user(3).text()));
  CHECK(worker.apply(Events{unsubscription(wish(3, "")), unsubscription(wish(3, "")), unsubscription(wish(99))}) ==
        std::vector<std::string>{"done", "duplicate", "unknown_user"});
  CHECK(worker.apply(unsubscription(wish(3, ""))) == "duplicate");
  site.run("UPDATE public.notification_preferences SET is_enabled = true");
  CHECK(worker.apply(unsubscription(wish(3, ""))) == "done");
  CHECK(site.count("status = 'suppressed' AND reason = 'preference'") == "2");
  CHECK(site.value("SELECT concat(count(*), bool_or(is_enabled)) FROM public.notification_preferences") == "1f");
}

TEST_CASE("a link confirms the address that it was mailed to, once, and no other that stands in its row since") {
  Site site;
  Worker worker(site, with_links());
  const auto confirm = [&](int number, int version) {
    return worker.apply(callback(
        "destination.confirmed",
        R"({"token":")" + events::confirmation_token(kKey, {kOrganization, id(number), version, kStart + std::chrono::hours{1}}) + "\"}"));
  };
  const auto verified = [&] { return site.value("SELECT verified_at IS NOT NULL FROM public.notification_destinations"); };
  insert_address(site, 900, "NULL");
  CHECK(confirm(901, 1) == "unknown_destination");
  site.run("UPDATE public.notification_destinations SET address_encrypted = '\\x77650101' || decode(repeat('11', 60), 'hex')");
  CHECK(confirm(900, 1) == "address_changed");
  CHECK(verified() == "f");
  CHECK(confirm(900, 2) == "done");
  CHECK(verified() == "t");
  CHECK(confirm(900, 2) == "duplicate");
}

TEST_CASE("an owner is told once that an address was disabled, and of an organization's address its admins are") {
  Site site;
  Worker worker(site, with_links());
  insert_address(site, 900);
  site.run(fmt::format(R"(
INSERT INTO public.notification_destinations (id, organization_id, channel, address_encrypted, verified_at)
VALUES ('{}', '{}', 'webhook', '\x77650101' || decode(repeat('00', 60), 'hex'), now());
UPDATE public.notification_destinations SET disabled_at = now() WHERE id = '{}')",
                       id(901).text(), kOrganization.text(), id(900).text()));
  worker.wake();
  CHECK(site.count() == "0");  // an application disabled it, and knows
  site.run(
      "UPDATE public.notification_destinations SET disabled_at = now(), disabled_reason = CASE channel WHEN 'email' THEN 'bounced' ELSE "
      "'failing' END");
  worker.wake();
  worker.wake();
  CHECK(site.dump("SELECT user_id, channel, destination, priority, status FROM public.notifications ORDER BY user_id, channel") ==
        fmt::format("({0},email,user:{0},high,queued)\n({0},in_app,\"\",high,delivered)\n({1},email,user:{1},high,queued)\n"
                    "({1},in_app,\"\",high,delivered)",
                    user(1).text(), user(3).text()));
  CHECK(site.value("SELECT body FROM public.notifications WHERE channel = 'in_app' AND user_id = '" + user(1).text() + "'") ==
        "Your address for webhook takes no messages any more (failing), and none are sent there");
  // Another address is neither disabled nor told of.
  site.run("UPDATE public.notification_destinations SET address_encrypted = '\\x77650101' || decode(repeat('11', 60), 'hex')");
  CHECK(site.value("SELECT count(*) FROM public.notification_destinations WHERE disabled_at IS NULL AND owner_told_at IS NULL AND "
                   "failing_since IS NULL AND disabled_reason = ''") == "2");
}

TEST_CASE("a channel is not served where rules or addresses use it and none of its providers has an account") {
  Site site;
  postgres::Connection connection = connect(site.dsn + " user=weir_notifications");
  const auto unserved = [&](const std::set<std::string>& accounts) {
    std::string names;
    for (const UnservedChannel& each : must(find_unserved(connection, accounts))) names += each.channel + " ";
    return names;
  };
  // Rules that ship use mail and Pusher; a webhook or Slack is its own account.
  CHECK(unserved({}) == "email pusher ");
  CHECK(unserved({"smtp:default"}) == "pusher ");
  CHECK(unserved({"sendgrid:default", "pusher:default"}) == "");
  site.run(fmt::format(R"(
INSERT INTO public.notification_destinations (organization_id, user_id, channel, address_encrypted)
VALUES ('{}', '{}', 'push', '\x77650101' || decode(repeat('00', 60), 'hex')))",
                       kOrganization.text(), user(3).text()));
  CHECK(unserved({"sendgrid:default", "pusher:default"}) == "push ");
  site.run("UPDATE public.notification_channels SET is_enabled = false WHERE channel = 'push'");
  CHECK(unserved({"sendgrid:default", "pusher:default"}) == "");
}
