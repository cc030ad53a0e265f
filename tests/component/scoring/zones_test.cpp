// The day on which a completion counts: the local date in the zone that the user had then.
#include "tests/component/scoring/learning_site.hpp"

using namespace weir;
using namespace weir::scoring;

namespace {

struct Travelling {
  LearningSite site;
  Worker worker{site};
  int last = 0;
  void active(std::initializer_list<const char*> times) {
    Events events;
    for (const char* at : times) events.push_back(site.complete({.completion = ++last, .at = at}));
    worker.apply(events);
  }
  std::string zones() { return site.dump("SELECT holds_from AT TIME ZONE 'UTC', time_zone FROM weir.user_zones ORDER BY holds_from"); }
};

}  // namespace

TEST_CASE("a completion counts on the local date of its user") {
  Travelling here;
  here.active({"2026-11-02T23:30Z", "2026-11-03T00:30Z"});
  CHECK(here.site.streak(1) == "2 2 2026-11-03");  // no zone is known yet: UTC
  CHECK(here.worker.apply(here.site.move(1, "Europe/Berlin", "2026-11-01T00:00Z")) == "done");
  here.worker.wake();
  CHECK(here.site.streak(1) == "1 1 2026-11-03");
}

TEST_CASE("the days on which summer time begins and ends count like others, with 23 and 25 hours") {
  Travelling here;
  here.worker.apply(here.site.move(1, "Europe/Berlin", "2026-01-01T00:00Z"));
  // 2026-03-29 begins at 23:00 and ends at 22:00 UTC.
  here.active({"2026-03-28T22:59Z", "2026-03-28T23:00Z", "2026-03-29T21:59Z", "2026-03-29T22:00Z"});
  CHECK(here.site.streak(1) == "3 3 2026-03-30");
  // 2026-10-25 begins at 22:00 and ends at 23:00 UTC.
  here.active({"2026-10-24T21:59Z", "2026-10-24T22:00Z", "2026-10-25T22:59Z", "2026-10-25T23:00Z"});
  CHECK(here.site.streak(1) == "3 3 2026-10-26");
}

TEST_CASE("a leap day is a day") {
  Travelling here;
  here.active({"2028-02-28T12:00Z", "2028-02-29T12:00Z", "2028-03-01T12:00Z", "2028-03-03T12:00Z"});
  CHECK(here.site.streak(1) == "4 4 2028-03-03 2028-03-02");
}

TEST_CASE("a user who changes zone keeps the earlier days") {
  Travelling here;
  here.worker.apply(here.site.move(1, "Asia/Tokyo", "2026-11-01T00:00Z"));
  here.active({"2026-11-01T16:00Z", "2026-11-02T16:00Z"});  // the 2nd and the 3rd in Tokyo
  CHECK(here.site.streak(1) == "2 2 2026-11-03");
  // From this moment on in Honolulu, where it is the 3rd for almost another day.
  here.worker.apply(here.site.move(1, "Pacific/Honolulu", "2026-11-03T12:00Z"));
  here.active({"2026-11-03T12:00Z", "2026-11-04T09:59Z"});
  CHECK(here.site.streak(1) == "2 2 2026-11-03");
  here.active({"2026-11-04T10:00Z"});
  CHECK(here.site.streak(1) == "3 3 2026-11-04");
  CHECK(here.zones() == "(-infinity,Asia/Tokyo)\n(\"2026-11-03 12:00:00\",Pacific/Honolulu)");
}

TEST_CASE("a zone is stored where it differs from the zone that holds; a snapshot and a replay add none") {
  Travelling here;
  CHECK(here.worker.apply(here.site.move(1, "Asia/Tokyo", "2026-11-01T00:00Z", true)) == "done");
  const auto first = here.site.move(1, "Europe/Berlin", "2026-11-02T00:00Z");
  const auto second = here.site.move(1, "Asia/Tokyo", "2026-11-03T00:00Z");
  here.worker.apply({first, second, here.site.move(1, "Asia/Tokyo", "2026-11-04T00:00Z")});
  const std::string zones = "(-infinity,Asia/Tokyo)\n(\"2026-11-02 00:00:00\",Europe/Berlin)\n(\"2026-11-03 00:00:00\",Asia/Tokyo)";
  CHECK(here.zones() == zones);
  here.worker.apply({first, second, here.site.move(1, "Africa/Cairo", "2026-11-05T00:00Z", true)});
  CHECK(here.zones() == zones);
}

TEST_CASE("an unknown zone counts as UTC, and its change has an outcome of its own") {
  Travelling here;
  CHECK(here.worker.apply(here.site.move(1, "Mars/Olympus", "2026-11-01T00:00Z")) == "unknown_time_zone");
  CHECK(here.zones() == "(-infinity,UTC)");
  here.active({"2026-11-02T23:30Z"});
  CHECK(here.site.streak(1) == "1 1 2026-11-02");
  // What AT TIME ZONE would take for an offset is no name of a zone either.
  CHECK(here.worker.apply(here.site.move(1, "FOO+3", "2026-11-05T00:00Z")) == "unknown_time_zone");
  CHECK(here.zones() == "(-infinity,UTC)");
}

TEST_CASE("a missed day is bridged once a week, and freeze_used_on names it") {
  Travelling here;
  here.active({"2026-11-02T12:00Z", "2026-11-04T12:00Z"});
  CHECK(here.site.streak(1) == "2 2 2026-11-04 2026-11-03");
  here.active({"2026-11-06T12:00Z"});
  CHECK(here.site.streak(1) == "1 2 2026-11-06 2026-11-03");
  here.active({"2026-11-05T12:00Z"});  // comes late, and no day is missed any more but the bridged one
  CHECK(here.site.streak(1) == "4 4 2026-11-06 2026-11-03");
}
