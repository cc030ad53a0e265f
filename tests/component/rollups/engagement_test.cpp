// Engagement in a real Postgres: repeats, first-time users, corrections.
#include "tests/component/rollups/bench_of_instances.hpp"

using namespace weir;
using namespace weir::rollups;

namespace {

std::shared_ptr<runtime::Event> action(const std::string& name, int user, std::int64_t second, const std::string& type = "click") {
  const OrganizationId organization{id(1)};
  return event_of(ActionFact{action_event_id(organization, "app", name), organization, type, kStart + Seconds{second}, UserId{id(user)},
                             "session " + std::to_string(user)});
}

constexpr const char* kRows =
    "SELECT action_type, extract(epoch from window_start - '2026-11-18 12:00Z')::int / 300, events, unique_users, sessions, "
    "first_time_users, "
    "revision FROM engagement_rollups ORDER BY action_type COLLATE \"C\", window_start";

}  // namespace

TEST_CASE("a repeated action counts once, within a batch, across batches and instances") {
  const std::string dsn = migrated_database();
  Instance a(dsn);
  Instance b(dsn);
  const auto outcomes = a.apply({action("1", 7, 0), action("1", 7, 0), action("2", 8, 1), action("3", 7, 2)});
  CHECK(std::get<runtime::Skipped>(outcomes[1]).reason == "duplicate");
  CHECK(std::get<runtime::Skipped>(b.apply({action("2", 8, 1)})[0]).reason == "duplicate");
  CHECK(dump(dsn, kRows) == "click|0|3|2|2|2|0\n");
}

TEST_CASE("a user is new in the window of the earliest action; a late, earlier action moves that") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  instance.apply({action("1", 7, 700), action("2", 7, 900), action("3", 8, 710)});
  CHECK(dump(dsn, kRows) == "click|2|2|2|2|2|0\nclick|3|1|1|1|0|0\n");
  instance.close(kStart + std::chrono::hours{1});
  instance.apply({action("4", 7, 100), action("5", 7, 50, "scroll")});
  CHECK(dump(dsn, kRows) == "click|0|1|1|1|1|1\nclick|2|2|2|2|1|1\nclick|3|1|1|1|0|0\nscroll|0|1|1|1|1|1\n");
}

TEST_CASE("an action's identity is forgotten after a day, but not while its letter waits, or a repeat would count twice") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  instance.apply({action("1", 7, 0), action("2", 7, 0), action("3", 7, 0)});
  auto sql = connect(dsn);
  must(sql.script("UPDATE weir.event_ids SET seen_at = now() - interval '25 hours'"));
  const OrganizationId organization{id(1)};
  const auto letter = [&](const std::string& name, const std::string& status, const std::string& resolved_at) {
    must(
        sql.script("INSERT INTO weir.dead_letters (group_id, topic, topic_uuid, partition, record_offset, occurred_at, kind, reason, "
                   "status, resolved_at, event_id) VALUES ('weir.rollups', 't', gen_random_uuid(), 0, 0, now(), 'rule', 'r', '" +
                   status + "', " + resolved_at + ", '" + action_event_id(organization, "app", name).text() + "')"));
  };
  letter("2", "dead", "NULL");
  letter("3", "resolved", "now()");
  instance.close(kStart + std::chrono::hours{1});
  CHECK(dump(dsn, "SELECT event_id FROM weir.event_ids") == action_event_id(organization, "app", "2").text() + "\n");
}
