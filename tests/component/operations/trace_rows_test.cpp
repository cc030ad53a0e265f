// weir trace from a record on to the rows that groups made of it, and from such a row back to its record, as the operator's role.
#include "common/events/action_id.hpp"
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

constexpr Seconds kSoon{30};
constexpr const char* kOrganization = "5b2c1f0e-8c4d-4f5e-9a1b-2c3d4e5f6a7b";
constexpr const char* kOther = "6b2c1f0e-8c4d-4f5e-9a1b-2c3d4e5f6a7b";
constexpr const char* kUser = "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f";
constexpr const char* kResponse = "8d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f";
constexpr const char* kMessage = "9d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f";
constexpr const char* kInsight = "ad0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f";

using Headers = std::vector<std::pair<std::string_view, std::string_view>>;

/// A log and a database in which groups have passed every record.
struct Scene {
  Scene() : dsn(testing::migrated_database()), prefix(testing::topic_prefix() + "cdc"), actions(testing::topic_prefix() + "actions") {
    kafka.brokers = testing::kafka().bootstrap();
    environment = {{"WEIR_POSTGRES_DSN", testing::postgres().dsn(dsn.substr(dsn.rfind('=') + 1), "weir_operator")},
                   {"WEIR_KAFKA_BROKERS", kafka.brokers},
                   {"WEIR_CDC_TOPIC_PREFIX", prefix},
                   {"WEIR_CONSUMERS_SCORING_TOPIC_PREFIX", prefix},
                   {"WEIR_CONSUMERS_INSIGHTS_TOPIC_PREFIX", prefix},
                   {"WEIR_CONSUMERS_NOTIFICATIONS_TOPIC_PREFIX", prefix},
                   {"WEIR_CONSUMERS_NOTIFICATIONS_ACTIONS_TOPIC", actions},
                   {"WEIR_CONSUMERS_ROLLUPS_ACTIONS_TOPIC", actions},
                   {"WEIR_CONSUMERS_INSIGHTS_ACTIONS_TOPIC", actions}};
    run(
        fmt::format("INSERT INTO public.organizations (id, name) VALUES ('{0}', 'A'), ('{1}', 'B');"
                    "INSERT INTO public.users (id, organization_id, email, role) VALUES ('{2}', '{0}', 'a@b.c', 'student')",
                    kOrganization, kOther, kUser));
  }
  void topic(const std::string& name, const std::vector<std::string>& groups) {
    REQUIRE(kafka::Admin::open(kafka).value()->create_topics({{.name = name, .partitions = 1, .replication = 1, .configuration = {}}}));
    for (const std::string& group : groups) {
      run(
          fmt::format("INSERT INTO weir.consumer_offsets (group_id, topic, partition, topic_uuid, next_offset) VALUES ('{}', '{}', 0, "
                      "'00000000-0000-4000-8000-000000000001', 99)",
                      group, name));
    }
  }
  void send(const std::string& name, const std::string& key, const std::string& value, const Headers& headers = {}) {
    const auto producer = kafka::Producer::open(kafka, {}).value();
    kafka::Message message;
    message.topic = name;
    message.key = key;
    message.value = value;
    message.headers = headers;
    REQUIRE(producer->send(message));
    REQUIRE(producer->flush(kSoon));
  }
  void change(const std::string& table, const std::string& key, const std::string& after, int lsn) {
    send(prefix + ".public." + table, key,
         fmt::format(R"({{"before":null,"after":{},"source":{{"name":"weir","db":"app","schema":"public","table":"{}","ts_ms":{},"lsn":{},)"
                     R"("sequence":"[null,\"{}\"]","txId":7}},"op":"c"}})",
                     after, table, unix_ms(SystemClock().now()), lsn, lsn));
  }
  void action(const std::string& id, const std::string& type, const std::string& data) {
    const std::string time = format_instant(began);
    send(actions, kUser, data,
         {{"ce_specversion", "1.0"},
          {"ce_id", id},
          {"ce_source", "//shop"},
          {"ce_type", type},
          {"ce_time", time},
          {"ce_subject", "s"},
          {"ce_organizationid", kOrganization},
          {"ce_userid", kUser}});
  }
  void run(const std::string& sql) {
    postgres::Settings settings;
    settings.dsn = dsn;
    const auto done = postgres::Connection::open(settings)->script(sql);
    REQUIRE_MESSAGE(done.has_value(), done.error().message);
  }
  /// What it prints, with every quotation mark as it stands in JSON.
  std::string trace(std::vector<std::string> words) {
    words.insert(words.begin(), "trace");
    const Said said = run_weir(words, environment);
    CHECK_MESSAGE(said.exit_code == 0, said.err);
    return said.out;
  }
  void submission() {
    topic(prefix + ".public.assessment_responses", {"weir.scoring"});
    topic(prefix + ".public.assessment_scores", {"weir.insights"});
    change("assessment_responses", fmt::format(R"({{"user_id":"{}"}})", kUser),
           fmt::format(R"({{"organization_id":"{}","id":"{}","user_id":"{}","assessment_id":"{}","status":"submitted",)"
                       R"("started_at":"2026-01-01T00:00:00Z","submitted_at":"2026-01-01T00:01:00Z","answers_encrypted":null}})",
                       kOrganization, kResponse, kUser, kResponse),
           4096);
    run(fmt::format(
        "INSERT INTO public.assessment_scores (organization_id, response_id, dimension, user_id, assessment_id, instrument_version, "
        "raw_score, submitted_at) VALUES ('{0}', '{1}', 'trust', '{2}', '{1}', 1, 50, now())",
        kOrganization, kResponse, kUser));
    change(
        "assessment_scores", fmt::format(R"({{"organization_id":"{}","response_id":"{}","dimension":"trust"}})", kOrganization, kResponse),
        fmt::format(R"({{"organization_id":"{}","response_id":"{}","dimension":"trust","user_id":"{}"}})", kOrganization, kResponse, kUser),
        4100);
    run(fmt::format(
        "INSERT INTO public.insights (id, organization_id, user_id, kind, title, body, confidence, input_hash, pattern, intent_id, "
        "provider, claimed_at) VALUES ('{0}', '{1}', '{2}', 'pattern', 't', 'b', 0.5, decode(repeat('00', 32), 'hex'), 'repeated_low', "
        "'{0}', 'openai', now() + interval '1 second');"
        "INSERT INTO weir.insight_calls (call_id, organization_id, insight_id, provider, model, input_hash, reserved_at, leased_until, "
        "reserved_in, reserved_out, reserved_micro_usd, outcome, tokens_in, tokens_out, cost_micro_usd, latency_ms, ended_at) VALUES "
        "('{0}', '{1}', '{0}', 'openai', 'small', decode(repeat('00', 32), 'hex'), now(), now(), 1, 1, 1, 'kept', 1, 1, 1, 12, now())",
        kInsight, kOrganization, kUser));
  }
  /// A message of this cause, which was tried twice and waits for a line.
  void message(const char* id, const char* organization, const std::string& cause) {
    run(fmt::format(
        "INSERT INTO public.notifications (organization_id, id, template_key, channel, expires_at, cause, status) VALUES ('{0}', '{1}', "
        "'task.created', 'email', now() + interval '1 day', '{2}', 'failed');"
        "INSERT INTO weir.notification_keys (notification_id, organization_id, message_created_at, cause) SELECT id, organization_id, "
        "created_at, "
        "cause FROM public.notifications WHERE id = '{1}';"
        "INSERT INTO public.notification_attempts (organization_id, notification_id, attempt, provider, outcome, status_code, error, "
        "finished_at) "
        "VALUES ('{0}', '{1}', 1, 'sendgrid', 'failed', 503, 'busy', now());"
        "INSERT INTO weir.delivery_queue (notification_id, organization_id, created_at, channel, account, template_key, rank, expires_at, "
        "waits_for, "
        "due_at) SELECT id, organization_id, created_at, channel, 'sendgrid:default', template_key, 1, expires_at, 'template:line', now() "
        "+ interval "
        "'1 hour' FROM public.notifications WHERE id = '{1}'",
        organization, id, cause));
  }
  std::string dsn;
  std::string prefix;
  std::string actions;
  const Instant began = SystemClock().now();  // the time of all actions, which so lie in one window
  kafka::Settings kafka;
  std::map<std::string, std::string> environment;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
std::size_t place_of(const std::string& text, const std::string& part) {
  const std::size_t at = text.find(part);
  CHECK_MESSAGE(at != std::string::npos, part << " in " << text);
  return at;
}

}  // namespace

TEST_CASE("a submission is followed to its scores, on to their change, and to the insight with its call") {
  Scene scene;
  scene.submission();
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--table", "public.assessment_responses", "--key", kUser}, {"--lsn", "0/1000"}}) {
    const std::string out = scene.trace(words);
    CHECK(place_of(out, "weir.scoring") < place_of(out, "public.assessment_scores  scored"));
    CHECK(place_of(out, "public.assessment_scores  scored") < place_of(out, "what a row above has led to"));
    CHECK(place_of(out, "what a row above has led to") <
          place_of(out, "repeated_low: active, worded by openai, of the next look at its subject"));
    CHECK(place_of(out, "public.insights") < place_of(out, "openai small: kept, 12 ms"));
  }
}

TEST_CASE("a row of results is traced back to the record that it was made of, by its whole key or its id") {
  Scene scene;
  scene.submission();
  const std::string key = fmt::format(R"({{"organization_id":"{}","response_id":"{}","dimension":"trust"}})", kOrganization, kResponse);
  for (const std::string& said : {key, std::string(kResponse)}) {
    CHECK(has(scene.trace({"--table", "public.assessment_scores", "--key", said}), "assessment_responses partition 0 offset 0"));
  }
  CHECK(run_weir({"trace", "--table", "public.assessment_scores", "--key", kUser}, scene.environment).exit_code == 65);
  CHECK(run_weir({"trace", "--table", "public.assessment_scores", "--key", "x"}, scene.environment).exit_code == 64);
}

TEST_CASE("a request is followed to its message, its attempts and why it waits, of its own organization alone, and back") {
  Scene scene;
  scene.topic(scene.actions, {"weir.notifications", "weir.rollups", "weir.insights"});
  scene.action("a1", "notification.requested", fmt::format(R"({{"template":"task.created","channels":["email"],"user_id":"{}"}})", kUser));
  const std::string cause = events::action_event_id(OrganizationId{*Uuid::parse(kOrganization)}, "//shop", "a1").text();
  scene.message(kMessage, kOrganization, cause);
  scene.message(kInsight, kOther, cause);
  const std::string out = scene.trace({"--event", "a1", "--source", "//shop", "--json"});
  CHECK(has(out, "task.created over email: failed, waits for template:line, due "));
  CHECK(place_of(out, "public.notifications") < place_of(out, "attempt 1 over sendgrid: failed 503, busy"));
  CHECK(has(out, kMessage));
  CHECK_FALSE(has(out, kInsight));
  CHECK(has(out, "skipped: not_engagement"));
  CHECK(has(scene.trace({"--table", "public.notifications", "--key", kMessage}), scene.actions + " partition 0 offset 0"));
}

TEST_CASE("an action is followed to the windows that hold it, and a window to its actions; an hour that lacks the window says so") {
  Scene scene;
  scene.topic(scene.actions, {"weir.rollups"});
  scene.action("a1", "user.action", R"({"action":"opened"})");
  scene.action("a2", "user.action", R"({"action":"closed"})");
  const auto begin_of = [&](std::chrono::minutes length) { return format_instant(scene.began - scene.began.time_since_epoch() % length); };
  const std::string window = begin_of(std::chrono::minutes{5});
  scene.run(fmt::format(
      "INSERT INTO public.engagement_rollups (organization_id, action_type, window_start, events, is_final, revision) VALUES ('{0}', "
      "'opened', '{1}', 1, true, 2);"
      "INSERT INTO public.engagement_rollups_1h (organization_id, action_type, window_start, updated_at) VALUES ('{0}', 'opened', '{2}', "
      "now() - interval '1 minute')",
      kOrganization, window, begin_of(std::chrono::minutes{60})));
  const std::string out = scene.trace({"--event", "a1"});
  CHECK(has(out, "counted in it, final, revision 2"));
  CHECK(has(out, "the hour was merged before the last change of the window"));
  const std::string back =
      scene.trace({"--table", "public.engagement_rollups", "--key",
                   fmt::format(R"({{"organization_id":"{}","action_type":"opened","window_start":"{}"}})", kOrganization, window)});
  CHECK(has(back, "partition 0 offset 0"));
  CHECK_FALSE(has(back, "partition 0 offset 1"));
}

TEST_CASE("places are read from standard input, as words or as weir tail prints them") {
  Scene scene;
  scene.topic(scene.actions, {"weir.rollups"});
  scene.action("a1", "user.action", R"({"action":"opened"})");
  const auto folder = testing::scratch();
  std::ofstream(folder / "in") << scene.actions << " 0 0\n"
                               << R"({"topic":")" << scene.actions << R"(","partition":0,"offset":0,"time":"t"})"
                               << "\n"
                               << scene.actions << " 0 7\n";
  std::string line = fmt::format(
      "env WEIR_POSTGRES_DSN='{}' WEIR_KAFKA_BROKERS='{}' WEIR_CONSUMERS_ROLLUPS_ACTIONS_TOPIC='{}' {} trace --stdin --json "
      "<{}/in >{}/out 2>{}/err",
      scene.environment["WEIR_POSTGRES_DSN"], scene.environment["WEIR_KAFKA_BROKERS"], scene.actions, testing::weir_executable(),
      folder.string(), folder.string(), folder.string());
  const int status = std::system(line.c_str());
  CHECK(WEXITSTATUS(status) == 65);
  CHECK(testing::text_of(folder / "err") == "weir trace: 1 of 3 places have no record\n");
  const std::string out = testing::text_of(folder / "out");
  CHECK(std::count(out.begin(), out.end(), '\n') == 3);
  CHECK(out.find("\"hop\":\"weir.rollups\"") != out.rfind("\"hop\":\"weir.rollups\""));
  CHECK(has(out, "\"offset\":7,\"hops\":[]"));
}
