// Claims over weir.delivery_queue.
#include "common/core/await.hpp"
#include "tests/component/notifications/queue_site.hpp"

#include <algorithm>
#include <set>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::notifications;

TEST_CASE("a claim commits the attempt, a lease and the number of the claim; the message carries what its provider needs") {
  QueueSite site;
  site.add({.count = 3, .destination = "private-user-7"});
  Worker worker(site);
  const Claimed claimed = worker.claim(2);
  REQUIRE(claimed.jobs.size() == 2);
  const Job& job = claimed.jobs.front();
  CHECK(job.claim == 1);
  CHECK(job.attempt == 1);
  CHECK_FALSE(job.is_unanswered);
  CHECK(job.provider == "pusher");
  CHECK(job.account == "pusher:default");
  CHECK(job.good_for > 23h);
  const auto& message = dynamic_cast<const Outgoing&>(*job.message);
  CHECK(message.address == "private-user-7");
  CHECK(message.subject == "S");
  CHECK(message.body == "{}");
  REQUIRE(message.account != nullptr);
  CHECK(site.statuses() == "queued 1, sending 2");
  CHECK(site.value(R"(
    SELECT string_agg(concat_ws(' ', a.attempt, a.provider, a.account, a.outcome, a.claim, a.finished_at IS NULL, a.started_at = n.granted_at), ', ')
      FROM public.notification_attempts a
      JOIN public.notifications n ON n.id = a.notification_id)") ==
        "1 pusher pusher:default unknown 1 t t, 1 pusher pusher:default unknown 1 t t");
  CHECK(site.value(
            "SELECT count(*) FROM weir.delivery_queue WHERE leased_until = due_at AND started_at + interval '60 seconds' = due_at") == "2");
}

TEST_CASE("two workers never have the same message, and what one let go comes back when its lease is over, unanswered") {
  QueueSite site;
  for (int user = 1; user <= 40; ++user) site.add({.user = user});
  Worker first(site);
  Worker second(site);
  std::set<Uuid> seen;
  for (Worker* worker : {&first, &second}) {
    for (const Job& job : worker->claim(20).jobs) CHECK(seen.insert(job.id).second);
  }
  CHECK(seen.size() == 40);
  CHECK(first.claim(20).jobs.empty());
  Worker later(site, 61s);
  const Claimed again = later.claim(100);
  REQUIRE(again.jobs.size() == 40);
  CHECK(again.jobs.front().claim == 2);
  CHECK(again.jobs.front().attempt == 2);
  CHECK(again.jobs.front().is_unanswered);
  CHECK(site.statuses() == "in_doubt 40");
}

TEST_CASE("messages come by rank and age, organizations in turn, also where many are due") {
  QueueSite site;
  site.add({.organization = 1, .user = 0, .count = 3'000});
  site.add({.organization = 2, .user = 0, .count = 2, .rank = 3});
  site.add({.organization = 2, .user = 0, .count = 1, .rank = 1});
  site.add({.organization = 3, .user = 0, .count = 1});
  Worker worker(site);
  std::vector<std::string> organizations;
  const Claimed claimed = worker.claim(7);
  REQUIRE(claimed.jobs.size() == 7);
  std::map<OrganizationId, int> counts;
  for (const Job& job : claimed.jobs) ++counts[dynamic_cast<const Outgoing&>(*job.message).organization];
  CHECK(counts.size() == 3);
  CHECK(site.value("SELECT count(*) FROM weir.delivery_queue WHERE leased_until IS NOT NULL AND rank = 1") == "1");
  CHECK(site.value("SELECT count(*) FROM weir.delivery_queue WHERE leased_until IS NOT NULL AND organization_id = pg_temp.an_id(2)") ==
        "3");
}

TEST_CASE("the many messages of one organization are not read for the turns of others") {
  QueueSite site;
  const std::string kRead = "SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'delivery_queue'";
  int before = 0;
  {
    Worker worker(site);
    site.add({.organization = 1, .user = 0});
    REQUIRE(worker.claim(7).jobs.size() == 1);
    site.add({.organization = 1, .user = 0, .count = 3'000});
    site.run("UPDATE weir.delivery_queue SET due_at = now() - random() * interval '1 minute' WHERE leased_until IS NULL");
    site.run("ANALYZE weir.delivery_queue");
    site.add({.organization = 2, .user = 0, .count = 5});
    site.run("SELECT pg_stat_force_next_flush()");
    before = std::stoi(site.value(kRead));
    REQUIRE(worker.claim(7).jobs.size() == 7);
  }
  // A session counts no later than it ends.
  const auto is_over = [&] {
    return site.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'weir_notifications'") == "0";
  };
  REQUIRE(await(Seconds{30}, is_over));
  CHECK(std::stoi(site.value(kRead)) - before < 1'000);
}

TEST_CASE("what organizations with few messages leave free of a claim is for those that have more") {
  QueueSite site;
  site.add({.organization = 1, .user = 0, .count = 1'000});
  for (int organization = 2; organization <= QueueSite::kOrganizations; ++organization) site.add({.organization = organization, .user = 0});
  Worker worker(site);
  const Claimed claimed = worker.claim(256);
  CHECK(claimed.jobs.size() == 256);
  CHECK(site.value("SELECT count(DISTINCT organization_id) FROM weir.delivery_queue WHERE leased_until IS NOT NULL") == "20");
  worker.room["pusher:default"] = 30;
  CHECK(worker.claim(256).jobs.size() == 30);
}

TEST_CASE("a claim says whether it left anything that is due for lack of room") {
  QueueSite site;
  for (int user = 1; user <= 5; ++user) site.add({.user = user});
  Worker worker(site);
  CHECK_FALSE(worker.claim(3).has_left_none);
  worker.room["pusher:default"] = 1;
  CHECK_FALSE(worker.claim(256).has_left_none);
  worker.room["pusher:default"] = 10;
  const Claimed rest = worker.claim(256);
  CHECK(rest.jobs.size() == 1);
  CHECK(rest.has_left_none);
}

TEST_CASE("accounts without room, and those that nobody configured, are passed over however many wait for them") {
  QueueSite site;
  site.add({.organization = 1, .user = 0, .count = 1'500, .account = "pusher:busy"});
  site.add({.organization = 2, .user = 0, .count = 1'500, .account = "fcm:unknown"});
  site.add({.organization = 3, .user = 0, .count = 5});
  Worker worker(site);
  worker.room["pusher:busy"] = 0;
  std::size_t claimed = 0;
  for (int i = 0; i < 3; ++i) {
    for (const Job& job : worker.claim(10).jobs) {
      CHECK(job.account == "pusher:default");
      ++claimed;
    }
  }
  CHECK(claimed == 5);
  CHECK(site.statuses() == "queued 3000, sending 5");
}

TEST_CASE("what is late is expired instead, and what may have been sent is not") {
  QueueSite site;
  site.add({.user = 1, .time_to_live = "-1 second"});
  site.add({.user = 2, .time_to_live = "30 seconds"});
  site.add({.user = 3, .holds = true});
  Worker worker(site);
  CHECK(worker.claim(10).jobs.size() == 2);
  CHECK(site.statuses() == "expired 1, sending 2");
  Worker later(site, 61s);
  CHECK(later.claim(10).jobs.empty());
  CHECK(site.statuses() == "expired 1, in_doubt 2");
  CHECK(site.waiting() == "0");
}

TEST_CASE("a destination that is gone, disabled, not verified or unreadable ends its messages, with the reason") {
  QueueSite site;
  site.run(R"(
    INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted, verified_at, disabled_at)
    SELECT pg_temp.an_id(n), pg_temp.an_id(1), pg_temp.an_id(1001), 'email', decode('77650101' || repeat('00', 60), 'hex'),
           CASE WHEN n <> 2 THEN now() END, CASE WHEN n = 1 THEN now() END
      FROM generate_series(1, 3) n)");
  for (int destination = 1; destination <= 4; ++destination) {
    site.add({.account = "smtp:default", .channel = "email", .destination = std::to_string(destination)});
  }
  site.run("UPDATE weir.delivery_queue SET destination_id = pg_temp.an_id(destination::bigint)");
  Worker worker(site);
  CHECK(worker.claim(10, "email").jobs.empty());
  CHECK(
      site.value("SELECT string_agg(destination || ' ' || status || ' ' || reason, ', ' ORDER BY destination) FROM public.notifications") ==
      "1 suppressed the destination is disabled, 2 suppressed the destination is not verified, 3 suppressed erased, 4 suppressed the "
      "destination is gone");
}

TEST_CASE("mail without a destination goes to the user's own address") {
  QueueSite site;
  site.add({.organization = 2, .user = 5, .account = "sendgrid:default", .channel = "email"});
  Worker worker(site);
  const Claimed claimed = worker.claim(10, "email");
  REQUIRE(claimed.jobs.size() == 1);
  CHECK(dynamic_cast<const Outgoing&>(*claimed.jobs.front().message).address == "2.5@a.example");
}

TEST_CASE("a user's own address that is dead gets no mail, with the reason, until the user has another") {
  QueueSite site;
  site.add({.organization = 2, .user = 5, .account = "sendgrid:default", .channel = "email"});
  site.run(R"(
    INSERT INTO weir.dead_mail_addresses (organization_id, user_id, address_hash, reason)
    VALUES (pg_temp.an_id(2), pg_temp.an_id(2005), sha256('2.5@a.example'), 'bounced'))");
  Worker worker(site);
  CHECK(worker.claim(10, "email").jobs.empty());
  CHECK(site.value("SELECT status || ' ' || reason FROM public.notifications") == "suppressed the user's address is dead: bounced");
  site.run("UPDATE public.users SET email = 'new@a.example' WHERE id = pg_temp.an_id(2005)");
  site.add({.organization = 2, .user = 5, .account = "sendgrid:default", .channel = "email"});
  CHECK(worker.claim(10, "email").jobs.size() == 1);
}

TEST_CASE("a message whose user is gone leaves the queue and no attempt") {
  QueueSite site;
  site.add({.user = 4});
  site.run("DELETE FROM public.users WHERE id = pg_temp.an_id(1004)");
  Worker worker(site);
  CHECK(worker.claim(10).jobs.empty());
  CHECK(site.waiting() == "0");
  CHECK(site.value("SELECT count(*) FROM public.notification_attempts") == "0");
}
