// What a user wants of a message.
#include "consumers/notifications/pure/preferences.hpp"

#include "tests/unit/notifications/zones.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace std::chrono_literals;
using namespace weir;
using namespace weir::notifications;
using namespace weir::testing;

namespace {

constexpr QuietHours kNight{22h, 7h};
constexpr QuietHours kNone{0h, 0h};

const Instant kMidnight = utc("2026-01-10T23:00:00Z");  // in Berlin
const Instant kMorning = utc("2026-01-11T06:00:00Z");   // 07:00 there

std::string outcome(const Wishes& wishes, Priority priority, Instant now = kMidnight, Instant expires_at = kMidnight + 24h) {
  const Timing timing = timing_of(wishes, priority, kBerlin, now, expires_at);
  if (const auto* due = std::get_if<Due>(&timing)) return (due->at == now ? "now " : "later ") + std::string(due->reason);
  if (const auto* suppressed = std::get_if<Suppressed>(&timing)) return "suppressed " + std::string(suppressed->reason);
  if (const auto* gathered = std::get_if<Gathered>(&timing))
    return std::string(gathered->reason) + " " + std::to_string(gathered->after.count());
  return "expired " + std::string(std::get<Expired>(timing).reason);
}

}  // namespace

TEST_CASE("without a row everything is wanted at once") {
  const Wishes wishes = wishes_of({}, "task", "email");
  CHECK(wishes.is_enabled);
  CHECK_FALSE(wishes.quiet.has_value());
  CHECK_FALSE(wishes.digest.has_value());
}

TEST_CASE("the closest row decides, in whichever order the rows come") {
  std::vector<Preference> rows{{"", "", false}, {"", "email", true}, {"task", "", false}, {"task", "email", true}};
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.group + a.channel < b.group + b.channel; });
  do {
    CHECK(wishes_of(rows, "task", "email").is_enabled);
    CHECK_FALSE(wishes_of(rows, "task", "push").is_enabled);
    CHECK(wishes_of(rows, "alert", "email").is_enabled);
    CHECK_FALSE(wishes_of(rows, "alert", "push").is_enabled);
  } while (std::next_permutation(rows.begin(), rows.end(),
                                 [](const auto& a, const auto& b) { return a.group + a.channel < b.group + b.channel; }));
}

TEST_CASE("a closer row that does not name quiet hours or a digest leaves those of a wider row in force") {
  const std::vector<Preference> rows{{"", "", true, kNight, 60min}, {"", "email", true, {}, 30min}, {"task", "email", true, kNone, {}}};
  CHECK(wishes_of(rows, "alert", "push").digest == 60min);
  CHECK(wishes_of(rows, "alert", "email").digest == 30min);
  CHECK(wishes_of(rows, "alert", "email").quiet->from == 22h);
  CHECK(wishes_of(rows, "task", "email").digest == 30min);
  CHECK(wishes_of(rows, "task", "email").quiet->until == 0h);
}

TEST_CASE("a template's group is the beginning of its key") {
  CHECK(group_of("task.completed") == "task");
  CHECK(group_of("welcome") == "welcome");
  CHECK(group_of("") == "");
}

TEST_CASE("quiet hours hold back all messages but critical ones") {
  Wishes wishes;
  wishes.quiet = kNight;
  CHECK(outcome(wishes, Priority::kLow) == "later quiet_hours");
  CHECK(outcome(wishes, Priority::kNormal) == "later quiet_hours");
  CHECK(outcome(wishes, Priority::kHigh) == "later quiet_hours");
  CHECK(outcome(wishes, Priority::kCritical) == "now ");
  CHECK(outcome(wishes, Priority::kHigh, kMorning) == "now ");
  CHECK(std::get<Due>(timing_of(wishes, Priority::kHigh, kBerlin, kMidnight, kMidnight + 24h)).at == kMorning);
}

TEST_CASE("a message that would expire within the quiet hours expires at once, with that reason") {
  Wishes wishes;
  wishes.quiet = kNight;
  CHECK(outcome(wishes, Priority::kNormal, kMidnight, kMorning) == "expired quiet_hours");
  CHECK(outcome(wishes, Priority::kNormal, kMidnight, kMorning + 1us) == "later quiet_hours");
  CHECK(outcome(wishes, Priority::kCritical, kMidnight, kMorning) == "now ");
}

TEST_CASE("a message whose time to live is over is expired, unless nobody wants it") {
  CHECK(outcome({}, Priority::kCritical, kMidnight, kMidnight) == "expired time_to_live");
  CHECK(outcome({.is_enabled = false, .quiet = {}, .digest = {}}, Priority::kCritical, kMidnight, kMidnight) == "suppressed preference");
}

TEST_CASE("a digest gathers messages of low priority, also within quiet hours") {
  Wishes wishes;
  wishes.quiet = kNight;
  wishes.digest = 90min;
  CHECK(outcome(wishes, Priority::kLow) == "digest 90");
  CHECK(outcome(wishes, Priority::kNormal) == "later quiet_hours");
}

TEST_CASE("a message that is not wanted is suppressed, critical or not") {
  const Wishes wishes{.is_enabled = false, .quiet = {}, .digest = {}};
  CHECK(outcome(wishes, Priority::kLow) == "suppressed preference");
  CHECK(outcome(wishes, Priority::kCritical) == "suppressed preference");
}
