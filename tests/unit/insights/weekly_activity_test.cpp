#include "consumers/insights/pure/weekly_activity.hpp"

#include "tests/unit/insights/histories.hpp"

#include <rapidcheck.h>

using namespace weir::insights;
using weir::Instant;
using weir::OrganizationId;
using weir::UserId;

namespace {

const OrganizationId kOrganization{uuid_of(1)};
const UserId kAnn{uuid_of(2)};
const UserId kBob{uuid_of(3)};

Instant utc(std::string_view text) { return *weir::parse_instant(text); }
UserWeek week_of(UserId user, std::string_view monday) { return {kOrganization, user, day_of(monday)}; }

}  // namespace

TEST_CASE("a week begins on Monday at midnight, UTC") {
  CHECK(monday_of(utc("2026-11-29T23:59:59.999999Z")) == day_of("2026-11-23"));
  CHECK(monday_of(utc("2026-11-30T00:00:00Z")) == day_of("2026-11-30"));
  CHECK(monday_of(utc("2027-01-01T12:00:00Z")) == day_of("2026-12-28"));
  CHECK(monday_of(utc("1969-12-31T12:00:00Z")) == day_of("1969-12-29"));
}

TEST_CASE("the row of a week has an id of its own") {
  CHECK(week_id(week_of(kAnn, "2026-11-23")) == week_id(week_of(kAnn, "2026-11-23")));
  CHECK(week_id(week_of(kAnn, "2026-11-23")) != week_id(week_of(kBob, "2026-11-23")));
  CHECK(week_id(week_of(kAnn, "2026-11-23")) != week_id(week_of(kAnn, "2026-11-16")));
}

TEST_CASE("actions are counted by user and week, each once") {
  const ActionDone monday{uuid_of(10), kOrganization, kAnn, utc("2026-11-23T00:00:00Z")};
  const ActionDone sunday{uuid_of(11), kOrganization, kAnn, utc("2026-11-29T23:00:00Z")};
  const ActionDone later{uuid_of(12), kOrganization, kAnn, utc("2026-11-30T00:00:00Z")};
  const ActionDone of_bob{uuid_of(13), kOrganization, kBob, utc("2026-11-24T00:00:00Z")};
  const std::vector<ActionDone> actions{monday, sunday, later, of_bob, sunday, monday};
  const WeeklyChanges changes = weekly_changes(actions, {});
  CHECK(changes.actions == std::map<UserWeek, std::int64_t>{
                               {week_of(kAnn, "2026-11-23"), 2}, {week_of(kAnn, "2026-11-30"), 1}, {week_of(kBob, "2026-11-23"), 1}});
  CHECK(changes.recount.empty());
}

TEST_CASE("a completion that is made, moved, given to another user or deleted has its weeks counted anew") {
  const CompletionPlace before{kAnn, utc("2026-11-20T12:00:00Z")};
  const CompletionPlace after{kBob, utc("2026-11-27T12:00:00Z")};
  const auto recounted = [&](std::optional<CompletionPlace> from, std::optional<CompletionPlace> to) {
    const std::vector<CompletionMoved> moved{{kOrganization, from, to}};
    return weekly_changes({}, moved).recount;
  };
  const UserWeek first = week_of(kAnn, "2026-11-16");
  const UserWeek second = week_of(kBob, "2026-11-23");
  CHECK(recounted({}, after) == std::set{second});
  CHECK(recounted(before, {}) == std::set{first});
  CHECK(recounted(before, after) == std::set{first, second});
}

TEST_CASE("changes that come again, in any order, change nothing more") {
  CHECK(rc::check("redelivery", [] {
    const auto hours = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 2'000));
    std::vector<CompletionMoved> moved;
    std::vector<ActionDone> actions;
    for (const int hour : hours) {
      const Instant at = kNow - std::chrono::hours{hour};
      moved.push_back({kOrganization, CompletionPlace{kAnn, at}, CompletionPlace{kBob, at}});
      actions.push_back({uuid_of(static_cast<std::uint64_t>(hour)), kOrganization, kAnn, at});
    }
    const WeeklyChanges once = weekly_changes(actions, moved);
    const auto again = [](auto rows) {
      const auto n = rows.size();
      for (std::size_t i = 0; i < n; ++i) rows.push_back(rows[n - 1 - i]);
      return rows;
    };
    RC_ASSERT(weekly_changes(again(actions), again(moved)) == once);
  }));
}
