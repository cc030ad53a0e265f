// The state that a group keeps for its consumer: the actions that it has taken, the lock for work that one instance does alone, and the
// keys that a wake-up goes on without.
#include "common/core/await.hpp"
#include "common/group_state/group_lock.hpp"
#include "common/group_state/seen_events.hpp"
#include "common/group_state/wakeup_keys.hpp"
#include "common/postgres/connection.hpp"
#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

using namespace weir;

namespace {

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().line());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

using testing::migrated_database;

postgres::Connection connect(const std::string& dsn) { return must(postgres::Connection::open({dsn, "weir test"})); }

Uuid id(std::uint8_t number) {
  Uuid out;
  out.bytes[15] = number;
  return out;
}

/// A table that refuses some numbers, and a wake-up that writes one for each key.
struct Numbers {
  Numbers() : dsn(migrated_database()), connection(connect(dsn)) {
    must(connection.script("CREATE TABLE public.numbers (n int PRIMARY KEY, CONSTRAINT good CHECK (n NOT IN (3, 6)))"));
  }
  /// One wake-up, without the keys that are held back. False: it left some.
  bool wake(int keys, const char* refuses = "") {
    must(connection.begin());
    auto known = must(group_state::WakeupKeys::read(connection, "g", "counting"));
    const std::vector<Uuid> held_back = known.held_back();
    std::vector<Uuid> left;
    for (int n = 1; n <= keys; ++n) {
      Uuid key = id(static_cast<std::uint8_t>(n));
      key.bytes[14] = static_cast<std::uint8_t>(n >> 8);
      if (std::ranges::find(held_back, key) == held_back.end()) left.push_back(key);
    }
    works = 0;
    const auto write = [&](std::span<const Uuid> some) -> Result<void> {
      ++works;
      std::vector<std::int64_t> written;
      for (const Uuid& key : some) written.push_back(key.bytes[14] * 256 + key.bytes[15]);
      WEIR_TRY(connection.execute("write_numbers", "INSERT INTO public.numbers SELECT unnest($1) ON CONFLICT DO NOTHING",
                                  postgres::Params{}.add_array(written)));
      if (*refuses != 0) WEIR_TRY(connection.script(refuses));
      return {};
    };
    const auto all = known.take(connection, left, write);
    if (!all) {
      fault = all.error();
      must(connection.rollback());
      return false;
    }
    refused = text(
        "SELECT string_agg(format('%s %s %s %s', right(key, 2), constraint_name, tries, next_try - now()), ', ' ORDER BY key) "
        "FROM weir.refused_wakeups");
    must(connection.commit());
    return *all;
  }
  void pass(const std::string& next_try = "now()") { must(connection.script("UPDATE weir.refused_wakeups SET next_try = " + next_try)); }
  std::string text(const std::string& sql) {
    const auto rows = must(connection.script(sql));
    return rows[0].is_null(0) ? "" : std::string(rows[0].text(0));
  }

  std::string dsn;
  postgres::Connection connection;
  std::string refused;  // as the last wake-up left it
  int works = 0;
  Fault fault;
};

constexpr const char* kNumbers = "SELECT string_agg(n::text, ' ' ORDER BY n) FROM public.numbers";

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

TEST_CASE("a wake-up goes on without the keys whose data is refused; each is tried again after pauses that grow, until it comes through") {
  Numbers numbers;
  CHECK(numbers.wake(8));
  CHECK(numbers.text(kNumbers) == "1 2 4 5 7 8");
  CHECK(numbers.refused == "03 good 1 00:00:01, 06 good 1 00:00:01");
  numbers.pass();
  CHECK(numbers.wake(8));
  CHECK(numbers.refused == "03 good 2 00:00:02, 06 good 2 00:00:02");
  CHECK(numbers.text("SELECT bool_and(next_try > since) FROM weir.refused_wakeups") == "t");
  must(numbers.connection.script("UPDATE weir.refused_wakeups SET tries = 30, next_try = now()"));
  CHECK(numbers.wake(8));
  CHECK(numbers.refused == "03 good 31 00:05:00, 06 good 31 00:05:00");

  numbers.pass("now() + interval '1 hour'");
  CHECK(numbers.wake(8));
  CHECK(numbers.works == 1);  // without those two

  must(numbers.connection.script("ALTER TABLE public.numbers DROP CONSTRAINT good"));
  numbers.pass();
  CHECK(numbers.wake(8));
  CHECK(numbers.text(kNumbers) == "1 2 3 4 5 6 7 8");
  CHECK(numbers.refused.empty());
}

TEST_CASE("what is not the data's fault ends the wake-up, and so does the data of very many keys") {
  Numbers numbers;
  CHECK_FALSE(numbers.wake(2, "SELECT FROM public.not_there"));
  CHECK(numbers.fault.kind == FaultKind::kPgSchema);
  CHECK(numbers.works == 1);

  int wakeups = 0;
  const char* raise = "DO $$ BEGIN RAISE EXCEPTION 'no'; END $$";
  do {
    numbers.fault = {};
    CHECK_FALSE(numbers.wake(1'002, raise));
    CHECK(numbers.works <= 200);
    numbers.pass("now() + interval '1 hour'");
    REQUIRE(++wakeups < 100);
  } while (numbers.fault.message.empty());
  CHECK(numbers.fault.kind == FaultKind::kPgRaised);
  CHECK(numbers.fault.message.starts_with("more keys are refused than 1000: "));
  CHECK(numbers.text("SELECT count(*) <= 1000 FROM weir.refused_wakeups") == "t");
}
