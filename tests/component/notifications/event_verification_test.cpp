// Events in the log compared with the messages that rules make of them, by the program itself as the operator's role: an event of which
// no message was made is found with its place.
#include "consumers/notifications/event_verification.hpp"

#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "tests/component/notifications/intake_site.hpp"
#include "tests/component/operations/program.hpp"

using namespace weir;
using namespace weir::notifications;

namespace {

/// A task of the second user, whose record the group has taken.
struct Taken {
  Taken() {
    kafka::Settings kafka;
    kafka.brokers = testing::kafka().bootstrap();
    const auto admin = must(kafka::Admin::open(kafka));
    must(admin->create_topics({{.name = topic, .partitions = 1, .replication = 1, .configuration = {}}}));
    record = site.change("agent_executions", id(1'001),
                         fmt::format("INSERT INTO public.agent_executions (id, organization_id, agent_id, user_id, task_type) VALUES "
                                     "('{}', '{}', '{}', '{}', 'essay')",
                                     id(1'001).text(), kOrganization.text(), id(50).text(), user(2).text()));
    const auto producer = must(kafka::Producer::open(kafka, {}));
    kafka::Message message;
    message.topic = topic;
    message.key = "{}";
    message.value = record;
    must(producer->send(message));
    must(producer->flush(Seconds{30}));
    const std::string topic_id = must(admin->describe_topics({topic})).front().id.text();
    site.run(fmt::format(
        "ALTER TABLE public.notification_rules DISABLE TRIGGER USER; UPDATE public.notification_rules SET updated_at = '2020-01-01Z';"
        "ALTER TABLE public.notification_rules ENABLE TRIGGER USER;"
        "INSERT INTO weir.position_marks (group_id, topic, topic_uuid, partition, marked_at, next_offset, counts) VALUES "
        "('weir.notifications', '{0}', '{1}', 0, now() - interval '1 hour', 0, '{{}}');"
        "INSERT INTO weir.consumer_offsets (group_id, topic, partition, topic_uuid, next_offset) VALUES ('weir.notifications', '{0}', 0, "
        "'{1}', 1);"
        "INSERT INTO weir.outcome_counts (group_id, topic, partition, outcome, reason, n) VALUES ('weir.notifications', '{0}', 0, 'done', "
        "'', 1)",
        topic, topic_id));
  }

  [[nodiscard]] testing::Said verify(const std::string& from = "2026-01-01", const std::string& to = "2999-01-01") const {
    return testing::run_weir({"verify", "--group", "weir.notifications", "--from", from, "--to", to, "--patience", "1", "--json"},
                             {{"WEIR_POSTGRES_DSN", site.dsn + " user=weir_operator"},
                              {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()},
                              {"WEIR_CONSUMERS_NOTIFICATIONS_TOPIC_PREFIX", prefix}});
  }

  Site site;
  std::string prefix = testing::topic_prefix() + "cdc";
  std::string topic = prefix + ".public.agent_executions";
  std::string record;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("an event of which no message was made is found in the log, with its rule, until the message is there") {
  Taken here;
  const auto lost = here.verify();
  CHECK_MESSAGE(lost.exit_code == 65, lost.err << lost.out);
  CHECK(lost.err == "weir verify: 1 places differ\n");
  CHECK(has(lost.out,
            fmt::format(R"("table":"{}","key":"{{\"partition\":0,\"offset\":0}}","column":"message","stored":"none",)", here.topic)));
  CHECK(has(lost.out, R"("source_gives":"by rule task.created","finding":"differs")"));
  CHECK(here.verify("2026-01-01", "2026-01-02").exit_code == 0);  // of another period
  Worker worker(here.site);
  CHECK(worker.apply(here.site.event_of("agent_executions", here.record)) == "done");
  const auto made = here.verify();
  CHECK_MESSAGE(made.exit_code == 0, made.err << made.out);
  CHECK(has(made.out, fmt::format(R"("table":"{}","rows_compared":1,)", here.topic)));
}

TEST_CASE(
    "an event whose message nobody can miss is not asked of: one with a letter, of a user who is gone, or by a rule that has changed") {
  Taken here;
  REQUIRE(here.verify().exit_code == 65);
  here.site.run(
      "INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, occurred_at, kind, reason, status) "
      "SELECT group_id, topic, topic_uuid, 0, 0, now(), 'rule', 'r', 'dead' FROM weir.consumer_offsets;"
      "UPDATE weir.outcome_counts SET outcome = 'dead', reason = 'r'");
  const auto letter = here.verify();
  CHECK_MESSAGE(letter.exit_code == 0, letter.err << letter.out);
  here.site.run("DELETE FROM weir.dead_letters");
  CHECK(here.verify().exit_code == 65);
  here.site.run("UPDATE public.users SET deleted_at = now() WHERE id = '" + user(2).text() + "'");
  CHECK(here.verify().exit_code == 0);
  here.site.run("UPDATE public.users SET deleted_at = NULL WHERE id = '" + user(2).text() + "'");
  CHECK(here.verify().exit_code == 65);
  here.site.run("UPDATE public.notification_rules SET priority = 'normal' WHERE key = 'task.created'");
  CHECK(here.verify().exit_code == 0);
}
