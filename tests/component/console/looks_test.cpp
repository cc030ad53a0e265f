// What the page shows on demand, of rows as the components write them: alerts, deliveries, rollups, and what operators did.
#include "tests/component/console/console_site.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

const std::string kAcme = "11111111-0000-4000-8000-000000000001";
const std::string kUser = "22222222-0000-4000-8000-000000000002";

void fill(Stage& stage) {
  const auto done = stage.sql->script(R"(
INSERT INTO organizations (id, name) VALUES (')" +
                                      kAcme + R"(', 'Acme');
INSERT INTO users (id, organization_id, email, role) VALUES (')" +
                                      kUser + R"(', ')" + kAcme + R"(', 'ada@example.org', 'student');
INSERT INTO alerts (organization_id, kind, severity, value, threshold, message, opened_window, last_window, opened_at, last_seen_at, resolved_at)
SELECT ')" + kAcme + R"(', 'queue_length', severity, 90, 80, 'the queue is long', at, at, at, at, resolved
  FROM (VALUES ('warning', now() - interval '2 hours', now() - interval '1 hour'), ('critical', now() - interval '1 hour', NULL)) a (severity, at, resolved);
WITH made AS (
  INSERT INTO notifications (organization_id, id, user_id, template_key, channel, status, reason, expires_at)
  SELECT ')" + kAcme + R"(', gen_random_uuid(), ')" +
                                      kUser + R"(', 'task.completed', 'email', 'deferred', 'user_limit', now() + interval '1 day'
    FROM generate_series(1, 3)
  RETURNING id, organization_id, created_at, user_id, expires_at
), queued AS (
  INSERT INTO weir.delivery_queue (notification_id, organization_id, created_at, user_id, channel, account, destination, template_key, rank, expires_at, waits_for)
  SELECT id, organization_id, created_at, user_id, 'email', 'email:default', 'ada', 'task.completed', 2, expires_at, 'user:' || organization_id || ':' || user_id
    FROM made
)
INSERT INTO notification_attempts (organization_id, notification_id, attempt, provider, account, outcome, latency_ms, error, finished_at)
SELECT organization_id, id, n, 'sendgrid', 'email:default', 'failed', 120, 'status 500', now()
  FROM (SELECT * FROM made LIMIT 1) m, generate_series(1, 3) n;
INSERT INTO weir.rate_limits (scope, subject, minute_rate) VALUES ('user', ')" +
                                      kUser + R"(', 7);
INSERT INTO weir.rate_limit_buckets (key, minute_full_at, hour_full_at, paused_until)
VALUES ('provider:pusher:33333333-0000-4000-8000-000000000003', 'epoch', 'epoch', now() + interval '1 hour');
SELECT weir.ensure_partition('public.agent_metrics', '2026-11-18 12:00Z');
INSERT INTO agent_metrics (organization_id, agent_id, window_start, total_tasks, completed_tasks, failed_tasks, is_final)
SELECT ')" + kAcme + R"(', gen_random_uuid(), '2026-11-18 12:00Z'::timestamptz + w * interval '5 minutes', 10, 8, 2, w = 0
  FROM generate_series(0, 1) w, generate_series(1, 2))");
  REQUIRE_MESSAGE(done.has_value(), done.error().line());
}

}  // namespace

TEST_CASE("alerts that are open are listed with their organization, and with all=1 those that are over") {
  ConsoleSite site;
  fill(site.stage);
  const std::string open = site.get("/api/alerts");
  CHECK(has(open, "\"organization\":\"Acme\""));
  CHECK(has(open, "\"severity\":\"critical\""));
  CHECK_FALSE(has(open, "\"severity\":\"warning\""));
  CHECK(has(site.get("/api/alerts?all=1"), "\"severity\":\"warning\""));
  CHECK(has(site.get("/api/organizations"), "{\"id\":\"" + kAcme + "\",\"name\":\"Acme\"}"));
  CHECK(has(site.get("/api/snapshot"), R"("alerts":{"critical":1,"warning":0},"notifications":{"waiting":3,"resting_accounts":1})"));
}

TEST_CASE("deliveries are told without naming a receiver: limits, accounts, channels, and why messages wait") {
  ConsoleSite site;
  fill(site.stage);
  const std::string answer = site.get("/api/notifications");
  CHECK(status_of(answer) == 200);
  CHECK(has(answer, R"("scope":"user","subject":"","minute_rate":60,"minute_burst":10,"hour_rate":750,"hour_burst":250)"));
  CHECK(has(answer, R"("scope":"user","subject":"*** 1","minute_rate":7)"));
  CHECK(has(
      answer,
      R"("account":"email:default","state":"fails","until":null,"calls":3,"failed":3,"last_error":"status 500","median_ms":120,"waiting":3)"));
  CHECK(has(answer, R"("account":"pusher:own","state":"waits","until":")"));
  CHECK(has(answer, R"("channel":"email","waiting":3,"due":3)"));
  CHECK(has(answer, R"("reason":"user_limit","channel":"email","messages":3)"));
  CHECK(has(answer, R"("template":"task.completed","status":"deferred","reason":"user_limit","waits_for":"user")"));
  CHECK_FALSE(has(answer, kUser));
  CHECK_FALSE(has(answer, "ada"));
}

TEST_CASE("rollups are a series whose SQL gives the same rows, and a file for a spreadsheet") {
  ConsoleSite site;
  fill(site.stage);
  const std::string range = "&from=2026-11-18T12:00:00Z&to=2026-11-18T13:00:00Z";
  const std::string answer = site.get("/api/series?metric=success_rate" + range);
  CHECK(has(answer, R"(["2026-11-18T12:00:00.000000Z",80,true],["2026-11-18T12:05:00.000000Z",80,false])"));
  CHECK(has(answer, R"("unit":"%")"));
  const std::size_t begin = answer.find("\"sql\":\"") + 7;
  std::string sql = answer.substr(begin, answer.find(";\"", begin) - begin);
  for (std::size_t at = sql.find("\\n"); at != std::string::npos; at = sql.find("\\n")) sql.replace(at, 2, "\n");
  CHECK(site.stage.number("SELECT count(*) FROM (" + sql + ") s WHERE success_rate = 80") == 2);
  CHECK(has(site.get("/api/series?metric=total_tasks&organization=" + kAcme + range), "[\"2026-11-18T12:00:00.000000Z\",20,true]"));
  CHECK(has(site.get("/api/series?organization=44444444-0000-4000-8000-000000000004" + range), "\"rows\":[]"));

  const std::string csv = site.get("/api/series.csv?metric=total_tasks" + range);
  CHECK(has(csv, "Content-Disposition: attachment; filename=\"total_tasks-5m.csv\""));
  CHECK(body_of(csv) == "time,total_tasks,is_final\n2026-11-18T12:00:00.000000Z,20,true\n2026-11-18T12:05:00.000000Z,20,false\n");
  CHECK(status_of(site.get("/api/series?metric=nothing")) == 400);
  CHECK(status_of(site.get("/api/series?level=1h" + range)) == 200);
}

TEST_CASE("what is asked wrongly is refused with a word") {
  const ConsoleSite site(1);
  for (const char* wrong : {"/api/letters?id=x", "/api/letters?from=yesterday", "/api/letters?limit=201", "/api/letters?group=a&group=b",
                            "/api/alerts?all=2", "/api/actions?limit=0", "/api/series?from=x", "/api/letters?x=%zz"}) {
    const std::string answer = site.get(wrong);
    CHECK_MESSAGE(status_of(answer) == 400, wrong);
    CHECK(has(answer, "application/problem+json"));
    CHECK(has(answer, "\"code\":\"bad_request\""));
  }
  for (const char* nowhere : {"/api/nothing", "/api/letters/x", "/api/letters/-1", "/nothing.js"})
    CHECK_MESSAGE(status_of(site.get(nowhere)) == 404, nowhere);
}
