#include "consumers/scoring/pure/streak.hpp"

#include "tests/unit/scoring/learning.hpp"

using namespace weir::scoring;

namespace {

Day date(int year, unsigned month, unsigned of_month) {
  return Day{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{of_month}};
}

/// Days of November 2026 counted from Monday the 2nd.
Streak of(std::initializer_list<int> days) {
  std::set<Day> active;
  for (const int n : days) active.insert(day(n));
  return streak_of(active);
}

}  // namespace

TEST_CASE("days in a row count, and a gap of two days begins anew") {
  CHECK(of({}) == Streak{});
  CHECK(of({0}) == Streak{1, 1, day(0), std::nullopt});
  CHECK(of({0, 1, 2, 3}) == Streak{4, 4, day(3), std::nullopt});
  CHECK(of({0, 1, 2, 5, 6}) == Streak{2, 3, day(6), std::nullopt});
}

TEST_CASE("a single missed day is bridged and does not count, once in an ISO week") {
  CHECK(of({0, 2}) == Streak{2, 2, day(2), day(1)});
  // Tuesday is bridged, Thursday of the same week is not.
  CHECK(of({0, 2, 4}) == Streak{1, 2, day(4), day(1)});
  // Sunday is bridged, and Tuesday after it: another week.
  CHECK(of({5, 7, 9}) == Streak{3, 3, day(9), day(8)});
  // A freeze is used up for its week though the streak has broken since.
  CHECK(of({0, 2, 5, 7}) == Streak{1, 2, day(7), day(1)});
}

TEST_CASE("a week is that of the day that was missed") {
  // Saturday and Monday: the missed Sunday belongs to the week of Saturday.
  CHECK(of({5, 7, 9, 10}).days == 4);
  // Monday is missed between Sunday and Tuesday; then Wednesday, of the same week as Monday, has no freeze left.
  CHECK(of({6, 8, 10}) == Streak{1, 2, day(10), day(7)});
}

TEST_CASE("a leap day is a day, and weeks go on over the end of a year") {
  CHECK(streak_of({date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)}).days == 3);
  CHECK(streak_of({date(2028, 2, 28), date(2028, 3, 1)}) == Streak{2, 2, date(2028, 3, 1), date(2028, 2, 29)});
  CHECK(streak_of({date(2027, 2, 28), date(2027, 3, 1)}).days == 2);
  // 2026-12-28 to 2027-01-03 is one ISO week, the 53rd of 2026.
  CHECK(monday_of(date(2027, 1, 3)) == date(2026, 12, 28));
  CHECK(streak_of({date(2026, 12, 29), date(2026, 12, 31), date(2027, 1, 2)}) == Streak{1, 2, date(2027, 1, 2), date(2026, 12, 30)});
}

TEST_CASE("a streak that is continued day by day is the streak of all days, and never longer than the days") {
  holds("fold", [] {
    const auto offsets = *rc::gen::container<std::set<int>>(rc::gen::inRange(-40, 40));
    std::set<Day> active;
    for (const int offset : offsets) active.insert(day(offset));
    Streak streak;
    for (const Day one : active) {
      streak = continued(streak, one);
      RC_ASSERT(streak.days >= 1 && streak.days <= streak.longest);
    }
    RC_ASSERT(streak == streak_of(active));
    RC_ASSERT(streak.longest <= static_cast<std::int32_t>(active.size()));
  });
}
