// A thousand completions at two processes of weir scoring over real Kafka and Postgres, of which one is killed in between: each achievement
// is given once and counted once.
#include "common/core/await.hpp"
#include "common/encryption/key_ring.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "common/local/scratch.hpp"
#include "common/supervise/process.hpp"
#include "tests/component/operations/program.hpp"
#include "tests/component/scoring/learning_site.hpp"

using namespace weir;
using namespace weir::scoring;

namespace {

constexpr int kLearners = 250;
constexpr int kCompletions = 1'000;  // each learner does 11, 12, 21 and 22
constexpr Milliseconds kPatience{120'000};

class TwoProcesses {
 public:
  TwoProcesses() : prefix_(testing::topic_prefix() + "cdc") {
    site.run(fmt::format(R"(
INSERT INTO public.users (id, organization_id, email, role)
SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(10000 + n), 12, '0'))::uuid, '{}', n || '@many.example', 'student'
  FROM generate_series(1, {}) n)",
                         kOrganization.text(), kLearners));
    site.award(1, R"({"modules_completed": 1})", 50);
    site.award(2, R"({"activities_completed": 4})", 5, std::nullopt);
    std::vector<kafka::TopicSpec> topics;
    for (const char* table : {"assessment_responses", "consents", "project_members", "projects", "users", "activity_completions",
                              "learning_modules", "module_prerequisites", "learning_activities", "achievements"}) {
      topics.push_back({prefix_ + ".public." + table, 4, 1, {}});
    }
    kafka::Settings broker;
    broker.brokers = testing::kafka().bootstrap();
    must(must(kafka::Admin::open(broker))->create_topics(topics));
    producer_ = must(kafka::Producer::open(broker, kafka::ProducerOptions{}));
  }

  supervise::Process start(const std::string& name) {
    supervise::Command command;
    command.arguments = {testing::weir_executable(), "scoring"};
    command.output = site.folder / (name + ".log");
    command.environment = {{"WEIR_POSTGRES_DSN", site.dsn + " user=weir_scoring"},
                           {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()},
                           {"WEIR_ENCRYPTION_MASTER_KEY_FILE", site.folder / "master.key"},
                           {"WEIR_CONSUMERS_SCORING_TOPIC_PREFIX", prefix_},
                           {"WEIR_CONSUMERS_SCORING_START", "earliest"},
                           {"WEIR_CONSUMERS_SCORING_SESSION_TIMEOUT", "6s"},
                           {"WEIR_CONSUMERS_SCORING_FLUSH_INTERVAL", "20ms"},
                           {"WEIR_CONSUMERS_SCORING_MAX_RECORDS", "20"},
                           {"WEIR_HTTP_OPS_LISTEN", "127.0.0.1:" + std::to_string(must(local::free_port()))}};
    return must(supervise::Process::spawn(testing::guardian(), command));
  }

  /// The application completes, and change capture tells it.
  void complete(int n) {
    const std::string learner = fmt::format("00000000-0000-4000-8000-{:012x}", 10'001 + n % kLearners);
    static constexpr std::array kActivities{11, 12, 21, 22};
    const std::string activity = activity_of(kActivities.at(static_cast<std::size_t>(n / kLearners))).text();
    const Instant at = kStart + Seconds{n};
    site.run(fmt::format(R"(
INSERT INTO public.activity_completions (id, organization_id, user_id, activity_id, succeeded, completed_at)
VALUES ('{}', '{}', '{}', '{}', true, '{}'))",
                         weir::scoring::id(20'000 + n).text(), kOrganization.text(), learner, activity, format_instant(at)));
    const std::string value = fmt::format(
        R"({{"before": null, "after": {{"id": "{}", "organization_id": "{}", "user_id": "{}", "activity_id": "{}", "succeeded": true, "score": null, "completed_at": "{}"}}, )"
        R"("source": {{"version": "1", "connector": "postgresql", "name": "s", "ts_ms": {}, "db": "d", "sequence": "[\"{}\",\"{}\"]", "schema": "public", "table": "activity_completions", "txId": 7, "lsn": {}}}, "op": "c", "ts_ms": {}}})",
        weir::scoring::id(20'000 + n).text(), kOrganization.text(), learner, activity, format_instant(at), unix_ms(at), n + 1, n + 2, n + 2,
        unix_ms(at));
    const std::string topic = prefix_ + ".public.activity_completions";
    kafka::Message message;
    message.topic = topic;
    message.key = learner;
    message.value = value;
    message.timestamp_ms = unix_ms(at);
    while (!producer_->send(message)) producer_->wait_for_room(Milliseconds{100});
  }
  void flush() { must(producer_->flush(kPatience)); }
  testing::Said operate(const std::vector<std::string>& words) const {
    return testing::run_weir(
        words, {{"WEIR_POSTGRES_DSN", site.dsn + " user=weir_operator"}, {"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()}});
  }

  void await_ended(int least) {
    INFO(testing::content(site.folder / "first.log"));
    INFO(testing::content(site.folder / "second.log"));
    REQUIRE(await(kPatience, [&] {
      return site.value(fmt::format("SELECT coalesce(sum(n), 0) >= {} FROM weir.outcome_counts WHERE group_id = 'weir.scoring'", least)) ==
             "t";
    }));
  }

  LearningSite site;

 private:
  std::string prefix_;
  std::unique_ptr<kafka::Producer> producer_;
};

}  // namespace

TEST_CASE("a thousand completions at two processes, of which one is killed, give and count each achievement once") {
  TwoProcesses here;
  auto first = here.start("first");
  auto second = here.start("second");
  for (int n = 0; n < kCompletions / 2; ++n) here.complete(n);
  here.flush();
  here.await_ended(kCompletions / 4);
  first.kill();
  for (int n = kCompletions / 2; n < kCompletions; ++n) here.complete(n);
  here.flush();
  first = here.start("first");
  here.await_ended(kCompletions);
  REQUIRE(await(kPatience, [&] { return here.site.marks() == "0"; }));
  CHECK(here.site.value("SELECT sum(n) FROM weir.outcome_counts WHERE group_id = 'weir.scoring'") == std::to_string(kCompletions));
  CHECK(here.site.value("SELECT count(*) FROM public.learner_states WHERE points = 11 + 12 + 21 + 22 + 50 + 5") ==
        std::to_string(kLearners));
  CHECK(here.site.value("SELECT count(*) FROM public.achievements_unlocked") == std::to_string(2 * kLearners));
  CHECK(here.site.holders() == fmt::format("({0})\n({0})", kLearners));
  CHECK(here.site.dump("SELECT attempts FROM public.activity_ratings") == fmt::format("({0})\n({0})\n({0})\n({0})", kLearners));
  CHECK(first.stop(kPatience).ok());
  CHECK(second.stop(kPatience).ok());
}

TEST_CASE("a group that an operator moves back reads its completions again, and gives the same results") {
  TwoProcesses here;
  auto process = here.start("first");
  for (int n = 0; n < kLearners; ++n) here.complete(n);
  here.flush();
  here.await_ended(kLearners);
  REQUIRE(await(kPatience, [&] { return here.site.marks() == "0"; }));
  const std::string before = here.site.settled();
  const std::vector<std::string> back{"offsets", "reset", "weir.scoring", "--to", "begin", "--why", "INC-1"};
  CHECK(here.operate(back).exit_code == 65);  // it runs
  CHECK(process.stop(kPatience).ok());
  const auto rehearsed = here.operate({"offsets", "reset", "weir.scoring", "--to", "begin", "--dry-run", "--json"});
  CHECK_MESSAGE(rehearsed.exit_code == 0, rehearsed.err);
  CHECK(here.site.value("SELECT count(*) FROM weir.operator_actions") == "0");
  const auto moved = here.operate(back);
  CHECK_MESSAGE(moved.exit_code == 0, moved.err);
  CHECK(here.site.value("SELECT sum((counts ->> 'records')::bigint) FROM weir.operator_actions WHERE command = 'offsets reset'") ==
        std::to_string(kLearners));
  process = here.start("second");
  here.await_ended(2 * kLearners);
  REQUIRE(await(kPatience, [&] { return here.site.marks() == "0"; }));
  CHECK(here.site.settled() == before);
  CHECK(here.site.value("SELECT coalesce(sum(n), 0) FROM weir.outcome_counts WHERE outcome = 're_sent'") == "0");
  CHECK(process.stop(kPatience).ok());
}
