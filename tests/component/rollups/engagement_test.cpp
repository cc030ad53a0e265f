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

TEST_CASE("a user is new where the earliest action lies; a late earlier one moves it") {
  const std::string dsn = migrated_database();
  Instance instance(dsn);
  instance.apply({action("1", 7, 700), action("2", 7, 900), action("3", 8, 710)});
  CHECK(dump(dsn, kRows) == "click|2|2|2|2|2|0\nclick|3|1|1|1|0|0\n");
  instance.close(kStart + std::chrono::hours{1});
  instance.apply({action("4", 7, 100), action("5", 7, 50, "scroll")});
  CHECK(dump(dsn, kRows) == "click|0|1|1|1|1|1\nclick|2|2|2|2|1|1\nclick|3|1|1|1|0|0\nscroll|0|1|1|1|1|1\n");
}
