// Reports over weir.delivery_queue.
#include "tests/component/notifications/queue_site.hpp"

#include <algorithm>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::delivery;
using namespace weir::notifications;

namespace {

/// Claims the only message, and reports its attempt.
std::size_t settle_one(Worker& worker, Verdict verdict, std::optional<Microseconds> again_in = {}, bool is_spent = true,
                       const std::string& channel = "pusher") {
  Claimed claimed = worker.claim(1, channel);
  REQUIRE(claimed.jobs.size() == 1);
  std::vector<Report> reports;
  reports.push_back(Worker::report_of(std::move(claimed.jobs.front()), std::move(verdict), again_in, is_spent));
  return worker.report(std::move(reports));
}

constexpr const char* kState = R"(
  SELECT concat_ws(' ', n.status, q.account, 'tries', q.tries, 'attempt', q.attempt)
    FROM public.notifications n
    LEFT JOIN weir.delivery_queue q ON q.notification_id = n.id)";

/// Reports of calls to one endpoint, written as the queue writes them.
struct Endpoint {
  Endpoint() : connection(site.connect(" user=weir_notifications")) {
    site.run(R"(
      INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted, verified_at)
      VALUES (pg_temp.an_id(7), pg_temp.an_id(1), pg_temp.an_id(1001), 'webhook', decode('77650101' || repeat('00', 60), 'hex'),
              now() - interval '9 days'))");
  }
  void ended(Verdict verdict, const std::string& channel = "webhook", std::optional<Uuid> destination = Uuid::parse(kId)) {
    std::vector<Report> reports(1);
    reports[0].verdict = std::move(verdict);
    StandingMessage message;
    message.message.channel = channel;
    message.message.organization = OrganizationId{*Uuid::parse("00000000-0000-4000-8000-000000000001")};
    message.message.user = UserId{*Uuid::parse("00000000-0000-4000-8000-0000000003e9")};
    message.message.destination_id = destination;
    message.message.created_at = SystemClock{}.now();
    const std::vector<StandingMessage> standing{message};
    must(write_destinations(connection, standing, reports));
  }
  /// "failing since, disabled, reason, version".
  std::string state() {
    return site.value(R"(
      SELECT concat_ws(' ', CASE WHEN failing_since IS NULL THEN 'well' WHEN failing_since > now() - interval '1 minute' THEN 'failing' ELSE 'long' END,
                       CASE WHEN disabled_at IS NULL THEN 'used' ELSE 'disabled' END, disabled_reason, version)
        FROM public.notification_destinations)");
  }

  static constexpr const char* kId = "00000000-0000-4000-8000-000000000007";
  QueueSite site;
  postgres::Connection connection;
};

}  // namespace

TEST_CASE("what is accepted is sent, once: its row goes, and the same report again changes nothing") {
  QueueSite site;
  site.add({});
  Worker worker(site);
  Claimed claimed = worker.claim(1);
  std::vector<Report> reports;
  reports.push_back(Worker::report_of(std::move(claimed.jobs.front()), Accepted{"id-7", nullptr}));
  CHECK(must(worker.queue.report(reports, {})) == 1);
  CHECK(must(worker.queue.report(reports, {})) == 0);
  CHECK(site.statuses() == "sent 1");
  CHECK(site.waiting() == "0");
  CHECK(
      site.value(
          "SELECT concat_ws(' ', outcome, status_code, provider_message_id, finished_at IS NOT NULL) FROM public.notification_attempts") ==
      "accepted 200 id-7 t");
}

TEST_CASE("a failed try waits for its time, and an older claim writes nothing") {
  QueueSite site;
  site.add({});
  Worker worker(site);
  CHECK(settle_one(worker, Postponed{"answered 500", {}}, 2s) == 1);
  CHECK(site.value(kState) == "failed pusher:default tries 1 attempt 1");
  CHECK(worker.claim(1).jobs.empty());
  worker.queue.step_clock(2s);
  Claimed second = worker.claim(1);
  REQUIRE(second.jobs.size() == 1);
  CHECK(second.jobs.front().tries == 1);
  Worker other(site, 120s);
  Claimed third = other.claim(1);
  REQUIRE(third.jobs.size() == 1);
  CHECK(third.jobs.front().is_unanswered);
  CHECK(worker.accept(std::move(second)) == 0);
  CHECK(other.accept(std::move(third)) == 1);
  CHECK(site.statuses() == "sent 1");
}

TEST_CASE("a call that was not made is no attempt, and takes a token of its destination again") {
  QueueSite site;
  site.run("UPDATE weir.rate_limits SET minute_rate = 1 WHERE scope IN ('user', 'channel')");  // so that the test's own time does not count
  site.add({});
  Worker worker(site);
  CHECK(settle_one(worker, NotBegun{"no room"}, 0s, false) == 1);
  CHECK(site.value("SELECT count(*) FROM public.notification_attempts") == "0");
  CHECK(site.value(kState) == "deferred pusher:default tries 0 attempt 0");
  Claimed again = worker.claim(1);
  REQUIRE(again.jobs.size() == 1);
  CHECK(again.jobs.front().attempt == 1);
  CHECK_FALSE(again.jobs.front().is_unanswered);
  CHECK(site.value(R"(
    SELECT string_agg(split_part(key, ':', 1) || ' ' || round(extract(epoch FROM minute_full_at - now()) / 60), ', ' ORDER BY key)
      FROM weir.rate_limit_buckets)") == "channel 2, user 1");
}

TEST_CASE("when no try is left the next provider has fresh ones, and then the fallback channel") {
  QueueSite site;
  site.run(R"(
    DELETE FROM public.notification_channels;
    INSERT INTO public.notification_channels (channel, providers, fallback_channel) VALUES ('email', '{sendgrid,smtp}', 'pusher'), ('pusher', '{pusher}', NULL))");
  site.add({.account = "sendgrid:default", .channel = "email"});
  Worker worker(site);
  settle_one(worker, Postponed{"answered 500", {}}, {}, true, "email");
  CHECK(site.value(kState) == "failed smtp:default tries 0 attempt 1");
  settle_one(worker, Postponed{"answered 500", {}}, {}, true, "email");
  CHECK(site.value(kState) == "failed pusher:default tries 0 attempt 2");
  CHECK(site.value("SELECT destination FROM weir.delivery_queue") == site.value("SELECT 'private-user-' || pg_temp.an_id(1001)"));
  settle_one(worker, Postponed{"answered 500", {}});
  CHECK(site.statuses() == "dead 1");
  CHECK(site.value("SELECT reason FROM public.notifications") == "no try is left: answered 500");
}

TEST_CASE("over a fallback channel whose destinations are accounts of their own, a message waits at its new destination's") {
  for (const std::string channel : {"webhook", "slack"}) {
    QueueSite site;
    site.run(fmt::format(R"(
      DELETE FROM public.notification_channels;
      INSERT INTO public.notification_channels (channel, providers, fallback_channel) VALUES ('pusher', '{{pusher}}', '{0}'), ('{0}', '{{{0}}}', NULL);
      INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted, verified_at)
      VALUES (pg_temp.an_id(7), pg_temp.an_id(1), pg_temp.an_id(1001), '{0}', '\x77650101' || decode(repeat('00', 60), 'hex'), now()))",
                         channel));
    site.add({});
    Worker worker(site);
    settle_one(worker, Postponed{"answered 500", {}});
    CHECK(site.value("SELECT channel || ' ' || account || ' ' || destination FROM weir.delivery_queue") ==
          site.value(fmt::format("SELECT '{0} {0}:' || pg_temp.an_id(7) || ' ' || pg_temp.an_id(7)", channel)));
  }
}

TEST_CASE("an account that asks to wait is left alone by every process; its messages go over the next provider meanwhile, or wait") {
  QueueSite site;
  site.run(R"(
    DELETE FROM public.notification_channels;
    INSERT INTO public.notification_channels (channel, providers) VALUES ('email', '{sendgrid,smtp}'), ('pusher', '{pusher}'))");
  for (int user = 1; user <= 5; ++user) site.add({.user = user, .account = "sendgrid:default", .channel = "email"});
  for (int user = 1; user <= 5; ++user) site.add({.user = user});
  Worker worker(site);
  Worker other(site);
  settle_one(worker, Paused{"answered 429", 30s}, 30s, false, "email");
  settle_one(worker, Paused{"answered 429", 30s}, 30s, false);
  const Claimed mails = other.claim(10, "email");
  CHECK(mails.jobs.size() == 5);
  CHECK(std::ranges::all_of(mails.jobs, [](const Job& job) { return job.account == "smtp:default"; }));
  CHECK(other.claim(10).jobs.empty());
  CHECK(site.value("SELECT max(tries) FROM weir.delivery_queue") == "0");
  other.queue.step_clock(31s);
  CHECK(Worker(site, 31s).claim(10).jobs.size() == 5);
}

TEST_CASE("a try is given back once, and never to a message that is final") {
  QueueSite site;
  site.add({});
  Worker worker(site);
  Claimed claimed = worker.claim(1);
  const Uuid id = claimed.jobs.front().id;
  std::vector<Report> reports;
  reports.push_back(Worker::report_of(std::move(claimed.jobs.front()), Postponed{"answered 500", {}}, 0s));
  worker.report(std::move(reports));
  const std::vector<Refund> refunds{{id, 1}};
  must(worker.queue.report({}, refunds));
  CHECK(site.value(kState) == "failed pusher:default tries 0 attempt 1");
  settle_one(worker, Postponed{"answered 500", {}}, 0s);
  must(worker.queue.report({}, refunds));
  CHECK(site.value(kState) == "failed pusher:default tries 1 attempt 2");
}

TEST_CASE("a message without an answer is in doubt: held for an operator, or sent again, and then known to be sent") {
  QueueSite site;
  site.add({.user = 1, .holds = true});
  Worker worker(site);
  settle_one(worker, Unknown{"timeout"}, 1s);
  CHECK(site.statuses() == "in_doubt 1");
  CHECK(site.waiting() == "0");
  CHECK(site.value("SELECT outcome || ' ' || (finished_at IS NOT NULL) FROM public.notification_attempts") == "unknown true");
  site.add({.user = 2});
  settle_one(worker, Unknown{"timeout"}, 0s);
  CHECK(site.statuses() == "in_doubt 2");
  Claimed again = worker.claim(1);
  REQUIRE(again.jobs.size() == 1);
  CHECK(again.jobs.front().is_unanswered);
  worker.accept(std::move(again));
  CHECK(site.statuses() == "in_doubt 1, sent 1");
}

TEST_CASE("a status never falls: what a callback said to be delivered is not sent again by its report") {
  QueueSite site;
  site.add({});
  Worker worker(site);
  Claimed claimed = worker.claim(1);
  site.run("UPDATE public.notifications SET status = 'delivered'");
  worker.accept(std::move(claimed));
  CHECK(site.statuses() == "delivered 1");
}

TEST_CASE("a message of a refused batch goes alone, its tries unspent; a receiver that is gone takes no more") {
  QueueSite site;
  site.add({});
  Worker worker(site);
  settle_one(worker, Divided{"one of several"}, 0s, false);
  Claimed alone = worker.claim(1);
  REQUIRE(alone.jobs.size() == 1);
  CHECK(alone.jobs.front().is_alone);
  CHECK(alone.jobs.front().tries == 0);
  std::vector<Report> reports;
  reports.push_back(Worker::report_of(std::move(alone.jobs.front()), Refused{"answered 400"}));
  worker.report(std::move(reports));
  CHECK(site.statuses() == "dead 1");
}

TEST_CASE("a message that nobody wants any more is not sent again when its call has failed, and stays in doubt where it may have arrived") {
  for (const std::string why : {"preference", "needless"}) {
    for (const bool is_doubt : {false, true}) {
      QueueSite site;
      Worker worker(site);
      site.add({});
      Claimed claimed = worker.claim(1);
      REQUIRE(claimed.jobs.size() == 1);
      site.run("UPDATE weir.delivery_queue SET unwanted = '" + why + "'");
      std::vector<Report> reports;
      reports.push_back(Worker::report_of(std::move(claimed.jobs.front()), is_doubt ? Verdict(Unknown{"no answer"}) : Verdict(Postponed{}),
                                          Microseconds{0}));
      CHECK(worker.report(std::move(reports)) == 1);
      CHECK(worker.claim(1).jobs.empty());
      CHECK(site.value("SELECT concat_ws('|', status, reason) FROM public.notifications") == (is_doubt            ? "in_doubt|"
                                                                                              : why == "needless" ? "cancelled|"
                                                                                                                  : "suppressed|") +
                                                                                                 why);
      CHECK(site.waiting() == "0");
    }
  }
}

TEST_CASE("an endpoint is failing from its first failure to its next answer, and its row is written at these alone") {
  Endpoint endpoint;
  endpoint.ended(Paused{"answered 429", {}});
  CHECK(endpoint.state() == "well used  1");
  endpoint.ended(Postponed{"answered 500", {}});
  CHECK(endpoint.state() == "failing used  2");
  endpoint.ended(Unknown{"no answer"});
  CHECK(endpoint.state() == "failing used  2");
  endpoint.ended(NotBegun{"too late"});
  endpoint.ended(Accepted{});
  CHECK(endpoint.state() == "well used  3");
  endpoint.ended(Accepted{});
  CHECK(endpoint.state() == "well used  3");
}

TEST_CASE("an endpoint that was silent for a day between two failures has not failed for that time") {
  Endpoint endpoint;
  endpoint.ended(Postponed{"answered 500", {}});
  endpoint.site.run(
      "UPDATE public.notification_destinations SET failing_since = now() - interval '121 hours', failed_at = now() - interval '25 hours'");
  endpoint.ended(Postponed{"answered 500", {}});
  CHECK(endpoint.state() == "failing used  4");
  endpoint.site.run(
      "UPDATE public.notification_destinations SET failing_since = now() - interval '121 hours', failed_at = now() - interval '23 hours'");
  endpoint.ended(Postponed{"answered 500", {}});
  CHECK(endpoint.state() == "long disabled failing 6");
}

TEST_CASE("the time of the last failure of an endpoint that goes on failing is written once an hour") {
  Endpoint endpoint;
  endpoint.ended(Postponed{"answered 500", {}});
  endpoint.site.run(
      "UPDATE public.notification_destinations SET failing_since = now() - interval '2 hours', failed_at = now() - interval '61 minutes'");
  endpoint.ended(Postponed{"answered 500", {}});
  endpoint.ended(Postponed{"answered 500", {}});
  CHECK(endpoint.state() == "long used  4");
}

TEST_CASE("an endpoint that fails after five days without an answer is disabled; a mail's failures disable no address") {
  Endpoint endpoint;
  endpoint.site.run("UPDATE public.notification_destinations SET failing_since = now() - interval '119 hours', failed_at = now()");
  endpoint.ended(Postponed{"answered 500", {}});
  CHECK(endpoint.state() == "long used  2");
  endpoint.site.run("UPDATE public.notification_destinations SET failing_since = now() - interval '121 hours'");
  endpoint.ended(Postponed{"answered 500", {}}, "email");
  CHECK(endpoint.state() == "long used  3");
  endpoint.ended(Unknown{"no answer"});
  CHECK(endpoint.state() == "long disabled failing 4");
}

TEST_CASE("410 disables an endpoint at once, and a mail server that knows no such mailbox ends the use of the user's own address") {
  Endpoint endpoint;
  endpoint.ended(Refused{"the endpoint answered 410: it is gone", true});
  CHECK(endpoint.state() == "well disabled gone 2");
  endpoint.ended(Refused{"answered 550", false}, "email", {});
  CHECK(endpoint.site.value("SELECT count(*) FROM weir.dead_mail_addresses") == "0");
  endpoint.ended(Refused{"answered 550", true}, "email", {});
  CHECK(endpoint.site.value("SELECT concat_ws(' ', user_id = pg_temp.an_id(1001), reason, address_hash = sha256('1.1@a.example')) FROM "
                            "weir.dead_mail_addresses") == "t gone t");
}
