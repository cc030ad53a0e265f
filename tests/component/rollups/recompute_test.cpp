// Recomputation from real sources: an application that is older than weir, changes that lag, transactions that have not ended, and sources
// that cannot be trusted.
#include "common/local/postgres.hpp"
#include "common/migrations/migrator.hpp"
#include "consumers/rollups/verification.hpp"
#include "tests/component/rollups/application.hpp"

#include <thread>

using namespace weir;
using namespace weir::rollups;

TEST_CASE("an application that is older than weir: every window is as its rows say, every agent has its windows, and all is complete") {
  const std::string dsn = begun_later();
  Application app(dsn);
  app.agent(1, AgentStatus::kIdle, kStart - std::chrono::days{2}, kStart);
  for (int i = 0; i < 60; ++i) {
    ExecutionRow row = rated(i % 3, kStart - std::chrono::minutes{47 * i}, 1 + i % 5, i);
    if (i % 7 == 0) row.status = "failed";
    if (i % 11 == 0) row.completed_at.reset();
    if (i % 13 == 0) row.execution_time.reset();
    app.write(i, row);
  }
  must(app.connection().script("UPDATE public.agent_executions SET quality_score = 1.7 WHERE user_rating = 3"));
  Instance instance(dsn);
  // Changes of rows that weir has never counted.
  instance.apply({app.write(2, rated(2, kStart - std::chrono::minutes{94}, 5)), app.write(4, std::nullopt)});
  instance.close(kLater);
  CHECK(differences(dsn) != "");
  Recomputing work(dsn, {app.settings()});
  work.run(instance, kLater);
  CHECK(differences(dsn) == "");
  CHECK(dump(dsn, "SELECT bool_and(is_complete), bool_and(is_final) FROM agent_metrics") == "t|t\n");
  CHECK(dump(dsn,
             "SELECT count(*), min(window_start), count(uptime_percent), min(window_start) FILTER (WHERE uptime_percent IS NOT NULL) "
             "FROM agent_metrics WHERE agent_id = '" +
                 id(101).text() + "'") == "599|2026-11-16 12:00:00+00|23|2026-11-18 12:00:00+00\n");
  // The operator's role compares too, though it may write no window.
  RecomputeOptions looking = work.options;
  looking.session.dsn = dsn + " user=weir_operator";
  for (const RecomputeOptions& options : {work.options, looking}) {
    const WindowsVerified verified = must(verify_windows(options, {kStart - std::chrono::days{3}, kLater}, std::nullopt));
    CHECK(verified.differences.empty());
    CHECK(verified.windows > 500);
  }
}

TEST_CASE("recomputed twice, nothing changes; without a source, nothing is recomputed") {
  const std::string dsn = begun_later();
  Application app(dsn);
  for (int i = 0; i < 10; ++i) app.write(i, rated(i % 2, kStart + std::chrono::minutes{i}, 4));
  Instance instance(dsn);
  instance.close(kLater);
  Recomputing(dsn, {}).run();
  CHECK(dump(dsn, "SELECT count(*) FROM agent_metrics") == "0\n");
  Recomputing work(dsn, {app.settings()});
  work.run();
  const std::string once = dump(dsn, "SELECT m.* FROM agent_metrics m ORDER BY agent_id, window_start");
  CHECK(once != "");
  wish(dsn);
  work.run();
  CHECK(dump(dsn, "SELECT count(*) FROM weir.recompute_wishes") == "0\n");
  CHECK(dump(dsn, "SELECT m.* FROM agent_metrics m ORDER BY agent_id, window_start") == once);
}

TEST_CASE("changes that the snapshot holds are not counted again, each side of a move by itself; later ones are") {
  const std::string dsn = begun_later();
  Application app(dsn);
  const Instant open = kStart + std::chrono::minutes{40};  // its window is not closed, and so not recomputed
  const auto added = app.write(1, rated(1, kStart, 2));
  const auto raised = app.write(1, rated(1, kStart, 5));
  const auto in = app.write(2, rated(1, open, 3));
  const auto out = app.write(2, rated(1, kStart, 4));
  const auto deleted_in = app.write(3, rated(1, kStart, 1));
  const auto deleted = app.write(3, std::nullopt);
  Instance instance(dsn);
  instance.close(kStart + std::chrono::minutes{30});
  Recomputing work(dsn, {app.settings()});
  work.run();
  CHECK(dump(dsn, kRows) == "2|9|t|1\n");
  const auto outcomes = instance.apply({added, raised, in, out, deleted_in, deleted});
  CHECK(reason(outcomes[0]) == "recomputed");
  CHECK(reason(outcomes[1]) == "recomputed");
  CHECK(reason(outcomes[2]) == "done");
  CHECK(reason(outcomes[3]) == "done");
  CHECK(reason(outcomes[5]) == "recomputed");
  CHECK(dump(dsn, "SELECT total_tasks, (rating_sum / 1000000000)::bigint FROM agent_metrics ORDER BY window_start") == "2|9\n0|0\n");
  instance.apply({app.write(1, rated(1, kStart, 1))});
  CHECK(differences(dsn) == "");
}

TEST_CASE("a unit of work that was folded before a recomputation is folded anew") {
  const std::string dsn = begun_later();
  Application app(dsn);
  Instance instance(dsn);
  instance.close(kLater);
  const auto event = app.write(1, rated(1, kStart, 2));
  std::vector<const runtime::Event*> batch{event.get()};
  const auto folded = instance.consumer.fold();
  folded->add_all(batch);
  Recomputing work(dsn, {app.settings()});
  work.run();
  must(instance.connection().begin());
  const auto outcomes = must(instance.consumer.apply(batch, folded.get(), instance, instance.now));
  instance.commit();
  CHECK(reason(outcomes[0]) == "recomputed");
  CHECK(differences(dsn) == "");
}

TEST_CASE("while a transaction that began before has not ended, nothing is written, although its change was counted already") {
  const std::string dsn = begun_later();
  Application app(dsn);
  app.write(1, rated(1, kStart, 2));
  auto slow = connect(dsn);
  must(slow.begin());
  const auto event = app.write(slow, 2, rated(1, kStart, 3));
  Instance instance(dsn);
  instance.close(kLater);
  instance.apply({event});  // as where its commit is in the log and waits for a standby
  Recomputing work(dsn, {app.settings()});
  work.run();
  work.run();
  CHECK(dump(dsn, kRows) == "1|3|f|1\n");
  must(slow.commit());
  work.run();
  CHECK(differences(dsn) == "");
  CHECK(dump(dsn, kRows) == "2|5|t|2\n");
}

TEST_CASE("a change that is counted while windows are recomputed is not lost where the snapshot does not see it yet") {
  const std::string dsn = begun_later();
  Application app(dsn);
  app.write(1, rated(1, kStart, 2));
  auto earlier = connect(dsn);
  must(earlier.begin());
  must(earlier.script("SELECT pg_current_xact_id()"));
  Instance instance(dsn);
  instance.close(kLater);
  Recomputing work(dsn, {app.settings()});
  work.run();  // has begun, and waits for the end of the earlier transaction
  auto slow = connect(dsn);
  must(slow.begin());
  instance.apply({app.write(slow, 2, rated(1, kStart, 3))});  // as where its commit is in the log and waits for a standby
  must(earlier.rollback());
  work.run();
  CHECK(dump(dsn, kRows) == "1|3|f|1\n");
  must(slow.commit());
  work.run();
  CHECK(differences(dsn) == "");
  CHECK(dump(dsn, kRows) == "2|5|t|2\n");
}

TEST_CASE("a commit that waits for a standby which is away holds recomputation up, and then counts once") {
  const std::string dsn = begun_later();
  Application app(dsn);
  auto admin = connect(dsn);
  must(admin.script("ALTER SYSTEM SET synchronous_commit = 'local'"));
  must(admin.script("ALTER SYSTEM SET synchronous_standby_names = 'away'"));
  must(admin.script("SELECT pg_reload_conf()"));
  CHECK(await(Milliseconds{10'000}, [&] { return dump(dsn, "SHOW synchronous_standby_names") == "away\n"; }));
  auto waiting = connect(dsn);
  must(waiting.script("SET synchronous_commit = on"));
  must(waiting.begin());
  const auto event = app.write(waiting, 1, rated(1, kStart, 3));
  std::thread commit([&] { static_cast<void>(waiting.commit()); });
  CHECK(await(Milliseconds{10'000},
              [&] { return dump(dsn, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == "1\n"; }));
  Instance instance(dsn);
  instance.close(kLater);
  instance.apply({event});
  Recomputing work(dsn, {app.settings()});
  work.run();
  CHECK(dump(dsn, kRows) == "1|3|f|1\n");
  must(admin.script("ALTER SYSTEM RESET synchronous_standby_names"));
  must(admin.script("ALTER SYSTEM RESET synchronous_commit"));
  must(admin.script("SELECT pg_reload_conf()"));
  commit.join();
  work.run();
  CHECK(differences(dsn) == "");
  CHECK(dump(dsn, kRows) == "1|3|t|2\n");
}

TEST_CASE("a source that hides rows, lacks a column, is not the one that was named, or is not named is refused, and nothing is written") {
  const std::string dsn = begun_later();
  Application app(dsn);
  const auto event = app.write(1, rated(1, kStart, 2));
  Instance instance(dsn);
  instance.close(kLater);
  instance.apply({event});
  run_sql(dsn, fmt::format(
                   R"(INSERT INTO weir.consumer_offsets (group_id, topic, partition, source_position) VALUES ('weir.rollups', '{}', 0,
                      '[{{"name":"weir","db":"{}","commit":null,"lsn":"1","ts_ms":0,"hashes":[],"key_form":null}}]'))",
                   by_default().topics.executions, app.db()));
  const std::string before = dump(dsn, kRows);
  const auto refusal = [&](SourceSettings source) {
    Recomputing work(dsn, {std::move(source)});
    Result<bool> turn = work.recomputer.turn();
    REQUIRE(!turn.has_value());
    CHECK(dump(dsn, kRows) == before);
    return turn.error().message;
  };
  SourceSettings hidden = app.settings();
  hidden.dsn += " user=weir_gateway";
  run_sql(dsn, "GRANT SELECT ON public.agent_executions, public.agent_instances TO weir_gateway");
  CHECK(refusal(hidden).find("row security hides rows of") != std::string::npos);
  SourceSettings other = app.settings();
  other.name = "another";
  CHECK(refusal(other).find("source weir of database") != std::string::npos);
  SourceSettings unpublished = app.settings();
  unpublished.publication = "nothing";
  CHECK(refusal(unpublished).find("the publication nothing does not hold public.agent_executions") != std::string::npos);
  run_sql(dsn,
          "CREATE PUBLICATION narrow FOR TABLE public.agent_executions (id, organization_id, agent_id, status), public.agent_instances");
  unpublished.publication = "narrow";
  CHECK(refusal(unpublished).find("leaves out progress") != std::string::npos);
  run_sql(dsn, "UPDATE weir.consumer_offsets SET source_position = jsonb_set(source_position, '{0,lsn}', '\"9000000000000000000\"')");
  CHECK(refusal(app.settings()).find("log ends before changes that the group has read") != std::string::npos);
  run_sql(dsn, "UPDATE weir.consumer_offsets SET source_position = jsonb_set(source_position, '{0,lsn}', '\"1\"')");
  run_sql(dsn, "INSERT INTO weir.recompute_sources VALUES ('weir.rollups', 'weir', current_database(), 5)");
  CHECK(refusal(app.settings()).find("is another server than before") != std::string::npos);
}

TEST_CASE("a source whose transactions are of a later epoch: its changes tell 32 bits, and the snapshot and the log agree on the rest") {
  const local::Scratch scratch = must(local::Scratch::create(testing::guardian()));
  local::PostgresOptions options;
  options.data = scratch.path() / "data";
  const auto cluster = must(local::Postgres::start(testing::guardian(), scratch, options));
  must(cluster->stop());
  supervise::Command reset;
  reset.arguments = {cluster->program("pg_resetwal"), "--epoch", "3", options.data};
  reset.output = scratch.path() / "pg_resetwal.log";
  reset.user = ::geteuid() == 0 ? "postgres" : "";
  must(supervise::run(testing::guardian(), reset, Milliseconds{60'000}));
  must(cluster->resume());
  must(cluster->create_database("later"));
  auto owner = connect(cluster->dsn("later"));
  must(migrations::up(owner));
  must(owner.script(fmt::format("INSERT INTO organizations (id, name) VALUES ('{}', 'org')", id(1).text())));
  REQUIRE(must(owner.script("SELECT pg_current_xact_id()::text::bigint >> 32"))[0].get<int>(0) == 3);

  const std::string dsn = begun_later();
  Application app(cluster->dsn("later"));
  const auto seen = app.write(1, rated(1, kStart, 2));
  auto slow = connect(cluster->dsn("later"));
  must(slow.begin());
  const auto counted = app.write(slow, 2, rated(1, kStart, 3));
  Instance instance(dsn);
  instance.close(kLater);
  instance.apply({counted});
  Recomputing work(dsn, {app.settings()});
  work.run();
  CHECK(dump(dsn, kRows) == "1|3|f|1\n");  // waits for the transaction, as in the first epoch
  must(slow.commit());
  work.run();
  CHECK(dump(dsn, kRows) == "2|5|t|2\n");
  CHECK(reason(instance.apply({seen})[0]) == "recomputed");
  CHECK(reason(instance.apply({app.write(1, rated(1, kStart, 4))})[0]) == "done");
  CHECK(dump(dsn, kRows) == "2|7|t|3\n");
}

TEST_CASE("the row filter of the publication holds for the rows too") {
  const std::string dsn = begun_later();
  Application app(dsn);
  app.write(1, rated(1, kStart, 2));
  app.write(2, rated(1, kStart, 5));
  run_sql(dsn, "CREATE PUBLICATION low FOR TABLE public.agent_executions WHERE (user_rating < 4), public.agent_instances");
  Instance instance(dsn);
  instance.close(kLater);
  SourceSettings source = app.settings();
  source.publication = "low";
  Recomputing work(dsn, {source});
  work.run();
  CHECK(dump(dsn, kRows) == "1|2|t|1\n");
}

TEST_CASE("a source whose changes do not tell their transaction stops recomputation, with the reason") {
  const std::string dsn = begun_later();
  Application app(dsn);
  const auto event = app.write(1, rated(1, kStart, 2));
  event->decoded.change->transaction_id = 0;
  Instance instance(dsn);
  instance.close(kLater);
  Recomputing work(dsn, {app.settings()});
  work.run();
  instance.apply({event});
  CHECK(dump(dsn, "SELECT recompute_paused, recompute_fault FROM weir.rollup_progress") ==
        "t|changes of recomputed windows do not tell their transaction (source.txId)\n");
  instance.close(kLater);
  CHECK(dump(dsn, "SELECT bool_or(is_complete) FROM agent_metrics") == "f\n");
  work.run();
  CHECK(dump(dsn, kRows).starts_with("2|"));
}
