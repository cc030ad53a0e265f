// Events in, messages out: each line of the table of docs/notifications.md, by the rules that ship.
#include "tests/component/notifications/intake_site.hpp"

using namespace weir;
using namespace weir::notifications;

namespace {

std::string both(const std::string& key, const std::string& priority, int of_user = 2) {
  return fmt::format("{0} in_app {1} delivered\n{0} pusher private-user-ID{2:012x} {1} queued", key, priority, 100 + of_user);
}

std::string body(Site& site, const std::string& key, const std::string& channel = "pusher") {
  return site.value("SELECT body FROM public.notifications WHERE template_key = '" + key + "' AND channel = '" + channel + "'");
}

}  // namespace

TEST_CASE("a task tells its user when it is created, runs, goes on, is done, fails and is cancelled") {
  Site site;
  Worker worker(site);
  CHECK(worker.apply(site.task(1)) == "done");
  CHECK(site.messages() == both("task.created", "low"));
  CHECK(worker.apply(site.set_task(1, "status = 'running', started_at = '2026-11-28 11:59:00Z'")) == "done");
  CHECK(site.messages("task.started") == both("task.started", "normal"));
  CHECK(body(site, "task.started") ==
        R"({"taskId":"00000000-0000-4000-8000-0000000003e9","type":"essay","agentType":"writer","status":"running",)"
        R"("startedAt":"2026-11-28T11:59:00.000000Z","message":"Task essay is now running"})");
  CHECK(worker.apply(site.set_task(1, "progress = 20")) == "no_rule");
  CHECK(worker.apply(site.set_task(1, "progress = 30")) == "done");
  CHECK(site.messages("task.progress") == both("task.progress", "low"));
  CHECK(worker.apply(site.set_task(
            1, "status = 'completed', execution_time_ms = 3500, quality_score = 0.75, output = '{\"text\": \"…\"}'")) == "done");
  CHECK(site.messages("task.completed") == both("task.completed", "normal"));
  CHECK(body(site, "task.completed") ==
        R"({"taskId":"00000000-0000-4000-8000-0000000003e9","type":"essay","agentType":"writer","executionTime":3.5,)"
        R"("qualityScore":0.75,"message":"Task essay completed successfully"})");
  CHECK(body(site, "task.completed", "in_app") == "Task essay completed successfully");
  // What the agent made goes to in_app alone.
  CHECK(
      site.value("SELECT variables ->> 'output' FROM public.notifications WHERE template_key = 'task.completed' AND channel = 'in_app'") ==
      R"({"text":"…"})");
  CHECK(site.count("template_key = 'task.completed' AND channel = 'pusher' AND variables ->> 'output' IS NOT NULL") == "0");
}

TEST_CASE("a task that fails says why, and one that is cancelled or deleted before its end says so once") {
  Site site;
  Worker worker(site);
  for (int n = 1; n <= 4; ++n) site.task(n);
  CHECK(worker.apply(site.set_task(1, "status = 'failed', error_message = 'no \"model\"'")) == "done");
  CHECK(site.messages("task.failed") == both("task.failed", "high"));
  CHECK(body(site, "task.failed").ends_with(R"("errorMessage":"no \"model\"","message":"Task essay failed: no \"model\""})"));
  CHECK(worker.apply(site.set_task(2, "status = 'cancelled'")) == "done");
  CHECK(site.messages("task.cancelled") == both("task.cancelled", "normal"));
  const auto remove = [&](int n) {
    return site.changed("agent_executions", id(1'000 + n), "DELETE FROM public.agent_executions WHERE id = '" + id(1'000 + n).text() + "'");
  };
  CHECK(worker.apply(remove(3)) == "done");
  CHECK(site.count("template_key = 'task.cancelled'") == "4");
  CHECK(worker.apply(remove(1)) == "no_rule");  // it had ended
  CHECK(worker.apply(site.set_task(4, "updated_at = now()")) == "no_rule");
}

TEST_CASE("a score, an achievement, an insight and a file tell their user") {
  Site site;
  Worker worker(site);
  const auto made = [&](const std::string& table, const std::string& after) {
    return worker.apply(site.event_of(table, site.record_of(table, 'c', "null", after)));
  };
  const std::string whose = fmt::format(R"("organization_id": "{}", "user_id": "{}")", kOrganization.text(), user(2).text());
  const auto score = [&](const std::string& dimension) {
    return fmt::format(R"({{{}, "response_id": "{}", "dimension": "{}", "assessment_id": "{}", "submitted_at": "2026-11-28T10:00:00Z"}})",
                       whose, id(7).text(), dimension, id(8).text());
  };
  CHECK(made("assessment_scores", score("calm")) == "no_rule");
  CHECK(made("assessment_scores", score("composite")) == "done");
  CHECK(made("assessment_scores", score("composite")) == "duplicate");  // scored anew
  CHECK(site.messages("assessment") == both("assessment.scored", "normal"));
  site.run("INSERT INTO public.achievements (id, key, name, condition, points) VALUES ('" + id(9).text() +
           "', 'first', 'First steps', '{\"points\": 1}', 5)");
  const std::string unlocked = fmt::format(R"({{{}, "achievement_id": "{}", "unlocked_at": "2026-11-28T10:00:00Z"}})", whose, id(9).text());
  CHECK(made("achievements_unlocked", unlocked) == "done");
  CHECK(made("achievements_unlocked", unlocked) == "duplicate");
  CHECK(site.messages("achievement") == both("achievement.unlocked", "low"));
  CHECK(body(site, "achievement.unlocked", "in_app") == "You have unlocked an achievement: First steps");
  const auto insight = [&](const char* audience) {
    return fmt::format(R"({{{}, "id": "{}", "kind": "pattern", "audience": "{}"}})", whose, Uuid::random().text(), audience);
  };
  CHECK(made("insights", insight("user")) == "done");
  CHECK(made("insights", insight("teacher")) == "no_rule");  // it is about the user, and not for the user
  CHECK(site.messages("insight") == both("insight.ready", "normal"));
}

TEST_CASE("a file tells who uploaded it that it can be used, or that it cannot") {
  Site site;
  Worker worker(site);
  site.run(fmt::format(R"(
INSERT INTO public.files (id, organization_id, uploaded_by, filename, original_filename, bucket_name, storage_path, file_size)
VALUES ('{}', '{}', '{}', 'f', 'Homework.pdf', 'b', 'p', 10))",
                       id(60).text(), kOrganization.text(), user(2).text()));
  const auto set = [&](const char* status) {
    return site.changed("files", id(60), fmt::format("UPDATE public.files SET status = '{}' WHERE id = '{}'", status, id(60).text()));
  };
  CHECK(worker.apply(set("scanning")) == "no_rule");
  CHECK(worker.apply(set("available")) == "done");
  CHECK(site.messages("file.processed") == both("file.processed", "normal"));
  CHECK(body(site, "file.processed", "in_app") == "Your file Homework.pdf has been processed");
  CHECK(worker.apply(set("quarantined")) == "done");
  CHECK(site.messages("file.quarantined") == both("file.quarantined", "high"));
}

TEST_CASE("an alert goes to the organization's room, to its Slack where that is set, and by mail to its admins; each state once") {
  Site site;
  Worker worker(site);
  const auto act = [&](const std::string& sql) { return worker.apply(site.changed("alerts", id(70), sql)); };
  const auto lines = [](const std::string& key, const std::string& priority) {
    return fmt::format(
        "{0} dashboard {1} delivered\n{0} email user:ID000000000065 {1} queued\n{0} pusher private-organization-ORG-alerts {1} queued", key,
        priority);
  };
  CHECK(act(fmt::format(R"(
INSERT INTO public.alerts (id, organization_id, kind, severity, message, opened_window, last_window, opened_at, last_seen_at)
VALUES ('{}', '{}', 'success_rate', 'warning', 'is low', now(), now(), now(), now()))",
                        id(70).text(), kOrganization.text())) == "done");
  CHECK(site.messages() == lines("alert.warning", "high"));
  CHECK(act("UPDATE public.alerts SET value = 0.5") == "no_rule");
  CHECK(act("UPDATE public.alerts SET severity = 'critical', escalated_at = now()") == "done");
  CHECK(site.messages("alert.critical") == lines("alert.critical", "critical"));
  site.run(fmt::format(R"(
INSERT INTO public.notification_destinations (organization_id, channel, address_encrypted)
VALUES ('{}', 'slack', '\x77650101' || decode(repeat('00', 60), 'hex')))",
                       kOrganization.text()));
  CHECK(act("UPDATE public.alerts SET resolved_at = now()") == "done");
  CHECK(site.count("template_key = 'alert.resolved'") == "4");
  CHECK(site.count("template_key = 'alert.resolved' AND channel = 'slack' AND destination_id IS NOT NULL") == "1");
  CHECK(site.value("SELECT body FROM public.notifications WHERE template_key = 'alert.critical' AND channel = 'email'") ==
        "<p>Critical: success_rate is low</p>");
}

TEST_CASE("an application asks for a message by template, channels and user") {
  Site site;
  Worker worker(site);
  CHECK(worker.apply(site.request("task.failed", {Channel::kInApp, Channel::kEmail}, 3, 1,
                                  R"({"type": "draft", "errorMessage": "<late>"})")) == "done");
  CHECK(site.messages() == "task.failed email user:ID000000000067 normal queued\ntask.failed in_app normal delivered");
  CHECK(body(site, "task.failed", "email") == "<p>Task draft failed: &lt;late&gt;</p>");
  CHECK(worker.apply(site.request("task.failed", {Channel::kInApp}, 3, 1)) == "duplicate");
  CHECK(worker.apply(site.request("no.such", {Channel::kInApp}, 3, 2)) == "dead unknown_template");
  CHECK(worker.apply(site.request("task.failed", {Channel::kInApp}, 99, 3)) == "parked user_missing");
}

TEST_CASE("an event that comes after its message's time to live is expired at intake, and says so") {
  Site site;
  Worker worker(site);
  const Event late = site.task(1);
  site.now += std::chrono::hours{25};
  CHECK(worker.apply(late) == "done");
  CHECK(site.messages() ==
        "task.created in_app low expired time_to_live\ntask.created pusher private-user-ID000000000066 low expired time_to_live");
  CHECK(site.value("SELECT count(*) FROM weir.delivery_queue") == "0");
}

TEST_CASE("a task of nobody, or of a user who is gone, makes no message") {
  Site site;
  Worker worker(site);
  const Event of_nobody = site.task(1, 2, "; UPDATE public.agent_executions SET user_id = NULL");
  CHECK(worker.apply(of_nobody) == "no_receiver");
  const Event of_deleted = site.task(2, 3);
  site.run("UPDATE public.users SET deleted_at = now() WHERE id = '" + user(3).text() + "'");
  CHECK(worker.apply(of_deleted) == "no_receiver");
  CHECK(site.count() == "0");
}

TEST_CASE("the row in the queue says all that a deliverer needs") {
  Site site;
  Worker worker(site);
  worker.apply(site.task(1));
  CHECK(site.value(fmt::format(R"(
SELECT concat_ws(' ', q.channel, q.account, q.destination = 'private-user-{}', q.destination_id, q.template_key, q.rank, q.attempt, q.claim,
                 q.created_at = n.created_at, q.due_at = '2026-11-28 12:00Z', q.expires_at = '2026-11-29 12:00Z', q.holds_in_doubt)
  FROM weir.delivery_queue q
  JOIN public.notifications n ON n.id = q.notification_id)",
                               user(2).text())) == "pusher pusher:default t task.created 3 0 0 t t t f");
  CHECK(site.value(R"(
SELECT count(*)
  FROM weir.notification_keys k
  JOIN public.notifications n ON n.id = k.notification_id AND n.organization_id = k.organization_id AND n.created_at = k.message_created_at
                             AND n.cause = k.cause)") == "2");
}
