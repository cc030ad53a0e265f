// The verification must fail when it should: rows that are right pass, and each kind of falsehood is found and named.
#include "demo/witness/verify.hpp"

#include "common/kafka/producer.hpp"
#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"
#include "consumers/rollups/result_checks.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::demo;

namespace {

constexpr const char* kOrganization = "00000000-0000-4000-8000-00000000000a";

// Two executions that count and one with a quality that no score has; the metrics and engagement that follow from them.
constexpr const char* kTruth = R"sql(
INSERT INTO organizations (id, name) VALUES ('00000000-0000-4000-8000-00000000000a', 'Truth');
INSERT INTO agent_executions (organization_id, agent_id, task_type, status, completed_at, execution_time_ms, memory_mb, quality_score)
VALUES ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-0000000000a1', 't', 'completed', '2026-01-01 00:01Z', 100, 10.5, 0.5),
       ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-0000000000a1', 't', 'failed', '2026-01-01 00:02Z', 300, NULL, NULL),
       ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-0000000000a1', 't', 'completed', '2026-01-01 00:03Z', 1, 1, 1.7),
       ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-0000000000a1', 't', 'running', NULL, NULL, NULL, NULL);
SELECT weir.ensure_partition('agent_metrics', '2026-01-01Z');
INSERT INTO agent_metrics (organization_id, agent_id, window_start, total_tasks, completed_tasks, failed_tasks, success_rate, error_rate,
  throughput_per_minute, throughput_per_hour, avg_execution_time_ms, median_execution_time_ms, p95_execution_time_ms,
  p99_execution_time_ms, avg_memory_mb, peak_memory_mb, avg_quality_score, execution_time_count, execution_time_sum, memory_count,
  memory_sum, quality_count, quality_sum)
VALUES ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-0000000000a1', '2026-01-01 00:00Z', 2, 1, 1, 50, 50, 0.4, 24,
  200, 100.5, 298, 302, 10.5, 10.5, 0.5, 2, 400000000000, 1, 10500000000, 1, 500000000);
INSERT INTO engagement_rollups (organization_id, action_type, window_start, events, unique_users, sessions, first_time_users)
VALUES ('00000000-0000-4000-8000-00000000000a', 'page_view', '2026-01-01 00:00Z', 2, 1, 1, 1))sql";

struct Scene {
  SqlSession session = open();
  kafka::Settings kafka{testing::kafka().bootstrap(), "test", {}};
  std::unique_ptr<kafka::Admin> admin = value(kafka::Admin::open(kafka));
  Expectation expectation{.group = "weir.rollups", .results = rollups::result_checks()};
  std::vector<AcceptedAction> actions;

  Scene() {
    expectation.topics = {testing::topic_prefix() + "one"};
    value(admin->create_topics({{topic(), 1, 1, {}}}));
    auto producer = value(kafka::Producer::open(kafka, {}));
    for (int number = 0; number < 3; ++number) value(producer->send({topic(), 0, {}, "{}", {}, 0}));
    value(producer->flush(Milliseconds{30'000}));
    const Uuid organization = *Uuid::parse(kOrganization);
    const Uuid user = *Uuid::parse("00000000-0000-4000-8000-0000000000b1");
    const Instant first = *parse_instant("2026-01-01T00:00:10Z");
    actions = {{organization, "1", "page_view", user, "s", first},
               {organization, "2", "page_view", user, "s", first + Seconds{1}},
               {organization, "1", "page_view", user, "s", first}};  // a repeat
    expectation.dead = 1;
    run(kTruth);
    run("INSERT INTO weir.outcome_counts VALUES ('weir.rollups', '" + topic() + "', 0, 'done', '', 2)," + "('weir.rollups', '" + topic() +
        "', 0, 'dead', 'out_of_domain', 1)");
    run(R"(
INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, occurred_at, kind, reason)
VALUES ('weir.rollups', ')" +
        topic() + "', gen_random_uuid(), 0, 2, now(), 'rule', 'out_of_domain')");
  }

  static SqlSession open() { return value(SqlSession::open(testing::migrated_database(), "test")); }

  template <class T>
  static T value(Result<T> result) {
    REQUIRE_MESSAGE(result.has_value(), (result ? std::string() : result.error().line()));
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }

  [[nodiscard]] const std::string& topic() const { return expectation.topics.front(); }
  void run(const std::string& sql) { value(session.script(sql)); }
  Verdict verdict() {
    value(give_actions(session, actions));
    return value(verify(session, *admin, expectation));
  }
};

struct Falsehood {
  std::string sql;
  std::string expected;  // of the first difference, its end
  std::int64_t lost = 0;
  std::int64_t doubled = 0;
};

}  // namespace

TEST_CASE("what is right is verified") {
  Scene scene;
  const Verdict verdict = scene.verdict();
  for (const std::string& difference : verdict.differences) MESSAGE(difference);
  CHECK(verdict.good());
  CHECK(verdict.line() == "verified: 3 records = 2 done + 0 skipped + 1 dead + 0 parked + 0 re-sent, lost 0, doubled 0");
}

TEST_CASE("each falsehood is found") {
  const std::vector<Falsehood> falsehoods{
      {"UPDATE agent_metrics SET total_tasks = 1", "total_tasks: expected 2, found 1", 1, 0},
      {"UPDATE agent_metrics SET total_tasks = 4", "total_tasks: expected 2, found 4", 0, 2},
      {"UPDATE agent_metrics SET failed_tasks = 0, cancelled_tasks = 1", "cancelled_tasks: expected 0, found 1"},
      {"UPDATE agent_metrics SET execution_time_sum = execution_time_sum + 1",
       "execution_time_sum: expected 400000000000, found 400000000001"},
      {"UPDATE agent_metrics SET memory_sum = 0", "memory_sum: expected 10500000000, found 0"},
      {"UPDATE agent_metrics SET avg_quality_score = NULL", "avg_quality_score: expected 0.5"},
      {"UPDATE agent_metrics SET median_execution_time_ms = 102", "median_execution_time_ms: expected 100"},
      {"UPDATE agent_metrics SET p99_execution_time_ms = 100", "p99_execution_time_ms: expected 300"},
      {"UPDATE agent_metrics SET success_rate = 100", "success_rate: expected 50"},
      {"UPDATE agent_metrics SET peak_memory_mb = 9, peak_is_upper_bound = true", "peak_memory_mb: expected 10.5"},
      {"UPDATE agent_metrics SET is_complete = true", "is_complete: expected f, found t"},
      {"DELETE FROM agent_metrics", "avg_execution_time_ms: expected 200", 2, 0},
      {"UPDATE agent_executions SET quality_score = 1 WHERE quality_score > 1", "avg_execution_time_ms: expected 133", 1, 0},
      {"UPDATE engagement_rollups SET events = 3", "events: expected 2, found 3", 0, 1},
      {"UPDATE engagement_rollups SET first_time_users = 0", "first_time_users: expected 1, found 0"},
      {"UPDATE engagement_rollups SET unique_users = 9", "unique_users: expected 1, found 9"},
      {"UPDATE weir.outcome_counts SET n = 1 WHERE outcome = 'done'", ": 3 records, 2 outcomes", 1, 0},
      {"UPDATE weir.outcome_counts SET n = 4 WHERE outcome = 'done'", ": 3 records, 5 outcomes", 0, 2},
      {"UPDATE weir.outcome_counts SET partition = 1 WHERE outcome = 'done'", ": 3 records, 1 outcomes", 2, 2},
      {"DELETE FROM weir.dead_letters", "weir.dead_letters holds 0 dead letters of weir.rollups, weir.outcome_counts 1"},
  };
  Scene scene;
  for (const Falsehood& falsehood : falsehoods) {
    CAPTURE(falsehood.sql);
    scene.run("BEGIN");
    scene.run(falsehood.sql);
    const Verdict verdict = scene.verdict();
    scene.run("ROLLBACK");
    CHECK_FALSE(verdict.good());
    REQUIRE_FALSE(verdict.differences.empty());
    INFO(verdict.differences.front());
    CHECK(verdict.differences.front().find(falsehood.expected) != std::string::npos);
    CHECK(verdict.lost == falsehood.lost);
    CHECK(verdict.doubled == falsehood.doubled);
    CHECK(verdict.line().starts_with("not verified: "));
  }
}

TEST_CASE("a dead letter too few is a difference") {
  Scene scene;
  scene.expectation.dead = 2;
  CHECK(scene.verdict().differences == std::vector<std::string>{"broken events for weir.rollups: 2 written, 1 dead letters"});
}

TEST_CASE("an action too many is lost") {
  Scene scene;
  scene.actions.push_back(scene.actions.front());
  scene.actions.back().id = "3";
  const Verdict verdict = scene.verdict();
  CHECK(verdict.lost == 1);
}

TEST_CASE("what is behind is told: a slot that has not published, a group that has not read") {
  Scene scene;
  const auto lsn = [&] { return scene.value(scene.session.ask("SELECT pg_current_wal_lsn()"))[0][0].as<std::string>(); };
  CHECK(scene.value(unsettled(scene.session, *scene.admin, scene.expectation, lsn())) == "weir.rollups is 3 offsets behind");
  scene.run("INSERT INTO weir.consumer_offsets (group_id, topic, partition, next_offset) VALUES ('weir.rollups', '" + scene.topic() +
            "', 0, 3)");
  CHECK(scene.value(unsettled(scene.session, *scene.admin, scene.expectation, lsn())).empty());
  scene.expectation.results.waits = {"SELECT 'something is to be computed' FROM organizations WHERE name = 'Truth'"};
  CHECK(scene.value(unsettled(scene.session, *scene.admin, scene.expectation, lsn())) == "something is to be computed");
  scene.run("SELECT pg_create_logical_replication_slot('behind_' || pg_backend_pid(), 'pgoutput')");
  scene.run("UPDATE organizations SET name = 'more'");
  CHECK(scene.value(unsettled(scene.session, *scene.admin, scene.expectation, lsn())).starts_with("slot behind_"));
}
