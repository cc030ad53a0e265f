// weir limits, and weir notifications list, show, why, cancel and resend, as the role of operators.
#include "tests/component/notifications/queue_site.hpp"
#include "tests/component/operations/program.hpp"

#include <sstream>

using namespace weir;
using namespace weir::notifications;
using testing::run_weir;
using testing::Said;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Said as_operator(const QueueSite& site, const std::vector<std::string>& words) {
  Said said = run_weir(words, {{"WEIR_POSTGRES_DSN", site.dsn + " user=weir_operator"}});
  INFO(said.err);
  CHECK(said.exit_code == 0);
  return said;
}

std::string a_user(QueueSite& site) { return site.value("SELECT pg_temp.an_id(1001)"); }

}  // namespace

TEST_CASE("limits are shown and set with a reason, and hold from then on") {
  QueueSite site;
  CHECK(has(as_operator(site, {"limits", "show"}).out, "channel"));
  as_operator(site, {"limits", "set", "user", "--minute", "6", "--minute-burst", "2", "--why", "a test", "--by", "kim"});
  CHECK(site.value("SELECT concat_ws(' ', minute_rate, minute_burst, hour_rate, hour_burst) FROM weir.rate_limits WHERE scope = 'user'") ==
        "6 2 0 0");
  CHECK(site.value("SELECT concat_ws(' ', acted_by, command, filter ->> 'scope', why) FROM weir.operator_actions") ==
        "kim limits set user a test");
  CHECK(run_weir({"limits", "set", "room", "--why", "x"}, {{"WEIR_POSTGRES_DSN", site.dsn}}).exit_code == 64);
  site.add({.count = 5});
  Worker worker(site);
  CHECK(worker.claim(10).jobs.size() == 2);
  const std::string said = as_operator(site, {"limits", "explain", a_user(site), "--json"}).out;
  CHECK(has(said, R"("bucket":"user:)"));
  CHECK(has(said, R"("minute_tokens":0)"));
  CHECK(has(said, R"("waiting":3)"));
}

TEST_CASE("a message is listed, shown with its attempts, and explained") {
  QueueSite site;
  site.add({.count = 12});
  site.run("UPDATE public.notifications SET cause = 'event-7'");
  site.run("INSERT INTO weir.notification_keys SELECT id, now(), organization_id, created_at, 'event-7' FROM public.notifications");
  Worker worker(site);
  worker.accept(worker.claim(20));
  CHECK(has(as_operator(site, {"notifications", "list", "--status", "sent", "--json"}).out, R"("status":"sent")"));
  const std::string sent = site.value("SELECT id FROM public.notifications WHERE status = 'sent' LIMIT 1");
  CHECK(has(as_operator(site, {"notifications", "show", sent}).out, "accepted"));
  for (const std::string& subject : {std::string("event-7"), a_user(site)}) {
    const std::string said = as_operator(site, {"notifications", "why", subject}).out;
    CHECK(has(said, "user_limit"));
    CHECK(has(said, "event-7"));
    CHECK(has(said, "user:"));
  }
  CHECK(run_weir({"notifications", "why", "event-8"}, {{"WEIR_POSTGRES_DSN", site.dsn}}).exit_code == 65);
}

TEST_CASE("what waits is cancelled, what is being sent is not; what is dead is sent again, spaced, and both are kept with their reason") {
  QueueSite site;
  site.add({.user = 1, .count = 3});
  Worker worker(site);
  Claimed claimed = worker.claim(1);
  const std::string under_way = claimed.jobs.front().id.text();
  const std::string waits = site.value("SELECT id FROM public.notifications WHERE status = 'queued' LIMIT 1");
  CHECK(has(as_operator(site, {"notifications", "cancel", under_way, waits, "--why", "w"}).out, "1 of 2 cancelled"));
  CHECK(site.value("SELECT status || ' ' || reason FROM public.notifications WHERE id = '" + waits + "'") == "cancelled operator");
  std::vector<Report> reports;
  reports.push_back(Worker::report_of(std::move(claimed.jobs.front()), delivery::Refused{"answered 400"}));
  worker.report(std::move(reports));
  worker.accept(worker.claim(10));
  CHECK(site.statuses() == "cancelled 1, dead 1, sent 1");
  CHECK(has(as_operator(site, {"notifications", "resend", "--dead", "--channel", "pusher", "--dry-run"}).out, "1 would be sent again"));
  CHECK(has(as_operator(site, {"notifications", "resend", "--dead", "--channel", "email", "--why", "w"}).out, "0 are sent again"));
  as_operator(site, {"notifications", "resend", "--dead", "--why", "the key was wrong"});
  as_operator(site, {"notifications", "resend", waits, "--why", "a mistake"});
  worker.accept(worker.claim(10));
  CHECK(site.statuses() == "sent 3");
  CHECK(site.value("SELECT count(*) FROM weir.operator_actions WHERE command LIKE 'notifications %'") == "4");
}

TEST_CASE("messages are asked for by words that messages have") {
  QueueSite site;
  const std::map<std::string, std::string> environment{{"WEIR_POSTGRES_DSN", site.dsn}};
  const auto status = run_weir({"notifications", "list", "--status", "failde"}, environment);
  CHECK(status.exit_code == 64);
  CHECK(has(status.err, "--status failde: is none of queued, deferred,"));
  const auto channel = run_weir({"notifications", "resend", "--dead", "--channel", "emial", "--dry-run"}, environment);
  CHECK(channel.exit_code == 64);
  CHECK(has(channel.err, "--channel emial: is no channel"));
  // Those that the table allows, and no others.
  std::istringstream words(site.value(
      "SELECT string_agg(quoted[1], ' ') FROM pg_constraint, regexp_matches(pg_get_constraintdef(oid), $r$'([a-z_]+)'$r$, 'g') quoted "
      "WHERE conname = 'notifications_status_check' AND conrelid = 'public.notifications'::regclass"));
  std::size_t statuses = 0;
  for (std::string word; words >> word; ++statuses) CHECK(as_operator(site, {"notifications", "list", "--status", word}).exit_code == 0);
  CHECK(statuses == 13);
}
