// Messages compared with what they follow from, as the operator's role: right ones give no difference, and each that was changed, lost,
// invented or made twice is found with its place, as is a row of which no message was made.
#include "consumers/notifications/verification.hpp"

#include "tests/component/notifications/intake_site.hpp"

using namespace weir;
using namespace weir::notifications;

namespace {

/// An achievement of the third user, and a task of the second that was begun: a message each in the app and over Pusher.
struct Verifying {
  Verifying() {
    age_rules();
    site.run(
        fmt::format("INSERT INTO public.achievements (id, key, name, condition) VALUES ('{}', 'a', 'A', '{{\"points\": 1}}');"
                    "INSERT INTO weir.position_marks (group_id, topic, topic_uuid, partition, marked_at, next_offset, counts) SELECT "
                    "'weir.notifications', 'weir.cdc.public.' || t, '{}', 0, now() - interval '1 hour', 0, '{{}}' FROM "
                    "unnest('{{assessment_scores,achievements_unlocked}}'::text[]) t",
                    id(600).text(), id(601).text()));
    worker.apply(Events{site.task(1), site.set_task(1, "status = 'running', started_at = now()")});
    worker.apply(unlock(3));
  }
  /// The rules are older than the period.
  void age_rules() {
    site.run(
        "ALTER TABLE public.notification_rules DISABLE TRIGGER USER;"
        "UPDATE public.notification_rules SET updated_at = now() - interval '1 day';"
        "ALTER TABLE public.notification_rules ENABLE TRIGGER USER");
  }
  Event unlock(int n) {
    const std::string insert = fmt::format(
        "INSERT INTO public.achievements_unlocked (organization_id, user_id, achievement_id, unlocked_at) VALUES ('{}', '{}', '{}', now())",
        kOrganization.text(), user(n).text(), id(600).text());
    site.run(insert);
    const std::string row = site.value("SELECT to_jsonb(t) FROM public.achievements_unlocked t WHERE user_id = '" + user(n).text() + "'");
    return site.event_of("achievements_unlocked", site.record_of("achievements_unlocked", 'c', "null", row));
  }
  process::ResultDifferences differences() {
    auto connection = connect(site.dsn + " user=weir_operator");
    must(connection.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    const Instant now = SystemClock().now();
    process::ResultDifferences found(100);
    must(verify_results(connection, {.topic_prefix = "weir.cdc."}, {now - std::chrono::hours{1}, now + std::chrono::hours{1}}, found));
    return found;
  }
  /// "table.column stored -> source", one a line.
  std::string told() {
    std::string all;
    const auto found = differences();
    for (const auto& one : found.kept()) all += one.table + "." + one.column + " " + one.stored + " -> " + one.source + "\n";
    return all;
  }
  std::string message(const std::string& where) { return site.value("SELECT id FROM public.notifications WHERE " + where); }

  Site site;
  Worker worker{site};
};

const std::string kInApp = "template_key = 'task.started' AND channel = 'in_app'";
const std::string kPusher = "template_key = 'task.started' AND channel = 'pusher'";

}  // namespace

TEST_CASE("messages that were made and wait as their events ask for give no difference") {
  Verifying here;
  const auto found = here.differences();
  CHECK(here.told() == "");
  CHECK(found.tables().at("public.notifications").compared == 6);
  CHECK(found.tables().at("public.achievements_unlocked").compared == 1);
  // Of a user who wishes no such messages there is one all the same, which was suppressed.
  here.site.run(
      fmt::format("INSERT INTO public.notification_preferences (organization_id, user_id, template_group, channel, is_enabled) "
                  "VALUES ('{}', '{}', 'achievement', '', false)",
                  kOrganization.text(), user(4).text()));
  here.worker.apply(here.unlock(4));
  CHECK(here.told() == "");
}

TEST_CASE("a message that was made twice is found by its id, which its event and rule do not give") {
  Verifying here;
  here.site.run("INSERT INTO public.notifications SELECT (jsonb_populate_record(n, jsonb_build_object('id', '" + id(700).text() +
                "'))).* FROM public.notifications n WHERE " + kInApp);
  CHECK(here.told() == "public.notifications.id " + id(700).text() + " -> " + here.message(kInApp + " AND id <> '" + id(700).text() + "'") +
                           "\npublic.notifications.id not kept -> kept in weir.notification_keys\n");
}

TEST_CASE("a message that was lost is found by the id that is kept of it, unless it went with its user") {
  Verifying here;
  here.site.run("DELETE FROM public.notifications WHERE template_key = 'task.created' AND channel = 'in_app'");
  CHECK(here.told() == "public.notifications.row no row -> a row\n");
  here.site.run("DELETE FROM public.users WHERE id = '" + user(50).text() + "'");
  CHECK(here.told() == "");
}

TEST_CASE("a status that the queue and the attempts do not bear out is found") {
  Verifying here;
  const std::string queued = here.message(kPusher);
  here.site.run("UPDATE public.notifications SET status = 'sent', attempts = 1 WHERE " + kPusher);
  CHECK(here.told() == "public.notifications.attempts 1 -> 0\npublic.notifications.status sent -> no attempt that a provider accepted\n");
  here.site.run("INSERT INTO public.notification_attempts (organization_id, notification_id, attempt, provider, outcome) VALUES ('" +
                kOrganization.text() + "', '" + queued + "', 1, 'pusher', 'accepted')");
  CHECK(here.told() == "");
  here.site.run("UPDATE public.notifications SET status = 'queued' WHERE " + kPusher +
                "; DELETE FROM weir.delivery_queue WHERE "
                "notification_id = '" +
                queued + "'");
  CHECK(here.told() == "public.notifications.status queued -> not in weir.delivery_queue\n");
}

TEST_CASE("a row of the queue without its message is found") {
  Verifying here;
  here.site.run("UPDATE weir.delivery_queue SET notification_id = '" + id(701).text() + "' WHERE notification_id = '" +
                here.message(kPusher) + "'");
  CHECK(here.told() == "public.notifications.status queued -> not in weir.delivery_queue\nweir.delivery_queue.row a row -> no row\n");
}

TEST_CASE("a row of which no message was made is found, with its rule; one of a user who is gone, and of a changed rule, is not asked") {
  Verifying here;
  const Event event = here.unlock(5);
  const auto found = here.differences();
  REQUIRE(found.kept().size() == 1);
  CHECK(found.kept().begin()->key.find(user(5).text()) != std::string::npos);
  CHECK(here.told() == "public.achievements_unlocked.message none -> by rule achievement.unlocked\n");
  here.site.run("UPDATE public.users SET deleted_at = now() WHERE id = '" + user(5).text() + "'");
  CHECK(here.told() == "");
  here.site.run("UPDATE public.users SET deleted_at = NULL WHERE id = '" + user(5).text() + "'");
  here.site.run("UPDATE public.notification_rules SET priority = 'normal' WHERE key = 'achievement.unlocked'");
  CHECK(here.told() == "");
  here.age_rules();
  CHECK(here.told() != "");
  here.worker.apply(event);
  CHECK(here.told() == "");
}

TEST_CASE("a closed digest whose message was lost or made twice is found, and a member that is not the digest's") {
  Verifying here;
  here.site.run(
      fmt::format("INSERT INTO public.notification_preferences (organization_id, user_id, template_group, channel, digest_minutes) "
                  "VALUES ('{}', '{}', 'task', 'in_app', 60)",
                  kOrganization.text(), user(2).text()));
  for (int n = 2; n <= 3; ++n) here.worker.apply(here.site.task(n));
  CHECK(here.told() == "");
  here.site.run("UPDATE weir.notification_digests SET closes_at = '2000-01-01Z'");
  here.worker.wake();
  here.site.run("UPDATE weir.notification_digests SET closed_at = now()");
  CHECK(here.site.count("template_key = 'digest'") == "1");
  CHECK(here.told() == "");
  CHECK(here.differences().tables().at("weir.notification_digests").compared == 1);
  here.site.run("UPDATE public.notifications SET channel = 'email' WHERE reason = 'digest' AND id = '" +
                here.message("reason = 'digest' ORDER BY id LIMIT 1") + "'");
  CHECK(here.told().find("public.notifications.digest_id a digest for task over in_app") != std::string::npos);
  here.site.run("UPDATE public.notifications SET channel = 'in_app' WHERE reason = 'digest'");
  const std::string twice = "INSERT INTO public.notifications SELECT (jsonb_populate_record(n, jsonb_build_object('id', '" +
                            id(702).text() + "'))).* FROM public.notifications n WHERE template_key = 'digest'";
  here.site.run(twice);
  CHECK(here.told().starts_with("public.notifications.id " + id(702).text() + " -> "));
  here.site.run(
      "DELETE FROM public.notifications WHERE template_key = 'digest'; DELETE FROM weir.notification_keys WHERE cause IN (SELECT "
      "id::text FROM weir.notification_digests)");
  CHECK(here.told() == "weir.notification_digests.message none -> a message of what it gathered\n");
  here.site.run("UPDATE public.users SET deleted_at = now() WHERE id = '" + user(2).text() + "'");
  CHECK(here.told() == "");
}
