// Messages that wait: for the end of quiet hours, for their digest, for their call; and what ends the wait.
#include "tests/component/notifications/intake_site.hpp"

#include "common/core/await.hpp"
#include "consumers/notifications/wakeup_store.hpp"

#include <thread>

using namespace weir;
using namespace weir::notifications;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

Instant at(const char* text) { return *parse_instant(text); }

void prefer(Site& site, int of_user, const std::string& columns, const std::string& values) {
  site.run(fmt::format("INSERT INTO public.notification_preferences (organization_id, user_id, {}) VALUES ('{}', '{}', {})", columns,
                       kOrganization.text(), user(of_user).text(), values));
}

void set_zone(Site& site, int of_user, const std::string& zone) {
  site.run("UPDATE public.users SET time_zone = '" + zone + "' WHERE id = '" + user(of_user).text() + "'");
}

std::string statuses(Site& site, const std::string& where = "true") {
  return site.value(
      "SELECT string_agg(concat_ws(' ', channel, status, reason), ', ' ORDER BY channel, id) FROM public.notifications WHERE " + where);
}

std::string due(Site& site, int of_user = 2) {
  return site.value("SELECT min(due_at) AT TIME ZONE 'UTC' FROM weir.delivery_queue WHERE user_id = '" + user(of_user).text() + "'");
}

/// One user after the other, each with a zone and quiet hours.
class QuietUsers {
 public:
  /// When the message of a task that is made at a moment goes.
  std::string goes_at(const char* zone, const char* made, const char* from = "22:00", const char* until = "07:00") {
    ++user_;
    set_zone(site_, user_, zone);
    prefer(site_, user_, "quiet_from, quiet_until", fmt::format("'{}', '{}'", from, until));
    site_.now = at(made);
    worker_.apply(site_.task(user_, user_));
    return due(site_, user_);
  }

 private:
  Site site_;
  Worker worker_{site_};
  int user_ = 1;
};

}  // namespace

TEST_CASE("quiet hours end by the clocks of the user's place, over both changes of daylight saving in three zones") {
  QuietUsers users;
  // Berlin goes forward on 29 March at 02:00, back on 25 October at 03:00.
  CHECK(users.goes_at("Europe/Berlin", "2026-03-28T23:30:00Z") == "2026-03-29 05:00:00");
  CHECK(users.goes_at("Europe/Berlin", "2026-10-24T22:30:00Z") == "2026-10-25 06:00:00");
  // New York forward on 8 March at 02:00, back on 1 November at 02:00.
  CHECK(users.goes_at("America/New_York", "2026-03-08T04:00:00Z") == "2026-03-08 11:00:00");
  CHECK(users.goes_at("America/New_York", "2026-11-01T03:00:00Z") == "2026-11-01 12:00:00");
  // Lord Howe back on 5 April at 02:00 by half an hour, forward on 4 October at 02:00 by half an hour.
  CHECK(users.goes_at("Australia/Lord_Howe", "2026-04-04T13:00:00Z") == "2026-04-04 20:30:00");
  CHECK(users.goes_at("Australia/Lord_Howe", "2026-10-03T14:00:00Z") == "2026-10-03 20:00:00");
  // An end that clocks skip is the first moment after the gap, and an end that they show twice is the later one.
  CHECK(users.goes_at("Europe/Berlin", "2026-03-28T23:30:00Z", "22:00", "02:30") == "2026-03-29 01:00:00");
  CHECK(users.goes_at("Europe/Berlin", "2026-10-24T22:30:00Z", "22:00", "02:30") == "2026-10-25 01:30:00");
  CHECK(users.goes_at("No/Such_Zone", "2026-07-01T23:00:00Z") == "2026-07-02 07:00:00");
}

TEST_CASE("what quiet hours hold back is delivered by the wake-up, in_app by its row alone, and the feed is told") {
  Site site;
  Worker worker(site);
  prefer(site, 2, "quiet_from, quiet_until", "'11:00', '13:00'");
  worker.apply(site.task(1));
  CHECK(statuses(site) == "in_app deferred quiet_hours, pusher deferred quiet_hours");
  worker.wake();
  CHECK(statuses(site) == "in_app deferred quiet_hours, pusher deferred quiet_hours");
  site.run("LISTEN weir_feed");
  site.now += hours{1};
  worker.wake();
  CHECK(statuses(site) == "in_app delivered quiet_hours, pusher deferred quiet_hours");
  CHECK(site.value("SELECT string_agg(channel, ' ') FROM weir.delivery_queue") == "pusher");
  REQUIRE(PQconsumeInput(site.owner.raw()) == 1);
  PGnotify* const told = PQnotifies(site.owner.raw());
  REQUIRE(told != nullptr);
  CHECK(std::string(told->extra) == user(2).text());
  PQfreemem(told);
}

TEST_CASE("a message that would expire within quiet hours is expired at intake, and a critical one goes") {
  Site site;
  Worker worker(site);
  prefer(site, 1, "quiet_from, quiet_until", "'11:00', '10:00'");
  site.run("UPDATE public.notification_templates SET ttl_seconds = 3600");
  worker.apply(site.task(1, 1));
  CHECK(statuses(site) == "in_app expired quiet_hours, pusher expired quiet_hours");
  worker.apply(site.changed("alerts", id(70),
                            fmt::format(R"(
INSERT INTO public.alerts (id, organization_id, kind, severity, opened_window, last_window, opened_at, last_seen_at)
VALUES ('{}', '{}', 'success_rate', 'critical', now(), now(), now(), now()))",
                                        id(70).text(), kOrganization.text())));
  CHECK(statuses(site, "channel = 'email'") == "email queued ");
}

TEST_CASE("a message that nobody began to deliver in time is expired, and one that may have been sent is not") {
  Site site;
  Worker worker(site);
  worker.apply(site.task(1));
  worker.apply(site.task(2));
  site.run(
      "UPDATE weir.delivery_queue SET is_unanswered = true WHERE notification_id = (SELECT min(notification_id::text)::uuid FROM "
      "weir.delivery_queue)");
  site.now += hours{25};
  worker.wake();
  CHECK(site.count("status = 'expired' AND reason = 'time_to_live'") == "1");
  CHECK(site.value("SELECT count(*) FROM weir.delivery_queue") == "1");
}

TEST_CASE("low-priority messages are gathered, and one message says how many there are when the digest closes") {
  Site site;
  Worker worker(site);
  prefer(site, 2, "template_group, channel, digest_minutes", "'task', 'in_app', 60");
  for (int n = 1; n <= 3; ++n) CHECK(worker.apply(site.task(n)) == "done");
  CHECK(statuses(site, "channel = 'in_app'") == "in_app suppressed digest, in_app suppressed digest, in_app suppressed digest");
  CHECK(site.value("SELECT count(*) FROM weir.notification_digests") == "1");
  site.now += minutes{59};
  worker.wake();
  CHECK(site.count("template_key = 'digest'") == "0");
  site.now += minutes{1};
  worker.wake();
  CHECK(site.messages("digest") == "digest in_app normal delivered");
  CHECK(site.value("SELECT body FROM public.notifications WHERE template_key = 'digest'") ==
        "You have 3 new messages:\n- Task essay was created\n- Task essay was created\n- Task essay was created");
  CHECK(site.value("SELECT count(DISTINCT digest_id) FROM public.notifications WHERE channel = 'in_app'") == "1");
  worker.wake();
  CHECK(site.count("template_key = 'digest'") == "1");
  worker.apply(site.task(4));
  CHECK(site.value("SELECT count(*) FROM weir.notification_digests WHERE closed_at IS NULL") == "1");
}

TEST_CASE("a weekly digest tells of members that are older than their time to live") {
  Site site;
  Worker worker(site);
  prefer(site, 2, "template_group, digest_minutes", "'task', 10080");
  worker.apply(site.task(1));
  site.now += hours{24 * 7};
  worker.wake();
  CHECK(site.messages("digest") == "digest in_app normal delivered\ndigest pusher private-user-ID000000000066 normal queued");
  CHECK(site.value("SELECT expires_at = '2026-12-06 12:00Z' FROM public.notifications WHERE template_key = 'digest' LIMIT 1") == "t");
  CHECK(site.value("SELECT bool_and(expires_at < '2026-12-05 12:00Z') FROM public.notifications WHERE reason = 'digest'") == "t");
  CHECK(site.value("SELECT body FROM public.notifications WHERE template_key = 'digest' AND channel = 'in_app'") ==
        "You have 1 new messages:\n- Task essay was created");
}

TEST_CASE("a digest that two intakes open at once is one, and every member is in it") {
  Site site;
  Worker first(site);
  Worker second(site);
  prefer(site, 2, "template_group, channel, digest_minutes", "'task', 'in_app', 60");
  const Event one = site.task(1);
  const Event other = site.task(2);
  first.begin_apply({one});
  std::thread beside([&] { second.apply(other); });
  auto watcher = connect(site.dsn);
  CHECK(await(Milliseconds{20'000}, [&] {
    return must(watcher.script("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")).size() >= 1;
  }));
  first.commit();
  beside.join();
  CHECK(site.value("SELECT count(*) FROM weir.notification_digests") == "1");
  CHECK(site.value("SELECT count(DISTINCT digest_id) || ' ' || count(*) FROM public.notifications WHERE reason = 'digest'") == "1 2");
}

TEST_CASE("a digest over either change of daylight saving closes after its time, and waits for quiet hours by the clocks of the place") {
  for (const auto& [zone, opened, goes] : {std::tuple{"Europe/Berlin", "2026-03-28T20:30:00Z", "2026-03-29 05:00:00"},
                                           std::tuple{"Europe/Berlin", "2026-10-24T20:30:00Z", "2026-10-25 06:00:00"},
                                           std::tuple{"America/New_York", "2026-03-08T02:30:00Z", "2026-03-08 11:00:00"},
                                           std::tuple{"America/New_York", "2026-11-01T01:30:00Z", "2026-11-01 12:00:00"},
                                           std::tuple{"Australia/Lord_Howe", "2026-04-04T10:30:00Z", "2026-04-04 20:30:00"},
                                           std::tuple{"Australia/Lord_Howe", "2026-10-03T12:00:00Z", "2026-10-03 20:00:00"}}) {
    CAPTURE(zone);
    CAPTURE(opened);
    Site site;
    Worker worker(site);
    set_zone(site, 2, zone);
    prefer(site, 2, "template_group, digest_minutes", "'task', 120");
    prefer(site, 2, "template_group, quiet_from, quiet_until", "'', '23:00', '07:00'");
    site.now = at(opened);
    worker.apply(site.task(1));
    site.now += minutes{120};
    worker.wake();
    CHECK(statuses(site, "template_key = 'digest'") == "in_app deferred quiet_hours, pusher deferred quiet_hours");
    CHECK(due(site) == goes);
  }
}

TEST_CASE("a waiting push or mail is cancelled when its in_app twin was read; one that is being sent is not") {
  Site site;
  Worker worker(site);
  for (int n = 1; n <= 3; ++n) worker.apply(site.request("task.failed", {Channel::kInApp, Channel::kEmail}, 2, n));
  site.run(
      "UPDATE weir.delivery_queue SET leased_until = now() + interval '1 hour' WHERE notification_id = (SELECT n.id FROM "
      "public.notifications n "
      "WHERE n.channel = 'email' AND n.cause = '" +
      id(40'002).text() + "')");
  site.run("UPDATE public.notifications SET read_at = now() WHERE channel = 'in_app' AND cause <> '" + id(40'003).text() + "'");
  worker.wake();
  const auto mail = [&](int n) { return statuses(site, "channel = 'email' AND cause = '" + id(40'000 + n).text() + "'"); };
  CHECK(mail(1) == "email cancelled read");
  CHECK(mail(2) == "email queued ");
  CHECK(mail(3) == "email queued ");
  CHECK(site.value("SELECT count(*) FROM weir.delivery_queue") == "2");
}

TEST_CASE("a push or mail that is being sent when its twin is read is cancelled once its sending has failed, however late") {
  Site site;
  Worker worker(site);
  worker.apply(site.request("task.failed", {Channel::kInApp, Channel::kEmail}, 2, 1));
  site.run("UPDATE weir.delivery_queue SET leased_until = now() + interval '1 hour'");
  site.run("UPDATE public.notifications SET read_at = now() - interval '10 minutes' WHERE channel = 'in_app'");
  const auto since = site.owner.script("SELECT now() - interval '1 hour'").value()[0].get<Instant>(0);
  const auto seen = must(cancel_read_twins(worker.statements(), since));
  CHECK(statuses(site, "channel = 'email'") == "email queued ");
  site.run("UPDATE weir.delivery_queue SET leased_until = NULL");
  must(cancel_read_twins(worker.statements(), seen));
  CHECK(statuses(site, "channel = 'email'") == "email cancelled read");
}

TEST_CASE("a waiting push or mail of a task is cancelled when the task is, and no other task's") {
  Site site;
  Worker worker(site);
  site.run("UPDATE public.notification_rules SET channels = '{in_app,email}' WHERE key IN ('task.created', 'task.cancelled')");
  worker.apply(site.task(1));
  worker.apply(site.task(2));
  worker.apply(site.set_task(1, "status = 'cancelled'"));
  CHECK(site.value(R"(
SELECT string_agg(concat_ws(' ', template_key, right(variables ->> 'taskId', 2), status, reason), ', ' ORDER BY template_key, variables ->> 'taskId')
  FROM public.notifications
 WHERE channel = 'email')") == "task.cancelled e9 queued , task.created e9 cancelled needless, task.created ea queued ");
  CHECK(site.value("SELECT count(*) FROM weir.delivery_queue") == "2");
}
