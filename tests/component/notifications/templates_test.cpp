// `weir templates` and `weir notifications test` as an operator runs them.
#include "tests/component/notifications/intake_site.hpp"
#include "tests/component/operations/program.hpp"

using namespace weir;
using namespace weir::notifications;
using testing::run_weir;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

testing::Said operate(const Site& site, const std::vector<std::string>& words) {
  return run_weir(words, {{"WEIR_POSTGRES_DSN", site.dsn + " user=weir_operator"},
                          {"WEIR_CONSUMERS_NOTIFICATIONS_DSN", site.dsn + " user=weir_notifications"}});
}

}  // namespace

TEST_CASE("templates check finds no fault in what ships, and every fault of what others wrote") {
  Site site;
  const auto sound = operate(site, {"templates", "check"});
  CHECK(sound.out == "no template and no rule has a fault\n");
  CHECK(sound.exit_code == 0);
  site.run(R"(
INSERT INTO public.notification_templates (key, channel, body, variables) VALUES
  ('a.b', 'in_app', '{{#name}} without end', '{"properties": {"name": {"type": "string"}}}'),
  ('a.b', 'pusher', 'no JSON', '{}');
INSERT INTO public.notification_rules (key, name, source_topic, condition, template_key, audience, channels) VALUES
  ('wrong', 'w', 't', '{"when": 1}', 'task.created', 'user', '{in_app}'),
  ('lacking', 'l', 't', '{}', 'no.such', 'user', '{email}'))");
  const auto found = operate(site, {"templates", "check"});
  CHECK(found.exit_code == 65);
  CHECK(has(found.err, "template a.b, in_app, en, version 1: body: "));
  CHECK(has(found.err, "template a.b, pusher, en, version 1: body: filled, it is no JSON object: no JSON\n"));
  CHECK(has(found.err, "rule wrong: condition: it may not have the member when\n"));
  CHECK(has(found.err, "rule lacking: there is no template no.such for email\n"));
  CHECK(has(found.err, "4 faults"));
}

TEST_CASE("templates render shows what a channel would get") {
  Site site;
  const auto mail = operate(
      site, {"templates", "render", "task.failed", "--channel", "email", "--variables", R"({"type": "essay", "errorMessage": "<none>"})"});
  CHECK(mail.out == "Task failed\n\n<p>Task essay failed: &lt;none&gt;</p>\n");
  const auto named = operate(site, {"templates", "render", "task.created"});
  CHECK(named.out == "Task created\n\nTask \"type\" & <type> was created\n");
  const auto unknown = operate(site, {"templates", "render", "no.such"});
  CHECK(unknown.exit_code == 65);
  CHECK(has(unknown.err, "there is no usable template no.such for in_app"));
  CHECK(operate(site, {"templates", "render", "task.created", "--channel", "sms"}).exit_code == 64);
  CHECK(operate(site, {"templates", "render", "task.created", "--variables", "[]"}).exit_code == 64);
  CHECK(operate(site, {"templates", "render"}).exit_code == 64);
}

TEST_CASE("notifications test sends a user a message, by the user's preferences, and says what became of it") {
  Site site;
  site.run(fmt::format(
      "INSERT INTO public.notification_preferences (organization_id, user_id, channel, is_enabled) VALUES ('{}', '{}', 'email', false)",
      kOrganization.text(), user(2).text()));
  const auto sent = operate(site, {"notifications", "test", "task.completed", user(2).text(), "--channels", "in_app,email,pusher"});
  CHECK(sent.exit_code == 0);
  CHECK(has(sent.out, "delivered"));
  CHECK(site.messages() ==
        "task.completed email user:ID000000000066 normal suppressed preference\ntask.completed in_app normal delivered\n"
        "task.completed pusher private-user-ID000000000066 normal queued");
  CHECK(operate(site, {"notifications", "test", "no.such", user(2).text()}).exit_code == 65);
  CHECK(operate(site, {"notifications", "test", "task.completed", user(99).text()}).exit_code == 65);
  CHECK(operate(site, {"notifications", "test", "task.completed", "kim"}).exit_code == 64);
  CHECK(operate(site, {"notifications", "test", "task.completed", user(2).text(), "--channels", "sms"}).exit_code == 64);
}
