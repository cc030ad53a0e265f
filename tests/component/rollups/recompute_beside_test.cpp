// Recomputation beside a group at work: changes that die, several sources, incidents, and load.
#include "tests/component/rollups/application.hpp"

#include <atomic>
#include <random>
#include <thread>

using namespace weir;
using namespace weir::rollups;

TEST_CASE("a change that died is in its window after a recomputation, and the next change of its row counts once") {
  const std::string dsn = begun_later();
  Application app(dsn);
  Instance instance(dsn);
  const auto first = app.write(1, rated(1, kStart, 2));
  const auto moved = app.write(2, rated(1, kStart + std::chrono::minutes{20}, 3));
  instance.apply({moved});
  const auto into = app.write(2, rated(1, kStart, 3));
  instance.bury({first, into}, "database");
  instance.close(kLater);
  CHECK(dump(dsn, "SELECT count(*) FROM weir.diverged_executions") == "2\n");
  Recomputing work(dsn, {app.settings()});
  work.run();
  CHECK(differences(dsn) == "");
  CHECK(dump(dsn, "SELECT count(*) FROM weir.diverged_executions") == "0\n");
  instance.apply({app.write(1, rated(1, kStart, 5)), app.write(2, std::nullopt)});
  CHECK(differences(dsn) == "");
  // The letters are out of date.
  first->redriven = into->redriven = true;
  const auto outcomes = instance.apply({first, into});
  CHECK(reason(outcomes[0]) == "superseded");
  CHECK(reason(outcomes[1]) == "superseded");
  CHECK(differences(dsn) == "");
}

TEST_CASE("a change that dies although its window holds it leaves nothing behind") {
  const std::string dsn = begun_later();
  Application app(dsn);
  Instance instance(dsn);
  const auto event = app.write(1, rated(1, kStart, 2));
  instance.close(kLater);
  Recomputing work(dsn, {app.settings()});
  work.run();
  instance.bury({event}, "database");
  CHECK(dump(dsn, "SELECT count(*) FROM weir.diverged_executions") == "0\n");
  instance.apply({app.write(1, rated(1, kStart, 4))});
  CHECK(differences(dsn) == "");
}

TEST_CASE("two sources make one row; an entry goes once every partition has passed it") {
  const std::string dsn = begun_later();
  Application here(dsn);
  Application there(migrated_database(), "second");
  const auto lagging = there.write(1, rated(1, kStart, 5));
  here.write(1, rated(1, kStart, 2));
  Instance instance(dsn);
  instance.close(kLater);
  Recomputing work(dsn, {here.settings(), there.settings()});
  work.run();
  CHECK(dump(dsn, kRows) == "2|7|t|1\n");
  CHECK(reason(instance.apply({lagging})[0]) == "recomputed");
  CHECK(reason(instance.apply({there.write(1, rated(1, kStart, 4))})[0]) == "done");
  CHECK(dump(dsn, kRows) == "2|6|t|2\n");

  const auto entries = [&] { return dump(dsn, "SELECT DISTINCT source_name FROM weir.recomputations ORDER BY 1"); };
  const auto passed = [&](int partition, const std::string& commit) {
    run_sql(dsn,
            fmt::format(R"(INSERT INTO weir.consumer_offsets (group_id, topic, partition, source_position) VALUES ('weir.rollups', '{}', {},
        '[{{"name":"second","db":"{}","commit":"{}","lsn":"{}","ts_ms":0,"hashes":[],"key_form":null}}]')
        ON CONFLICT (group_id, topic, partition) DO UPDATE SET source_position = excluded.source_position)",
                        by_default().topics.executions, partition, there.db(), commit, 1));
    work.run();
  };
  passed(0, "9000000000000000000");
  CHECK(entries() == "weir\n");
  passed(1, "1");
  wish(dsn);
  work.run();
  CHECK(entries() == "second\nweir\n");
}

TEST_CASE("a topic that lags by a day still brings what the snapshot holds, and no row counts twice") {
  const std::string dsn = begun_later();
  Application app(dsn);
  const auto lagging = app.write(1, rated(1, kStart, 2));
  const auto lagging_too = app.write(2, rated(1, kStart, 3));
  const auto gone = app.write(2, std::nullopt);
  Instance instance(dsn);
  instance.close(kLater);
  Recomputing work(dsn, {app.settings()});
  work.run();
  run_sql(dsn, fmt::format(R"(
UPDATE weir.recomputations SET taken_at = taken_at - interval '1 day';
INSERT INTO weir.consumer_offsets (group_id, topic, partition, source_position)
VALUES ('weir.rollups', '{}', 0, '[{{"name":"weir","db":"{}","commit":"1","lsn":"1","ts_ms":0,"hashes":[],"key_form":null}}]'))",
                           by_default().topics.executions, app.db()));
  work.run();
  Instance next(dsn);
  for (const auto& outcome : next.apply({lagging, lagging_too, gone})) CHECK(reason(outcome) == "recomputed");
  CHECK(dump(dsn, kRows) == "1|2|t|1\n");
}

TEST_CASE("an incident while windows are recomputed makes the work begin anew") {
  const std::string dsn = begun_later();
  Application app(dsn);
  app.write(1, rated(1, kStart, 2));
  auto slow = connect(dsn);
  must(slow.begin());
  app.write(slow, 2, rated(1, kStart, 3));
  Instance instance(dsn);
  instance.close(kLater);
  Recomputing work(dsn, {app.settings()});
  work.run();  // armed, and waiting
  Incomplete snapshot{Source::kExecutions, kLater + std::chrono::hours{2}, "snapshot"};
  instance.apply({event_of(snapshot)});
  must(slow.commit());
  work.run();
  CHECK(dump(dsn, "SELECT recomputed_from IS NULL FROM weir.rollup_progress") == "t\n");
  instance.close(kLater);  // marks the rows
  work.run();
  CHECK(dump(dsn, kRows) == "2|5|t|1\n");
}

TEST_CASE("a peak that fell is exact again by itself, and no other window is read or written") {
  const std::string dsn = begun_later();
  Application app(dsn);
  for (int i = 0; i < 3; ++i) app.write(i, rated(i / 2, kStart, 2, 5 + 4 * i));
  Instance instance(dsn);
  instance.close(kLater);
  Recomputing work(dsn, {app.settings()});
  work.run();
  instance.apply({app.write(1, rated(0, kStart, 2, 3))});
  const std::string peaks = "SELECT peak_memory_mb, peak_is_upper_bound, version FROM agent_metrics ORDER BY agent_id";
  CHECK(dump(dsn, peaks) == "9|t|2\n13|f|1\n");
  work.run();
  CHECK(dump(dsn, peaks) == "5|f|3\n13|f|1\n");
  work.run();
  CHECK(dump(dsn, peaks) == "5|f|3\n13|f|1\n");
}

TEST_CASE("windows of a change that died are mended by themselves once they are closed, and none is mended for a change that died since") {
  const std::string dsn = database_known_from(kStart - std::chrono::hours{1});
  Application app(dsn);
  Instance instance(dsn);
  instance.bury({app.write(1, rated(1, kStart, 2))}, "database");
  Recomputing work(dsn, {app.settings()});
  work.run();
  CHECK(dump(dsn, kRows) == "0|0|f|0\n");
  instance.close(kLater);
  auto slow = connect(dsn);
  must(slow.script("SET idle_in_transaction_session_timeout = 0"));
  must(slow.begin());
  const auto dying = app.write(slow, 2, rated(1, kStart, 3));
  work.run();  // armed, and waits for the transaction
  instance.bury({dying}, "crash");
  must(slow.commit());
  work.run();
  CHECK(dump(dsn, kRows).starts_with("2|5|t|"));
  CHECK(dump(dsn, "SELECT count(*) FROM weir.recompute_wishes") == "0\n");
  CHECK(dump(dsn, "SELECT count(*) FROM weir.diverged_executions") == "0\n");
}

TEST_CASE("executions that ran and tasks that waited before the group began are in the lengths of its queues") {
  const std::string dsn = begun_later();
  Application app(dsn);
  const auto at = [](int minutes) { return format_instant(kStart + std::chrono::minutes{minutes}); };
  const auto runs = [&](int number, const std::string& started, const std::string& status, const std::string& ended) {
    run_sql(dsn, fmt::format("INSERT INTO agent_executions (id, organization_id, agent_id, task_type, status, started_at, completed_at) "
                             "VALUES ('{}', '{}', '{}', 't', '{}', '{}', nullif('{}', '')::timestamptz)",
                             id(number).text(), id(1).text(), id(101).text(), status, started, ended));
  };
  runs(1, at(0), "running", "");
  runs(2, at(7), "completed", at(21));
  runs(3, at(-60 * 26), "running", "");
  runs(4, format_instant(kLater + std::chrono::hours{2}), "running", "");  // the group sees it begin
  run_sql(dsn,
          fmt::format("INSERT INTO agent_task_queue (id, organization_id, agent_type, status, enqueued_at) "
                      "SELECT gen_random_uuid(), '{}', 't', CASE n WHEN 3 THEN 'done' ELSE 'queued' END, '{}' FROM generate_series(1, 3) n",
                      id(1).text(), at(-5)));
  Instance instance(dsn);
  instance.close(kLater);
  Recomputing(dsn, {app.settings()}).run();
  instance.close(kLater);
  const std::string lengths =
      "SELECT string_agg(concat_ws('/', to_char(window_start AT TIME ZONE 'UTC', 'HH24:MI'), queued_tasks, running_tasks), ' ' ORDER BY "
      "window_start) FROM system_health WHERE window_start IN ('2026-11-18 11:55Z', '2026-11-18 12:00Z', '2026-11-18 12:15Z', "
      "'2026-11-18 12:20Z', '2026-11-18 13:50Z')";
  CHECK(dump(dsn, lengths) == "11:55/2/1 12:00/2/2 12:15/2/3 12:20/2/2 13:50/2/2\n");
  run_sql(dsn, "UPDATE agent_task_queue SET status = 'assigned'; UPDATE agent_executions SET status = 'failed', completed_at = '" + at(16) +
                   "' WHERE id = '" + id(1).text() + "'");
  Recomputing(dsn, {app.settings()}).run();
  instance.close(kLater);
  CHECK(dump(dsn, lengths) == "11:55/2/1 12:00/2/2 12:15/2/2 12:20/2/1 13:50/2/1\n");
  CHECK(dump(dsn, "SELECT sum(queued), sum(running) FROM weir.standing_deltas") == "0|1\n");
}

TEST_CASE("beside the live group, with rows updated, moved and deleted and recomputations killed, no number is wrong in the end") {
  const std::string dsn = begun_later();
  Application app(dsn);
  std::mt19937 random(7);
  const auto pick = [&](int below) { return std::uniform_int_distribution<int>(0, below - 1)(random); };
  // The changes are recorded an hour after kStart. A change of a row that ends more than max_future after its record would be refused, and
  // its window would be wrong until it is recomputed.
  const auto any_row = [&] { return rated(pick(3), kStart + std::chrono::minutes{pick(70)}, 1 + pick(5), pick(50)); };
  for (int i = 0; i < 50; ++i) app.write(i, any_row());
  Instance instance(dsn);
  instance.close(kLater);
  std::atomic<bool> ended = false;
  std::atomic<std::int64_t> ranges = 0;
  std::thread beside([&] {
    while (!ended) {
      Recomputing work(dsn, {app.settings()});  // each ends in the middle of its work
      for (int turn = 0; turn < 5 && !ended; ++turn) must(work.recomputer.turn());
      ranges += work.recomputer.done().ranges;
    }
  });
  Events waiting;
  for (int round = 0; round < 120; ++round) {
    if (round % 10 == 0) wish(dsn);
    for (int i = pick(6); i > 0; --i) {
      const int number = pick(80);
      waiting.push_back(app.write(number, app.rows().contains(number) && pick(4) == 0 ? std::nullopt : std::optional(any_row())));
    }
    const auto lag = static_cast<std::size_t>(pick(8));
    if (waiting.size() <= lag) continue;
    const auto end = waiting.end() - static_cast<std::ptrdiff_t>(lag);
    const Events batch(waiting.begin(), end);
    for (const auto& outcome : instance.begin_apply(batch)) CHECK(reason(outcome) != "dead");
    if (pick(5) == 0) {
      instance.roll_back();
    } else {
      instance.commit();
      waiting.erase(waiting.begin(), end);
    }
  }
  ended = true;
  beside.join();
  // No recomputation comes after these changes, so that none hides that a change was counted wrongly.
  for (int i = 0; i < 40; ++i) waiting.push_back(app.write(pick(80), any_row()));
  instance.apply(waiting);
  CHECK(differences(dsn) == "");
  // Only a peak that fell since its window was last recomputed is not yet as its rows say.
  const auto fallen = std::stoll(dump(dsn, "SELECT count(*) FROM agent_metrics WHERE peak_is_upper_bound"));
  Recomputing last(dsn, {app.settings()});
  wish(dsn);
  last.run();
  ranges += last.recomputer.done().ranges;
  CHECK(ranges > 0);
  CHECK(last.recomputer.done().replaced <= fallen);
  CHECK(dump(dsn, "SELECT bool_or(peak_is_upper_bound) FROM agent_metrics") == "f\n");
  CHECK(dump(dsn, "SELECT bool_and(is_complete) FROM agent_metrics") == "t\n");
}
