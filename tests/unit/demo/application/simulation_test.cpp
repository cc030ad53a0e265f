// The simulated application: one seed is one course of events, and that course holds what the demo promises.
#include "demo/application/simulation.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace weir;
using namespace weir::demo;

namespace {

constexpr Instant kBegin{std::chrono::seconds{1'790'000'000}};

struct Life {
  std::map<Uuid, Execution> executions;
  std::set<Uuid> deleted;
  std::size_t changes = 0;
  std::size_t late = 0;
  std::size_t broken = 0;

  void live(const Transaction& transaction, Instant now) {
    changes += transaction.size();
    for (const Change& change : transaction) {
      if (const auto* insert = std::get_if<InsertExecution>(&change)) {
        REQUIRE(executions.emplace(insert->row.id, insert->row).second);
      } else if (const auto* update = std::get_if<UpdateExecution>(&change)) {
        replace(update->row, now);
      } else if (const auto* gone = std::get_if<DeleteExecution>(&change)) {
        REQUIRE(executions.erase(gone->id) == 1);
        deleted.insert(gone->id);
      }
    }
  }

  void replace(const Execution& row, Instant now) {
    const auto known = executions.find(row.id);
    REQUIRE(known != executions.end());
    if (row.quality_score && *row.quality_score > 1) ++broken;
    if (row.completed_at && *row.completed_at < now - std::chrono::minutes{5}) ++late;
    known->second = row;
  }
};

Life live(std::uint64_t seed, int transactions) {
  Simulation simulation(seed, {});
  Life life;
  Instant now = kBegin;
  for (int number = 0; number < transactions; ++number) {
    now += Milliseconds{3};
    life.live(simulation.next_transaction(now), now);
  }
  for (const Transaction& last : simulation.last_transactions(now)) life.live(last, now);
  CHECK(life.broken == simulation.broken_executions());
  return life;
}

}  // namespace

TEST_CASE("three organizations and sixty agents live there") {
  const Simulation simulation(1, {});
  CHECK(simulation.world().organizations.size() == 3);
  CHECK(simulation.world().agents.size() == 60);
  for (const Organization& organization : simulation.world().organizations) CHECK(organization.users.size() == 40);
}

TEST_CASE("one seed is one course of events, another seed another") {
  const Life one = live(7, 3'000);
  const Life same = live(7, 3'000);
  const Life other = live(8, 3'000);
  CHECK(one.changes == same.changes);
  CHECK(one.deleted == same.deleted);
  REQUIRE(one.executions.size() == same.executions.size());
  for (const auto& [id, row] : one.executions) {
    const auto twin = same.executions.find(id);
    REQUIRE(twin != same.executions.end());
    CHECK(twin->second.status == row.status);
    CHECK(twin->second.completed_at == row.completed_at);
    CHECK(twin->second.memory_mb == row.memory_mb);
  }
  CHECK(one.executions.begin()->first != other.executions.begin()->first);
}

TEST_CASE("what was begun is ended at the last") {
  const Life life = live(3, 2'000);
  CHECK(life.executions.size() > 400);
  for (const auto& [id, row] : life.executions) {
    CHECK((row.status == "completed" || row.status == "failed" || row.status == "cancelled"));
  }
}

TEST_CASE("some of it is late, some is broken, some is deleted") {
  const Life life = live(5, 6'000);
  CHECK(life.late > 20);
  CHECK(life.broken > 1);
  CHECK(life.deleted.size() > 5);
}

TEST_CASE("some posts are repeated with the same id, some are broken") {
  Simulation simulation(11, {});
  std::map<std::string, std::string> bodies;
  std::size_t repeated = 0;
  std::size_t broken = 0;
  for (int number = 0; number < 2'000; ++number) {
    const Post post = simulation.next_post(kBegin + Milliseconds{number});
    const auto [known, fresh] = bodies.emplace(post.id, post.body);
    if (!fresh) {
      ++repeated;
      CHECK(known->second == post.body);
    }
    if (post.broken) ++broken;
    CHECK(post.broken == (post.body.find("\"action\"") == std::string::npos));
  }
  CHECK(repeated > 20);
  CHECK(broken > 10);
}
