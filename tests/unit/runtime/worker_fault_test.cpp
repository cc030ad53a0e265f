#include "tests/unit/runtime/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weir;
using namespace weir::testing;
using Strings = std::vector<std::string>;

TEST_CASE("a wake-up that its data makes fail is recorded and tried again after growing pauses, while records go on") {
  World world;
  world.assign({kP0});
  world.consumer.wakeup = Microseconds{0};
  world.consumer.wake_fault = FaultKind::kPgConstraint;
  REQUIRE(world.settle());
  CHECK(world.consumer.woken == 1);
  for (int i = 0; i < 20; ++i) {
    world.fetch(kP0, i, {"x"});
    REQUIRE(world.flush());
  }
  CHECK(world.stored(kP0) == 20);
  CHECK(world.consumer.woken < 8);
  REQUIRE(world.ledger.refused_wakeups.size() > 2);
  CHECK(world.ledger.refused_wakeups[0] == std::pair{std::string("pg_constraint"), Milliseconds{1'000}});
  CHECK(world.ledger.refused_wakeups[2].second == Milliseconds{4'000});
  CHECK(world.health.reasons().contains("wake-up"));
  world.consumer.wake_fault.reset();
  world.clock.advance(std::chrono::minutes{5});
  REQUIRE(world.settle());
  CHECK(world.ledger.refused_wakeups.empty());
  CHECK(world.ledger.committed.back() == "woken");
  CHECK_FALSE(world.health.reasons().contains("wake-up"));
  CHECK(world.metrics.text().find("weir_refused_wakeups{group=\"weir.test\"} 0") != std::string::npos);
}

TEST_CASE("how many keys a wake-up goes on without is measured, and told once where they become more; it holds nothing up") {
  World world;
  world.assign({kP0});
  world.consumer.wakeup = Microseconds{0};
  world.ledger.refused = {{"closing", 2}};
  REQUIRE(world.settle());
  CHECK(world.metrics.text().find("weir_refused_keys{group=\"weir.test\",wakeup=\"closing\"} 2") != std::string::npos);
  CHECK(world.health.reasons().empty());
  world.ledger.refused.clear();
  world.consumer.wakeup = Microseconds{0};
  REQUIRE(world.settle());
  CHECK(world.metrics.text().find("weir_refused_keys{group=\"weir.test\",wakeup=\"closing\"} 0") != std::string::npos);
}

TEST_CASE("a refused unit is divided until the bad event stands alone, which becomes a dead letter with constraint and column") {
  for (std::size_t bad_at : {0U, 3U, 7U}) {
    World world;
    world.assign({kP0});
    Strings values{"0", "1", "2", "3", "4", "5", "6", "7"};
    values[bad_at] = "bad";
    world.fetch(kP0, 0, values);
    REQUIRE(world.flush());
    Strings good = values;
    good.erase(good.begin() + static_cast<std::ptrdiff_t>(bad_at));
    CHECK(world.ledger.committed == good);
    REQUIRE(world.ledger.buried.size() == 1);
    CHECK(world.ledger.buried[0].kind == "database");
    CHECK(world.ledger.buried[0].path == "/after/score");
    CHECK(world.stored(kP0) == 8);
    CHECK(world.ledger.counts.at("done") == 7);
  }
}

TEST_CASE("the consumer is given each burial again in every attempt to commit it") {
  World world;
  world.inherit({kP1}, 3, 0);
  world.fetch(kP1, 0, {"killer"});
  REQUIRE(world.flush());
  CHECK(world.consumer.burials == Strings{"crash killed_the_process killer"});
  world.consumer.burials.clear();
  world.assign({kP0});
  world.ledger.faults = {{Step::kCommit, FaultKind::kPgSerialization}};
  world.fetch(kP0, 0, {"0", "dead by rule", "broken", "skip"});
  REQUIRE(world.flush());
  CHECK(world.consumer.burials == Strings{"decode malformed_json broken", "decode malformed_json broken"});
  world.consumer.burials.clear();
  world.fetch(kP0, 4, {"4", "bad"});
  REQUIRE(world.flush());
  CHECK(world.consumer.burials == Strings{"database pg_constraint bad"});
}

TEST_CASE("a fault that time heals is tried without end, and readiness says why meanwhile") {
  World world;
  world.assign({kP0});
  for (int i = 0; i < 100; ++i) world.ledger.faults.push_back({Step::kBegin, FaultKind::kPgConnection});
  world.fetch(kP0, 0, {"a"});
  REQUIRE(world.settle());
  world.clock.advance(Seconds{2});
  for (int i = 0; i < 5; ++i) static_cast<void>(world.worker.turn());
  CHECK(world.health.reasons().contains("postgres"));
  REQUIRE(world.settle());
  CHECK(world.ledger.committed == Strings{"a"});
  CHECK(world.health.is_ready());
}

TEST_CASE("a fault of unknown kind is tried eight times, then the process stops") {
  World world;
  world.assign({kP0});
  for (int i = 0; i < 8; ++i) world.ledger.faults.push_back({Step::kBegin, FaultKind::kPgOther});
  world.fetch(kP0, 0, {"a"});
  const Result<void> stopped = world.flush();
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().line() == "given up after 8 tries: planned");
}

TEST_CASE("a commit that came through although its answer was lost is not written again") {
  World world;
  world.assign({kP0});
  world.ledger.faults.push_back({Step::kCommit, FaultKind::kCommitInDoubt, true});
  world.fetch(kP0, 0, {"a", "b"});
  REQUIRE(world.flush());
  world.fetch(kP0, 2, {"c"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"a", "b", "c"});
  CHECK(world.ledger.counts.at("done") == 3);
}

TEST_CASE("a commit whose answer was lost and that did not come through is taken again") {
  World world;
  world.assign({kP0});
  world.ledger.faults.push_back({Step::kCommit, FaultKind::kCommitInDoubt, false});
  world.ledger.faults.push_back({Step::kStandings, FaultKind::kPgConnection});
  world.fetch(kP0, 0, {"a", "b"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"a", "b"});
  CHECK(world.ledger.counts.at("done") == 2);
}

TEST_CASE("an owner that was fenced drops its work, and goes on from where the other owner stopped") {
  World world;
  world.assign({kP0});
  world.fetch(kP0, 0, {"a", "b"});
  REQUIRE(world.settle());
  auto& row = world.ledger.rows.at(kP0);
  row.claim.epoch += 1;  // another instance claimed the partition and took both
  row.claim.position.next_offset = 2;
  REQUIRE(world.flush());
  CHECK(world.ledger.committed.empty());
  world.fetch(kP0, 0, {"a", "b", "c"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"c"});
}

TEST_CASE(
    "fenced while events go one at a time, before the next is begun: the partition is let go and claimed again, and nothing is left out") {
  World world;
  world.inherit({kP0, kP1}, 2);
  world.fetch(kP0, 0, {"a"});
  world.fetch(kP1, 0, {"b", "c"});
  REQUIRE(world.settle());
  world.ledger.rows.at(kP1).claim.epoch += 1;
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"a"});
  world.fetch(kP1, 0, {"b", "c"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"a", "b", "c"});
}

TEST_CASE("however long Postgres was away, a session is asked for again within five seconds") {
  World world(Milliseconds{100});
  world.assign({kP0});
  constexpr std::size_t kFaults = 60;
  for (std::size_t i = 0; i < kFaults; ++i) world.ledger.faults.push_back({Step::kConnect, FaultKind::kPgConnection});
  world.fetch(kP0, 0, {"a"});
  REQUIRE(world.flush());
  while (!world.ledger.faults.empty()) {
    const std::size_t before = world.ledger.faults.size();
    world.clock.advance(Seconds{5} + Milliseconds{1});
    REQUIRE(world.settle());
    REQUIRE(world.ledger.faults.size() < before);
  }
}

TEST_CASE("only events of the fenced partition are dropped; those of the other partition are committed") {
  World world;
  world.assign({kP0, kP1});
  world.fetch(kP0, 0, {"a"});
  world.fetch(kP1, 0, {"b"});
  REQUIRE(world.settle());
  world.ledger.rows.at(kP0).claim.epoch += 1;
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"b"});
  world.fetch(kP0, 0, {"a"});
  REQUIRE(world.flush());
  CHECK(world.ledger.committed == Strings{"b", "a"});
}

TEST_CASE("a fault in the schema stops with exit 78") {
  World world;
  world.assign({kP0});
  world.ledger.faults.push_back({Step::kBegin, FaultKind::kPgSchema});
  world.fetch(kP0, 0, {"a"});
  const Result<void> stopped = world.flush();
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().exit_code() == ExitCode::kConfiguration);
}

TEST_CASE("any fault at any step leaves each event written once") {
  for (const Step step : {Step::kConnect, Step::kBegin, Step::kCommit}) {
    for (const FaultKind kind :
         {FaultKind::kPgSerialization, FaultKind::kPgLockTimeout, FaultKind::kPgConnection, FaultKind::kCommitInDoubt}) {
      for (const bool carried_out : {false, true}) {
        if (carried_out && (step != Step::kCommit || kind != FaultKind::kCommitInDoubt)) continue;
        World world;
        world.assign({kP0, kP1});
        world.ledger.faults.push_back({step, kind, carried_out});
        world.fetch(kP0, 0, {"a", "bad", "b"});
        world.fetch(kP1, 0, {"c", "d"});
        REQUIRE(world.flush());
        Strings sorted = world.ledger.committed;
        std::sort(sorted.begin(), sorted.end());
        CHECK(sorted == Strings{"a", "b", "c", "d"});
        CHECK(world.ledger.counts.at("done") == 4);
        CHECK(world.stored(kP0) == 3);
        CHECK(world.stored(kP1) == 2);
      }
    }
  }
}
