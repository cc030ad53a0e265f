// Windows in a real Postgres: versions, two instances, corrections, closing.
#include "tests/component/rollups/bench_of_instances.hpp"

#include <thread>

using namespace weir;
using namespace weir::rollups;

namespace {

constexpr const char* kCounts =
    "SELECT total_tasks, completed_tasks, failed_tasks, execution_time_sum, avg_user_rating, is_final, revision, corrected_at IS NOT NULL "
    "FROM agent_metrics ORDER BY organization_id, agent_id, window_start";

ExecutionRow timed(int agent, Instant at, std::int64_t ms, std::string status = "completed") {
  ExecutionRow row = execution(agent, at, std::move(status));
  row.execution_time = ms * kMs;
  return row;
}

}  // namespace

TEST_CASE("executions become a row, and a later rating corrects it") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  const ExecutionRow row = timed(1, kStart, 100);
  const auto outcomes = instance.apply({change(std::nullopt, row), change(std::nullopt, timed(1, kStart + Seconds{299}, 300, "failed")),
                                        change(std::nullopt, execution(1, kStart, "queued"))});
  CHECK(std::holds_alternative<runtime::Done>(outcomes[0]));
  CHECK(std::get<runtime::Skipped>(outcomes[2]).reason == "not_ended");
  CHECK(dump(dsn, kCounts) == "2|1|1|400000000000|null|f|0|f\n");
  ExecutionRow rated = row;
  rated.rating = 4;
  instance.apply({change(row, rated)});
  CHECK(dump(dsn, kCounts) == "2|1|1|400000000000|4|f|0|f\n");
  CHECK(dump(dsn, "SELECT success_rate, throughput_per_minute, avg_execution_time_ms, version FROM agent_metrics") == "50|0.4|200|2\n");
}

TEST_CASE("an instance whose cached row is stale merges its changes into the other instance's row") {
  const std::string dsn = migrated_database();
  Instance a(dsn);
  Instance b(dsn);
  for (int round = 0; round < 3; ++round) {
    a.apply({change(std::nullopt, timed(1, kStart, 1)), change(std::nullopt, timed(2, kStart, 1))});
    b.apply({change(std::nullopt, timed(2, kStart, 1)), change(std::nullopt, timed(3, kStart, 1))});
  }
  CHECK(dump(dsn, "SELECT total_tasks FROM agent_metrics ORDER BY agent_id") == "3\n6\n3\n");
}

TEST_CASE("two instances that write one row at the same time take turns, and both changes count") {
  const std::string dsn = migrated_database();
  Instance a(dsn);
  Instance b(dsn);
  a.begin_apply({change(std::nullopt, timed(1, kStart, 1))});
  std::thread other([&] { b.apply({change(std::nullopt, timed(1, kStart, 2))}); });
  await_blocked(dsn);
  a.commit();
  other.join();
  CHECK(dump(dsn, "SELECT total_tasks, execution_time_sum, version FROM agent_metrics") == "2|3000000000|2\n");
}

TEST_CASE("many new rows are inserted without a read, and where one exists after all, each is still counted") {
  constexpr int kAgents = 100;
  const std::string dsn = migrated_database();
  Instance a(dsn);
  Instance b(dsn);
  const auto executions = [](int from) {
    Events events;
    for (int agent = from; agent < from + kAgents; ++agent) events.push_back(change(std::nullopt, timed(agent, kStart, 1)));
    return events;
  };
  a.apply(executions(0));
  CHECK(a.consumer.metrics().rows_inserted() == kAgents);
  b.apply(executions(kAgents / 2));  // half of them are there
  CHECK(b.consumer.metrics().rows_inserted() == 0);
  CHECK(dump(dsn, "SELECT total_tasks, version, count(*) FROM agent_metrics GROUP BY 1, 2 ORDER BY 1") == "1|1|100\n2|2|50\n");
  a.apply(executions(kAgents / 2));  // half of the rows in its cache are stale
  CHECK(dump(dsn, "SELECT total_tasks, version, count(*) FROM agent_metrics GROUP BY 1, 2 ORDER BY 1") == "1|1|50\n2|2|50\n3|3|50\n");
  a.begin_apply(executions(200));
  CHECK(a.consumer.metrics().rows_inserted() == 2 * kAgents);
  a.roll_back();
  a.apply(executions(200));  // without a guess, because the last guess ended in a rollback
  CHECK(a.consumer.metrics().rows_inserted() == 2 * kAgents);
  CHECK(dump(dsn, "SELECT sum(total_tasks) FROM agent_metrics") == "400\n");
}

TEST_CASE("a batch that was rolled back does not count, in memory either") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  instance.apply({change(std::nullopt, timed(1, kStart, 1))});
  instance.begin_apply({change(std::nullopt, timed(1, kStart, 1))});
  instance.roll_back();
  instance.apply({change(std::nullopt, timed(1, kStart, 1))});
  CHECK(dump(dsn, "SELECT total_tasks, version FROM agent_metrics") == "2|2\n");
}

TEST_CASE("a refused change takes out the row that it replaced, and says why it was refused") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  ExecutionRow bad = timed(1, kStart, 1);
  bad.quality = 1'700'000'000;
  const auto outcomes = instance.apply({change(std::nullopt, timed(1, kStart, 1)), change(timed(1, kStart, 1), bad)});
  CHECK(std::get<runtime::Dead>(outcomes[1]).path == "/after/quality_score");
  CHECK(dump(dsn, "SELECT total_tasks FROM agent_metrics") == "0\n");
}

TEST_CASE("a late event for a window that is no longer in memory corrects it, and raises its revision") {
  const std::string dsn = migrated_database();
  {
    Instance first(dsn);
    first.apply({change(std::nullopt, timed(1, kStart, 100))});
    CHECK(first.consumer.cached_rows() == 1);
    first.close(kStart + kWindowLength + std::chrono::minutes{2} - Microseconds{1});
    CHECK(dump(dsn, kCounts) == "1|1|0|100000000000|null|f|0|f\n");
    first.close(kStart + kWindowLength + std::chrono::minutes{2});
    CHECK(first.consumer.cached_rows() == 0);
  }
  CHECK(dump(dsn, kCounts) == "1|1|0|100000000000|null|t|0|f\n");
  Instance second(dsn);
  second.watermark = kStart + std::chrono::hours{1};
  second.apply({change(std::nullopt, timed(1, kStart, 50))});
  CHECK(dump(dsn, kCounts) == "2|2|0|150000000000|null|t|1|t\n");
  CHECK(second.consumer.cached_rows() == 0);
}

TEST_CASE("without REPLICA IDENTITY FULL the group stops, and says how to mend that") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  const auto event = event_of(MissingIdentity{"public.agent_executions"});
  const std::vector<const runtime::Event*> batch{event.get()};
  const auto folded = instance.consumer.fold();
  folded->add_all(batch);
  must(instance.connection().begin());
  const auto answer = instance.consumer.apply(batch, folded.get(), instance, instance.now);
  REQUIRE(!answer);
  CHECK(next_action(answer.error(), 1) == Action::kStop);
  CHECK(answer.error().hint.find("ALTER TABLE public.agent_executions REPLICA IDENTITY FULL") != std::string::npos);
}

TEST_CASE("a database that was not migrated is a fault that says what to do") {
  auto connection = connect(testing::fresh_database());
  RollupsConsumer consumer{by_default()};
  const auto answer = consumer.prepare(connection);
  REQUIRE(!answer);
  CHECK(answer.error().line() == "the database lacks public.agent_metrics (run: weir migrate up)");
}

TEST_CASE("two instances may need the same missing partition at once") {
  const std::string dsn = migrated_database();
  Instance a(dsn);
  Instance b(dsn);
  a.begin_apply({change(std::nullopt, timed(1, kStart, 1))});
  std::thread other([&] { b.apply({change(std::nullopt, timed(2, kStart, 2))}); });
  await_blocked(dsn);
  a.commit();
  other.join();
  CHECK(dump(dsn, "SELECT tableoid::regclass, total_tasks FROM agent_metrics ORDER BY agent_id") ==
        "agent_metrics_20261118|1\nagent_metrics_20261118|1\n");
}
