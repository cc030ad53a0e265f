// Each message once, over real Kafka and Postgres: events that come twice, at once, and to processes that are killed.
#include "tests/component/notifications/process_site.hpp"

#include "common/core/await.hpp"
#include "tests/component/operations/program.hpp"

#include <thread>

using namespace weir;
using namespace weir::notifications;

namespace {

constexpr int kFollowers = 50;
constexpr int kEvents = 200;
constexpr Milliseconds kPatience{120'000};

/// Fifty followers of an agent get a message over three channels of each of its tasks.
void follow(Site& site) {
  site.run(fmt::format(R"(
UPDATE public.notification_rules SET is_active = false;
INSERT INTO public.notification_rules (name, source_topic, condition, template_key, audience, subject_type, subject_column, channels)
VALUES ('followed', 'public.agent_executions', '{{"operation": "insert"}}', 'task.created', 'followers', 'agent', 'agent_id', '{{in_app,pusher,email}}');
INSERT INTO public.notification_subscriptions (organization_id, user_id, subject_type, subject_id)
SELECT organization_id, id, 'agent', '{}' FROM public.users ORDER BY id LIMIT {})",
                       id(50).text(), kFollowers));
}

class Processes : public ProcessSite {
 public:
  Processes() : ProcessSite(4) {}

  supervise::Process start(const std::string& name) const {
    return ProcessSite::start({"notifications"}, name + ".log",
                              {{"WEIR_CONSUMERS_NOTIFICATIONS_SESSION_TIMEOUT", "6s"}, {"WEIR_CONSUMERS_NOTIFICATIONS_MAX_RECORDS", "20"}});
  }
  /// The first 200 characters of a record name its row, so that changes of one row stay in order and those of others go to other
  /// partitions.
  void tell(const std::string& table, const std::string& record) { ProcessSite::tell(table, record, record.substr(0, 200)); }
  void request(const std::string& key, const std::string& record) { send(actions, key, record); }

  void await_ended(int records) {
    INFO(testing::content(folder / "first.log"));
    INFO(testing::content(folder / "second.log"));
    REQUIRE(await(kPatience, [&] {
      return site.value(fmt::format("SELECT coalesce(sum(n), 0) >= {} FROM weir.outcome_counts WHERE group_id = 'weir.notifications'",
                                    records)) == "t";
    }));
  }
};

}  // namespace

TEST_CASE(
    "three channels and fifty followers of an event make 150 messages, each once, though the event comes twice and a process is killed") {
  Processes here;
  Site& site = here.site;
  follow(site);
  std::vector<std::string> records;
  for (int n = 0; n < kEvents; ++n) {
    records.push_back(
        site.record_of("agent_executions", 'c', "null",
                       fmt::format(R"({{"id": "{}", "organization_id": "{}", "agent_id": "{}", "task_type": "essay", "status": "queued"}})",
                                   id(2'000 + n).text(), kOrganization.text(), id(50).text())));
  }
  auto first = here.start("first");
  auto second = here.start("second");
  for (int n = 0; n < kEvents / 2; ++n) here.tell("agent_executions", records[static_cast<std::size_t>(n)]);
  here.flush();
  here.await_ended(kEvents / 4);
  first.kill();
  for (int n = kEvents / 2; n < kEvents; ++n) here.tell("agent_executions", records[static_cast<std::size_t>(n)]);
  for (const std::string& record : records) here.tell("agent_executions", record);  // all of them again
  here.flush();
  first = here.start("first");
  here.await_ended(2 * kEvents);
  CHECK(site.value("SELECT count(*) || ' ' || count(DISTINCT id) FROM public.notifications") ==
        fmt::format("{0} {0}", kEvents * kFollowers * 3));
  CHECK(site.value("SELECT count(DISTINCT n) || ' ' || min(n) FROM (SELECT count(*) AS n FROM public.notifications GROUP BY cause) c") ==
        "1 150");
  CHECK(site.value("SELECT count(*) FROM weir.delivery_queue") == std::to_string(kEvents * kFollowers * 2));
  CHECK(site.value("SELECT sum(n) FROM weir.outcome_counts WHERE group_id = 'weir.notifications' AND outcome = 'done'") ==
        std::to_string(kEvents));
  CHECK(first.stop(kPatience).ok());
  CHECK(second.stop(kPatience).ok());
}

TEST_CASE("rows of a snapshot and an emptied table send nothing") {
  Processes here;
  Site& site = here.site;
  const std::string row =
      fmt::format(R"({{"id": "{}", "organization_id": "{}", "agent_id": "{}", "user_id": "{}", "task_type": "essay", "status": "queued"}})",
                  id(2'000).text(), kOrganization.text(), id(50).text(), user(2).text());
  here.tell("agent_executions", site.record_of("agent_executions", 'r', "null", row));
  here.tell("agent_executions", site.record_of("agent_executions", 't', "null", "null"));
  here.tell("agent_executions", site.record_of("agent_executions", 'c', "null", row));
  here.flush();
  auto process = here.start("first");
  here.await_ended(3);
  CHECK(site.count() == "2");
  CHECK(site.value("SELECT string_agg(concat_ws(' ', outcome, reason, n), ', ' ORDER BY outcome, reason) FROM weir.outcome_counts WHERE "
                   "group_id = 'weir.notifications'") == "done  1, skipped snapshot 1, skipped truncate 1");
  CHECK(process.stop(kPatience).ok());
}

TEST_CASE("a thousand equal requests at two processes make one message") {
  Processes here;
  const std::string record = fmt::format(
      R"({{"specversion":"1.0","id":"same","source":"/app","type":"notification.requested","subject":"s","time":"{}","organizationid":"{}","datacontenttype":"application/json","data":{{"template":"task.failed","channels":["in_app"],"user_id":"{}"}}}})",
      format_instant(here.site.now), kOrganization.text(), user(2).text());
  auto first = here.start("first");
  auto second = here.start("second");
  for (int n = 0; n < 1'000; ++n) here.request(std::to_string(n), record);
  here.flush();
  here.await_ended(1'000);
  CHECK(here.site.messages() == "task.failed in_app normal delivered");
  CHECK(here.site.value("SELECT sum(n) FROM weir.outcome_counts WHERE group_id = 'weir.notifications' AND reason = 'duplicate'") == "999");
  CHECK(first.stop(kPatience).ok());
  CHECK(second.stop(kPatience).ok());
}

TEST_CASE("equal messages of two transactions at once: the later waits, and skips the repeat") {
  Site site;
  Worker first(site);
  Worker second(site);
  const Event event = site.task(1);
  CHECK(first.begin_apply({event, event}) == std::vector<std::string>{"done", "duplicate"});
  std::string end;
  std::thread beside([&] { end = second.apply(event); });
  auto watcher = connect(site.dsn);
  CHECK(await(Milliseconds{20'000}, [&] {
    return must(watcher.script("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")).size() >= 1;
  }));
  first.commit();
  beside.join();
  CHECK(end == "duplicate");
  CHECK(site.count() == "2");
}

TEST_CASE("a batch of more events than are taken at once is taken whole, and repeats are known across its slices") {
  Site site;
  Worker worker(site);
  Events events;
  for (int n = 0; n < 1'001; ++n) {
    const std::string row = fmt::format(
        R"({{"id": "{}", "organization_id": "{}", "agent_id": "{}", "user_id": "{}", "task_type": "essay", "status": "queued"}})",
        id(2'000 + n).text(), kOrganization.text(), id(50).text(), user(2 + n % 50).text());
    events.push_back(site.event_of("agent_executions", site.record_of("agent_executions", 'c', "null", row)));
  }
  events.push_back(events.front());
  const auto ends = worker.apply(events);
  REQUIRE(ends.size() == 1'002);
  CHECK(std::count(ends.begin(), ends.end(), "done") == 1'001);
  CHECK(ends.back() == "duplicate");
  CHECK(site.count() == "2002");
}

TEST_CASE("what is rolled back leaves nothing, and the event makes its messages the next time") {
  Site site;
  Worker worker(site);
  const Event event = site.task(1);
  worker.begin_apply({event});
  worker.roll_back();
  CHECK(site.count() == "0");
  CHECK(worker.apply(event) == "done");
  CHECK(site.count() == "2");
}

TEST_CASE("a group that an operator moves back tells nobody twice, and reads no callbacks again") {
  Processes here;
  Site& site = here.site;
  follow(site);
  const auto operate = [&](std::vector<std::string> words) {
    return testing::run_weir(words, {{"WEIR_POSTGRES_DSN", site.dsn + " user=weir_operator"},
                                     {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()},
                                     {"WEIR_CONSUMERS_NOTIFICATIONS_CALLBACKS_TOPIC", here.callbacks}});
  };
  const std::string messages = "SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || max(created_at) FROM public.notifications";
  const std::string ended = "SELECT coalesce(sum(n), 0) FROM weir.outcome_counts WHERE outcome = 'skipped' AND reason = 'duplicate'";
  auto process = here.start("first");
  for (int n = 0; n < 20; ++n) here.tell_task(n);
  here.await_ended(20);
  const std::string before = site.value(messages);
  CHECK(process.stop(kPatience).ok());
  const auto callbacks = operate({"offsets", "reset", "weir.notifications", "--topic", here.callbacks, "--to", "begin", "--why", "INC-1"});
  CHECK(callbacks.exit_code == 65);
  CHECK(callbacks.err.find("must not read " + here.callbacks + " again") != std::string::npos);
  const auto moved = operate({"offsets", "reset", "weir.notifications", "--to", "begin", "--why", "INC-1"});
  REQUIRE_MESSAGE(moved.exit_code == 0, moved.err);
  process = here.start("second");
  here.await_ended(40);
  CHECK(site.value(ended) == "20");
  CHECK(site.value(messages) == before);
  CHECK(process.stop(kPatience).ok());
}

TEST_CASE("records that are older than ids of messages are kept are not read again") {
  Processes here;
  Site& site = here.site;
  const auto operate = [&](std::vector<std::string> words) {
    return testing::run_weir(
        words, {{"WEIR_POSTGRES_DSN", site.dsn + " user=weir_operator"}, {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()}});
  };
  site.now -= std::chrono::hours{24 * 36};
  here.request("k", "{}");
  here.flush();
  auto process = here.start("first");
  here.await_ended(1);
  CHECK(process.stop(kPatience).ok());
  const auto late = operate({"offsets", "reset", "weir.notifications", "--to", "begin", "--why", "INC-1"});
  CHECK(late.exit_code == 65);
  CHECK(late.err.find("tells repetitions apart back to") != std::string::npos);
  for (const char* group : {"weir.rollups", "weir.insights"}) {
    const auto refused = operate({"offsets", "reset", group, "--to", "begin", "--why", "INC-1"});
    CHECK(refused.exit_code == 65);
    CHECK(refused.err.find(group == std::string("weir.rollups") ? "weir rollups recompute" : "weir insights preview") != std::string::npos);
  }
  CHECK(operate({"offsets", "reset", "other", "--to", "begin", "--why", "x"}).exit_code == 64);
  CHECK(operate({"offsets", "reset", "weir.scoring", "--why", "x"}).exit_code == 64);
  CHECK(operate({"offsets", "reset", "weir.scoring", "--to", "7", "--why", "x"}).exit_code == 64);
  CHECK(operate({"offsets", "reset", "weir.scoring", "--to", "end", "--why", "x"}).exit_code == 64);
}
