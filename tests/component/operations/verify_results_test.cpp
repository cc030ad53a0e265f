// weir verify over results and their source rows, as the operator's role: what differs, what a letter explains, and what cannot be said
// yet.
#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "common/postgres/connection.hpp"
#include "common/testing/migrated_database.hpp"
#include "tests/component/operations/program.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace weir;
using testing::run_weir;
using testing::Said;

namespace {

constexpr const char* kOrganization = "5b2c1f0e-8c4d-4f5e-9a1b-2c3d4e5f6a7b";
constexpr const char* kUser = "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f";
constexpr const char* kResponse = "8d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f";

/// A score of a submission that never was, and a topic with one record, of which the group has taken this many.
struct Scene {
  explicit Scene(int taken) : dsn(testing::migrated_database()), prefix(testing::topic_prefix() + "cdc") {
    kafka::Settings kafka;
    kafka.brokers = testing::kafka().bootstrap();
    environment = {{"WEIR_POSTGRES_DSN", testing::postgres().dsn(dsn.substr(dsn.rfind('=') + 1), "weir_operator")},
                   {"WEIR_KAFKA_BROKERS", kafka.brokers},
                   {"WEIR_CONSUMERS_SCORING_TOPIC_PREFIX", prefix}};
    const std::string topic = prefix + ".public.assessment_responses";
    REQUIRE(kafka::Admin::open(kafka).value()->create_topics({{.name = topic, .partitions = 1, .replication = 1, .configuration = {}}}));
    const auto producer = kafka::Producer::open(kafka, {}).value();
    kafka::Message message;
    message.topic = topic;
    message.key = "k";
    message.value = "v";
    REQUIRE(producer->send(message));
    REQUIRE(producer->flush(Seconds{30}));
    run(fmt::format(
        "INSERT INTO public.organizations (id, name) VALUES ('{0}', 'A');"
        "INSERT INTO public.users (id, organization_id, email, role) VALUES ('{2}', '{0}', 'a@b.c', 'student');"
        "INSERT INTO public.assessment_scores (organization_id, response_id, dimension, user_id, assessment_id, instrument_version, "
        "raw_score, submitted_at) VALUES ('{0}', '{1}', 'trust', '{2}', '{1}', 1, 50, now());"
        "INSERT INTO weir.consumer_offsets (group_id, topic, partition, topic_uuid, next_offset) VALUES ('weir.scoring', '{3}', 0, "
        "'00000000-0000-4000-8000-000000000001', {4})",
        kOrganization, kResponse, kUser, topic, taken));
  }
  void run(const std::string& sql) {
    postgres::Settings settings;
    settings.dsn = dsn;
    const auto done = postgres::Connection::open(settings)->script(sql);
    REQUIRE_MESSAGE(done.has_value(), done.error().message);
  }
  /// Of the day to come too: clocks of the tests' services may differ.
  [[nodiscard]] Said verify(std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"verify", "--group", "weir.scoring", "--from", "2026-01-01", "--to", "2999-01-01", "--patience", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return run_weir(words, environment);
  }
  std::string dsn;
  std::string prefix;
  std::map<std::string, std::string> environment;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a row without a source is told with its place, and exit code 65; beside it what the log says") {
  const Scene scene(1);
  const Said said = scene.verify();
  CHECK_MESSAGE(said.exit_code == 65, said.err << said.out);
  CHECK(said.err == "weir verify: 1 places differ\n");
  CHECK(has(said.out, "Rows that are not what their source gives:"));
  CHECK(has(said.out, fmt::format(R"({{"organization_id":"{}","response_id":"{}","dimension":"trust"}})", kOrganization, kResponse)));
  const std::string json = scene.verify({"--json"}).out;
  CHECK(has(json, R"("summary":[)"));
  CHECK(has(json, R"("table":"public.assessment_scores","rows_compared":1,"differs":1,"explained":0,"not_yet":0)"));
  CHECK(has(json, R"("column":"row","stored":"a row","source_gives":"no row","finding":"differs","explained_by":null)"));
  CHECK(run_weir({"verify", "--group", "weir.scoring", "--from", "2026-01-01", "--to", "2026-01-02"}, scene.environment).exit_code == 0);
}

TEST_CASE("what a group has not taken yet is no difference: it says what it waits for") {
  const Scene scene(0);
  const Said said = scene.verify({"--json"});
  CHECK_MESSAGE(said.exit_code == 0, said.err << said.out);
  CHECK(has(said.out, R"("finding":"not_yet")"));
  CHECK(has(said.out, "not yet: weir.scoring has records of " + scene.prefix + ".public.assessment_responses [0] to take, up to offset 1"));
}

TEST_CASE("changes that weir cdc has not published yet are not in the topics: nothing is said of them") {
  const std::string slot = "verified_" + std::to_string(SystemClock().now().time_since_epoch().count());
  Scene scene(1);
  scene.environment["WEIR_CDC_SLOT"] = slot;
  scene.run("SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
  scene.run("CREATE TABLE later ()");  // its place in the log is behind the slot's
  const Said waits = scene.verify({"--json"});
  scene.run("SELECT pg_drop_replication_slot('" + slot + "')");
  CHECK_MESSAGE(waits.exit_code == 0, waits.err << waits.out);
  CHECK(has(waits.out, "not yet: weir cdc has not published all changes of the database (slot " + slot + ")"));
  CHECK(scene.verify().exit_code == 65);
}

TEST_CASE("a letter that names the source row explains the difference, until it is resolved") {
  Scene scene(1);
  scene.run(fmt::format(
      "INSERT INTO weir.outcome_counts (group_id, topic, partition, outcome, reason, n) VALUES ('weir.scoring', 't', 0, 'dead', 'r', 1);"
      "INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, occurred_at, kind, reason, status, value) "
      "VALUES ('weir.scoring', 't', '00000000-0000-4000-8000-000000000001', 0, 0, now(), 'database', 'pg_constraint', 'dead', "
      R"(convert_to('{{"before":{{"id":"{}"}}}}', 'UTF8')))",
      kResponse));
  const Said said = scene.verify();
  CHECK_MESSAGE(said.exit_code == 0, said.err << said.out);
  CHECK(has(said.out, "letter 1: dead, pg_constraint"));
  scene.run("UPDATE weir.dead_letters SET status = 'resolved', resolved_at = now()");
  CHECK(scene.verify().exit_code == 65);
}

TEST_CASE("without a source to compare with, windows are told as not compared") {
  Scene scene(1);
  scene.run(
      "INSERT INTO weir.consumer_offsets (group_id, topic, partition, topic_uuid, next_offset) VALUES ('weir.rollups', 't', 0, "
      "'00000000-0000-4000-8000-000000000001', 1)");
  const Said said = run_weir({"verify", "--group", "weir.rollups"}, scene.environment);
  CHECK_MESSAGE(said.exit_code == 0, said.err << said.out);
  CHECK(has(said.out, "windows: consumers.rollups.sources names no source to compare them with"));
}

TEST_CASE("a message that waits nowhere is told, as the operator's role, which reads no text of it") {
  Scene scene(1);
  scene.run(fmt::format(
      "INSERT INTO weir.consumer_offsets (group_id, topic, partition, topic_uuid, next_offset) VALUES ('weir.notifications', 't', 0, "
      "'00000000-0000-4000-8000-000000000001', 1);"
      "INSERT INTO public.notifications (organization_id, id, user_id, template_key, channel, expires_at) VALUES ('{0}', '{1}', '{2}', "
      "'task.created', 'email', now() + interval '1 day');"
      "INSERT INTO weir.notification_keys (notification_id, organization_id, message_created_at) SELECT id, organization_id, created_at "
      "FROM public.notifications",
      kOrganization, kResponse, kUser));
  const Said said = run_weir({"verify", "--group", "weir.notifications", "--from", "2026-01-01", "--to", "2999-01-01"}, scene.environment);
  CHECK_MESSAGE(said.exit_code == 65, said.err << said.out);
  CHECK(has(said.out, fmt::format(R"({{"id":"{}"}}  status  queued  not in weir.delivery_queue)", kResponse)));
}
