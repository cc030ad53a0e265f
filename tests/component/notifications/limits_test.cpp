// The limits over Postgres, with its clock moved by a parameter of the statements.
#include "common/core/waiting.hpp"
#include "tests/component/notifications/queue_site.hpp"
#include "tests/unit/core/grant_bounds.hpp"

#include <algorithm>
#include <cstdlib>
#include <random>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::notifications;

namespace {

const Rate kMinute{60, std::chrono::minutes{1}, 10};
const Rate kHour{750, std::chrono::hours{1}, 250};

/// A schedule by chance, in a time that passes evenly, while Postgres' clock is set forward and back.
class Schedule {
 public:
  explicit Schedule(std::uint64_t seed) : random_(seed), has_jumps_(seed % 3 == 0) {
    for (int i = 0; i < 3; ++i) workers_.push_back(std::make_unique<Worker>(site_));
  }
  bool holds() {
    for (int turn = 0; turn < 60; ++turn) {
      if (random_() % 3 == 0) add();
      passed_ += Milliseconds{random_() % 2'000};
      if (has_jumps_ && random_() % 20 == 0) {
        const bool is_forward = random_() % 2 == 0;
        jumped_ += is_forward ? 1h : -1h;
        forward_ += is_forward ? 1 : 0;
      }
      work();
    }
    // Every message goes in the end, without faults, as time passes from one token to the next.
    for (int turn = 0; turn < 2'000 && site_.waiting() != "0"; ++turn) {
      Claimed claimed = claim(*workers_[0], 100);
      const Microseconds rest = claimed.next_due_in.value_or(1s);
      workers_[0]->accept(std::move(claimed));
      passed_ += rest;
    }
    CHECK(site_.waiting() == "0");
    return bounds_hold(R"(
             SELECT user_id::text, id, 1, granted_at
               FROM public.notifications
              WHERE granted_at IS NOT NULL AND priority <> 'critical')") &&
           bounds_hold(R"(
             SELECT n.organization_id || n.destination, n.id, a.claim, a.started_at
               FROM public.notification_attempts a
               JOIN public.notifications n ON n.id = a.notification_id)");
  }

 private:
  void add() {
    site_.add({.user = static_cast<int>(1 + random_() % 3),
               .count = static_cast<int>(1 + random_() % 15),
               .rank = static_cast<int>(random_() % 4),
               .destination = random_() % 2 == 0 ? "shared" : ""});
  }
  Claimed claim(Worker& worker, std::size_t most) {
    worker.queue.step_clock(passed_ + jumped_ - worker.queue.clock_step());
    Claimed claimed = worker.claim(most, "pusher", Seconds{10});
    for (const Job& job : claimed.jobs) jumps_[{job.id, job.claim}] = jumped_;
    return claimed;
  }
  /// Claims, and reports or fails, or is killed and starts again.
  void work() {
    auto& worker = workers_[random_() % workers_.size()];
    Claimed claimed = claim(*worker, 1 + random_() % 20);
    if (random_() % 8 == 0) {
      worker = std::make_unique<Worker>(site_);
      return;
    }
    std::vector<Report> reports;
    for (Job& job : claimed.jobs) {
      const auto fate = random_() % 10;
      if (fate == 0) {
        reports.push_back(Worker::report_of(std::move(job), delivery::Postponed{"answered 500", {}}, 1s));
      } else if (fate == 1) {
        reports.push_back(Worker::report_of(std::move(job), delivery::NotBegun{"no room"}, 0s, false));
      } else {
        reports.push_back(Worker::report_of(std::move(job), delivery::Accepted{"p", nullptr}));
      }
    }
    if (!reports.empty()) worker->report(std::move(reports));
  }
  /// `sql` gives what was granted: to whom, the message, the claim, and the time on Postgres' clock.
  bool bounds_hold(const char* sql) {
    std::map<std::string, std::vector<Instant>> grants;
    const auto rows = must(site_.owner.query(sql, sql));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Microseconds jump = jumps_.at({rows[i].get<Uuid>(1), rows[i].get<std::int64_t>(2)});
      grants[rows[i].get<std::string>(0)].push_back(rows[i].get<Instant>(3) - jump);
    }
    for (auto& [key, times] : grants) {
      std::ranges::sort(times);
      for (const Rate& rate : {kMinute, kHour}) {
        if (!testing::within_rate(times, rate, forward_ * rate.burst)) return false;
      }
    }
    return true;
  }

  QueueSite site_;
  std::mt19937_64 random_;
  bool has_jumps_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Microseconds passed_{0};
  Microseconds jumped_{0};
  std::int64_t forward_ = 0;
  std::map<std::pair<Uuid, std::int64_t>, Microseconds> jumps_;
};

/// The whole seconds that a test has taken by now, in each of which Postgres' clock gives a token, too.
std::int64_t seconds_of(const Stopwatch& test) { return std::chrono::ceil<Seconds>(test.elapsed()).count(); }

}  // namespace

TEST_CASE("of a user no more go than there are tokens; the others wait, each for another token, and are not written again") {
  QueueSite site;
  site.add({.count = 10'000});
  Worker worker(site);
  const Stopwatch test;
  std::int64_t claimed = 0;
  for (int i = 0; i < 40 && site.value("SELECT count(*) FROM weir.delivery_queue WHERE waits_for IS NULL AND leased_until IS NULL") != "0";
       ++i)
    claimed += static_cast<std::int64_t>(worker.claim(256).jobs.size());
  CHECK(claimed >= 10);
  CHECK(claimed <= 10 + seconds_of(test));
  CHECK(site.value("SELECT count(DISTINCT due_at) = count(*) FROM weir.delivery_queue WHERE waits_for IS NOT NULL") == "t");
  CHECK(site.value("SELECT min(next - due_at) >= interval '990 milliseconds' FROM (SELECT due_at, lead(due_at) OVER (ORDER BY due_at) next "
                   "FROM weir.delivery_queue WHERE waits_for IS NOT NULL AND due_at > clock_timestamp()) w") == "t");
  CHECK(site.value("SELECT count(*) > 9900 FROM public.notifications WHERE status = 'deferred' AND reason = 'user_limit'") == "t");
  // For a minute each second writes the message that goes, and no other.
  site.run("CREATE TEMP TABLE before AS SELECT notification_id, ctid AS place FROM weir.delivery_queue");
  const auto all_granted = [&] { return std::stoll(site.value("SELECT count(*) FROM public.notifications WHERE granted_at IS NOT NULL")); };
  const std::int64_t granted = all_granted();
  const Stopwatch minute;
  for (int second = 0; second < 60; ++second) {
    worker.queue.step_clock(1s);
    worker.accept(worker.claim(256));
  }
  CHECK(all_granted() - granted >= 58);
  CHECK(all_granted() <= 10 + 60 + seconds_of(test));
  // A token that the test's own time has left over brings another one forward.
  CHECK(std::stoll(site.value("SELECT count(*) FROM weir.delivery_queue q JOIN before b USING (notification_id) WHERE q.ctid <> b.place")) <
        5 + seconds_of(minute));
}

TEST_CASE("one user's backlog keeps neither others nor that user's more urgent messages") {
  QueueSite site;
  site.add({.user = 1, .count = 2'000});
  Worker worker(site);
  for (int i = 0; i < 10; ++i) worker.accept(worker.claim(256));
  site.add({.user = 2});
  site.add({.organization = 2, .user = 1});
  CHECK(worker.claim(256).jobs.size() >= 2);
  site.add({.user = 1, .rank = 1});
  worker.queue.step_clock(2s);
  worker.accept(worker.claim(256));
  CHECK(site.value("SELECT status FROM public.notifications WHERE priority = 'high'") == "sent");
  site.add({.user = 1, .rank = 0});
  worker.accept(worker.claim(256));
  CHECK(site.value("SELECT status FROM public.notifications WHERE priority = 'critical'") == "sent");
}

TEST_CASE("tokens that are left over, because messages went away, are taken by the next in line") {
  QueueSite site;
  site.add({.count = 40});
  Worker worker(site);
  worker.accept(worker.claim(256));
  site.run("DELETE FROM weir.delivery_queue WHERE due_at < (SELECT max(due_at) - interval '20500 milliseconds' FROM weir.delivery_queue)");
  CHECK(site.waiting() == "21");
  worker.queue.step_clock(12s);
  worker.accept(worker.claim(256));
  CHECK(site.waiting() == "11");
}

TEST_CASE("when most of a line is cancelled the others come forward: a token a second, and none is written again but the next") {
  QueueSite site;
  site.run("UPDATE weir.rate_limits SET hour_rate = 0, hour_burst = 0");
  site.add({.count = 2'000});
  Worker worker(site);
  while (site.value("SELECT count(*) FROM weir.delivery_queue WHERE waits_for IS NULL AND leased_until IS NULL") != "0") {
    worker.accept(worker.claim(256));
  }
  site.run("DELETE FROM weir.delivery_queue WHERE due_at < (SELECT max(due_at) FROM weir.delivery_queue) - interval '99500 milliseconds'");
  CHECK(site.waiting() == "100");
  site.run("CREATE TEMP TABLE before AS SELECT notification_id, ctid AS place FROM weir.delivery_queue");
  Worker later(site, 20s);
  later.accept(later.claim(256));
  CHECK(site.waiting() == "90");
  for (int second = 0; second < 30; ++second) {
    later.queue.step_clock(1s);
    later.accept(later.claim(256));
  }
  CHECK(std::stoi(site.waiting()) <= 60);
  CHECK(site.value("SELECT count(*) <= 1 FROM weir.delivery_queue q JOIN before b USING (notification_id) WHERE q.ctid <> b.place") == "t");
}

TEST_CASE("when the clock is set back a line waits until an overdrawn bucket has a token, and not until the time that it was told") {
  QueueSite site;
  site.add({.count = 30});
  Worker worker(site);
  worker.accept(worker.claim(256));
  CHECK(site.waiting() == "20");
  Worker back(site, -1h);
  back.accept(back.claim(256));
  CHECK(site.waiting() == "20");
  CHECK(site.value("SELECT min(due_at) < now() - interval '1 hour' + interval '21 minutes' FROM weir.delivery_queue") == "t");
  back.queue.step_clock(21min);
  back.accept(back.claim(256));
  CHECK(std::stoi(site.waiting()) < 20);
}

TEST_CASE("a line comes forward over no message that goes over another channel before it") {
  QueueSite site;
  site.add({.count = 10});
  Worker worker(site);
  worker.accept(worker.claim(256));
  for (int i = 0; i < 8; ++i) {  // in turn over each channel
    site.add({});
    worker.accept(worker.claim(256));
    site.add({.account = "sendgrid:default", .channel = "email"});
    worker.accept(worker.claim(256, "email"));
  }
  CHECK(site.value("SELECT count(*) >= 14 FROM weir.delivery_queue WHERE waits_for IS NOT NULL") == "t");
  site.run("CREATE TEMP TABLE before AS SELECT notification_id, ctid AS place FROM weir.delivery_queue");
  for (int second = 0; second < 10; ++second) {
    worker.queue.step_clock(1s);
    worker.accept(worker.claim(256));
    worker.accept(worker.claim(256, "email"));
  }
  CHECK(site.value("SELECT count(*) = 0 FROM weir.delivery_queue q JOIN before b USING (notification_id) WHERE q.ctid <> b.place") == "t");
}

TEST_CASE("metrics count the tokens of each limit, and say how many messages wait in each channel and for how long") {
  QueueSite site;
  site.add({.count = 13});
  site.add({.user = 2, .account = "sendgrid:default", .channel = "email"});
  site.run("UPDATE weir.delivery_queue SET due_at = now() - interval '90 seconds' WHERE channel = 'email'");
  Worker worker(site);
  worker.claim(256);
  const std::string text = worker.metrics.text();
  for (const char* line :
       {R"(weir_notifications_tokens_total{limit="user",outcome="granted"} 10)",
        R"(weir_notifications_tokens_total{limit="user",outcome="deferred"} 3)",
        R"(weir_notifications_tokens_total{limit="channel",outcome="granted"} 10)",
        R"(weir_notifications_queue_messages{channel="pusher"} 13)", R"(weir_notifications_queue_messages{channel="slack"} 0)",
        R"(weir_notifications_queue_age_seconds{channel="slack"} 0)", R"(weir_notifications_queue_age_seconds{channel="email"} 9)"}) {
    CAPTURE(line);
    CHECK(text.find(line) != std::string::npos);
  }
}

TEST_CASE("an organization at 100 times its rate delays no other, and an organization's and an account's limit hold") {
  QueueSite site;
  site.run(
      "INSERT INTO weir.rate_limits VALUES ('organization', pg_temp.an_id(1)::text, 60, 5, 0, 0), ('provider', 'pusher:slow', 60, 5, 0, "
      "0)");
  site.add({.organization = 1, .user = 0, .count = 6'000});
  site.add({.organization = 3, .user = 0, .count = 100, .account = "pusher:slow"});
  for (int user = 1; user <= 50; ++user) site.add({.organization = 2, .user = user});
  Worker worker(site);
  const Stopwatch test;
  worker.accept(worker.claim(256));
  worker.accept(worker.claim(256));
  CHECK(site.value("SELECT count(*) FROM public.notifications WHERE organization_id = pg_temp.an_id(2) AND status = 'sent'") == "50");
  for (int i = 0; i < 20; ++i) worker.accept(worker.claim(256));
  const auto counts = [&](int organization) {
    return site.value(
        fmt::format("SELECT count(*) FROM public.notification_attempts WHERE organization_id = pg_temp.an_id({})", organization));
  };
  CHECK(std::stoi(counts(1)) <= 5 + seconds_of(test));
  CHECK(std::stoi(counts(3)) <= 5 + seconds_of(test));
  // An organization that comes later to an account that others wait for gets the next token.
  site.add({.organization = 4, .user = 0, .account = "pusher:slow"});
  worker.accept(worker.claim(256));
  worker.queue.step_clock(3s);
  worker.accept(worker.claim(256));
  CHECK(site.value("SELECT status FROM public.notifications WHERE organization_id = pg_temp.an_id(4)") == "sent");
}

TEST_CASE("over schedules by chance, with kills and steps of the clock, three workers hold the limits and everything goes in the end") {
  const char* wanted = std::getenv("WEIR_NOTIFICATION_SEEDS");
  const int seeds = wanted != nullptr ? std::atoi(wanted) : 3;
  for (int seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    CHECK(Schedule(static_cast<std::uint64_t>(seed)).holds());
  }
}

TEST_CASE("idle buckets go, those in use and paused ones stay") {
  QueueSite site;
  site.run(R"(
    INSERT INTO weir.rate_limit_buckets VALUES
      ('user:idle', now() - interval '1 hour', now() - interval '1 hour', NULL),
      ('user:busy', now() - interval '1 hour', now() + interval '1 minute', NULL),
      ('provider:p', now() - interval '1 hour', now() - interval '1 hour', now() + interval '1 minute'))");
  Worker worker(site);
  worker.claim(1);
  CHECK(site.value("SELECT string_agg(key, ' ' ORDER BY key) FROM weir.rate_limit_buckets") == "provider:p user:busy");
}
