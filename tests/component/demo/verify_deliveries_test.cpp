// The verification of deliveries must fail when it should: messages that went as they should pass, and each falsehood is found and named.
#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"
#include "demo/witness/deliveries.hpp"
#include "demo/witness/verify.hpp"
#include "tests/support/value.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

using namespace weir;
using namespace weir::demo;
using testing::value;

namespace {

// Message 1 was sent at once. Message 2 had no answer at first and was sent again. Message 3 went over the second provider of mail. Message
// 4 is a row, 5 waits for a token, 6 was refused for good.
constexpr const char* kTruth = R"sql(
CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid LANGUAGE sql AS $$ SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
INSERT INTO organizations (id, name) VALUES (pg_temp.id(99), 'School');
INSERT INTO notifications (organization_id, id, template_key, channel, destination, subject, body, expires_at, status, attempts)
SELECT pg_temp.id(99), pg_temp.id(n), 't', channel, 'd', 'S', 'B', now() + interval '1 day', status, attempts
  FROM (VALUES (1, 'pusher', 'sent', 1), (2, 'pusher', 'sent', 2), (3, 'email', 'sent', 2), (4, 'in_app', 'delivered', 0),
               (5, 'pusher', 'deferred', 0), (6, 'webhook', 'dead', 1)) m (n, channel, status, attempts);
INSERT INTO weir.delivery_queue (notification_id, organization_id, created_at, channel, account, template_key, rank, expires_at, due_at)
SELECT id, organization_id, created_at, channel, 'pusher:default', template_key, 2, expires_at, now() + interval '1 hour'
  FROM notifications
 WHERE status = 'deferred';
INSERT INTO notification_attempts (organization_id, notification_id, attempt, provider, account, claim, outcome)
SELECT pg_temp.id(99), pg_temp.id(n), attempt, provider, provider || ':default', attempt, outcome
  FROM (VALUES (1, 1, 'pusher', 'accepted'), (2, 1, 'pusher', 'unknown'), (2, 2, 'pusher', 'accepted'), (3, 1, 'sendgrid', 'failed'),
               (3, 2, 'smtp', 'accepted'), (6, 1, 'webhook', 'refused')) a (n, attempt, provider, outcome))sql";

Uuid id(int number) { return *Uuid::parse("00000000-0000-4000-8000-00000000000" + std::to_string(number)); }

std::vector<GivenArrival> arrivals() {
  return {{"pusher", id(1), 200, ""},   {"pusher", id(2), 0, ""}, {"pusher", id(2), 200, ""},
          {"sendgrid", id(3), 503, ""}, {"smtp", id(3), 250, ""}, {"webhook", id(6), 410, ""}};
}

struct Scene {
  SqlSession session = value(SqlSession::open(testing::migrated_database(), "test"));
  std::vector<GivenArrival> came = arrivals();

  Scene() { run(kTruth); }
  void run(const std::string& sql) { value(session.script(sql)); }
  Verdict verdict() {
    Verdict verdict;
    value(give_arrivals(session, came));
    value(check_results(session, delivery_checks(), verdict));
    return verdict;
  }
};

struct Falsehood {
  std::string expected;  // of a difference, its end
  std::string sql{};
  std::function<void(std::vector<GivenArrival>&)> change = [](auto&) {};
};

}  // namespace

TEST_CASE("messages that went as they should are verified and counted") {
  Scene scene;
  const Verdict verdict = scene.verdict();
  for (const std::string& difference : verdict.differences) MESSAGE(difference);
  CHECK(verdict.good());
  CHECK(value(count_deliveries(scene.session)).line() ==
        "messages: 6 = 3 sent + 1 delivered + 0 suppressed + 0 expired + 0 cancelled + 1 dead + 0 held in doubt + 1 waiting; 2 retried, 1 "
        "failed over, 1 sent again after a call without an answer");
}

TEST_CASE("each falsehood about a delivery is found") {
  const std::vector<Falsehood> falsehoods{
      {"queued: expected by its status sent, found yes", "UPDATE notifications SET status = 'sent' WHERE status = 'deferred'"},
      {"queued: expected by its status deferred, found no", "DELETE FROM weir.delivery_queue"},
      {"taken: expected 1, found 0", "", [](auto& came) { came.erase(came.begin()); }},
      {"taken: expected 1, found 2", "",
       [](auto& came) {
         came.push_back({"pusher", id(1), 200, ""});
       }},
      {"taken: expected 2, found 3", "",
       [](auto& came) {
         came.push_back({"pusher", id(2), 200, ""});
       }},
      {"calls: expected 1, found 2", "",
       [](auto& came) {
         came.push_back({"sendgrid", id(3), 503, ""});
       }},
      {"calls: expected 0, found 1", "",
       [](auto& came) {
         came.push_back({"smtp", id(9), 503, ""});
       }},
      {"taken: expected 1, found 0", "UPDATE notifications SET status = 'sent' WHERE status = 'dead'"},
      {"fault: expected , found the signature is wrong", "", [](auto& came) { came.front().fault = "the signature is wrong"; }},
      {"messages: expected 0, found 1", "UPDATE notifications SET template_key = 'task.failed' WHERE channel = 'email'"}};
  for (const Falsehood& falsehood : falsehoods) {
    CAPTURE(falsehood.expected);
    Scene scene;
    if (!falsehood.sql.empty()) scene.run(falsehood.sql);
    falsehood.change(scene.came);
    const Verdict verdict = scene.verdict();
    CHECK_FALSE(verdict.good());
    const auto named = std::ranges::any_of(verdict.differences, [&](const auto& line) { return line.ends_with(falsehood.expected); });
    CHECK_MESSAGE(named, (verdict.differences.empty() ? "nothing" : verdict.differences.front()));
  }
}

TEST_CASE("what is due and held back by nothing is waited for") {
  Scene scene;
  const auto waits = [&] {
    const pqxx::result rows = value(scene.session.ask(std::string(delivery_checks().waits.front())));
    return rows.empty() ? std::string() : rows[0][0].as<std::string>();
  };
  CHECK(waits().empty());
  scene.run("UPDATE weir.delivery_queue SET due_at = now() - interval '1 minute'");
  CHECK(waits() == "1 messages are due");
  scene.run("INSERT INTO weir.rate_limit_buckets (key, paused_until) VALUES ('provider:pusher:default', now() + interval '1 minute')");
  CHECK(waits().empty());
}
