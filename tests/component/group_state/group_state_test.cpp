// The state that a group keeps for its consumer: the actions that it has taken, and the lock for work that one instance does alone.
#include "common/core/await.hpp"
#include "common/group_state/group_lock.hpp"
#include "common/group_state/seen_events.hpp"
#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace weir;

namespace {

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().line());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::string migrated_database() {
  std::string dsn = testing::fresh_database();
  auto connection = must(postgres::Connection::open({dsn, "weir test"}));
  must(migrations::up(connection));
  return dsn;
}

postgres::Connection connect(const std::string& dsn) { return must(postgres::Connection::open({dsn, "weir test"})); }

Uuid id(std::uint8_t number) {
  Uuid out;
  out.bytes[15] = number;
  return out;
}

}  // namespace

TEST_CASE("an event is new to a group once, and to each group by itself") {
  auto connection = connect(migrated_database());
  CHECK(must(group_state::claim_events(connection, "one", std::vector{id(1), id(2), id(1)})).size() == 2);
  const auto fresh = must(group_state::claim_events(connection, "one", std::vector{id(2), id(3)}));
  CHECK(fresh == std::unordered_set<Uuid>{id(3)});
  CHECK(must(group_state::claim_events(connection, "other", std::vector{id(2)})).size() == 1);
}

TEST_CASE("an event is forgotten after a day, unless a letter with its identity waits") {
  auto connection = connect(migrated_database());
  CHECK(must(group_state::claim_events(connection, "one", std::vector{id(1), id(2), id(3)})).size() == 3);
  must(connection.script("UPDATE weir.event_ids SET seen_at = seen_at - interval '25 hours'"));
  const auto keep = [&](std::uint8_t number, std::string_view status) {
    must(connection.execute("keep_letter", R"(
      INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, occurred_at, kind, reason, event_id, status,
                                     resolved_at)
      VALUES ('one', 'weir.actions.v1', gen_random_uuid(), 0, 0, now(), 'rule', 'too_old', $1, $2, CASE $2 WHEN 'resolved' THEN now() END))",
                            postgres::Params{}.add(id(number)).add(status)));
  };
  keep(1, "dead");
  keep(2, "resolved");
  CHECK(must(group_state::claim_events(connection, "one", std::vector{id(4)})).size() == 1);
  must(group_state::forget_events(connection, "one"));
  const auto fresh = must(group_state::claim_events(connection, "one", std::vector{id(1), id(2), id(3), id(4)}));
  CHECK(fresh == std::unordered_set<Uuid>{id(2), id(3)});
}

TEST_CASE("units of work run beside each other, but none beside the work that is done alone") {
  const std::string dsn = migrated_database();
  auto first = connect(dsn);
  auto second = connect(dsn);
  auto alone = connect(dsn);
  must(first.begin());
  must(second.begin());
  must(group_state::work_beside(first, "one"));
  must(group_state::work_beside(second, "one"));
  must(second.commit());
  std::thread waits([&] {
    must(alone.begin());
    must(group_state::work_alone(alone, "one"));
  });
  auto watcher = connect(dsn);
  CHECK(await(Milliseconds{20'000}, [&] {
    return must(watcher.script("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")).size() == 1;
  }));
  must(first.commit());
  waits.join();
  must(second.begin());
  must(group_state::work_beside(second, "other"));
  must(second.commit());
  must(alone.commit());
}
