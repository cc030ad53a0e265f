// What a person is shown of the demo.
#include "demo/stage/screen.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weir;
using namespace weir::demo;

namespace {

Sight sight() {
  Sight seen;
  seen.running = Seconds{12};
  seen.changes = 3'600;
  seen.posts = 360;
  seen.changes_per_second = 300.4;
  seen.posts_per_second = 30;
  seen.taken = 3'500;
  seen.taken_per_second = 295;
  seen.dead = 7;
  seen.lag = 460;
  seen.metric_rows = 80;
  seen.submissions = 12;
  seen.scores = 40;
  seen.completions = 25;
  seen.achievements = 9;
  seen.messages = 70;
  seen.receivers = 5;
  seen.sent = 31;
  seen.deferred = 4;
  seen.retried = 3;
  seen.failed_over = 2;
  seen.newest = {{"writer-4", "02:40", 5, 80.0, 1'250.4, 5'272.0, std::nullopt, false, false}};
  return seen;
}

}  // namespace

TEST_CASE("a plain line holds rates, lag and the newest metric") {
  CHECK(plain_line(sight()) ==
        "  12 s  written 3600 changes (300/s), posted 360 actions (30/s), taken 3500 records (295/s), lag 460, dead letters 7, "
        "metric rows 80, submissions 12, scores 40, completions 25, achievements 9, "
        "messages 70 (31 sent, 4 deferred, 3 retried, 2 failed over), insights 0 (0 by models); writer-4 02:40: 5 tasks, p95 5272 ms");
}

TEST_CASE("a plain line is whole before there is any metric") {
  Sight early = sight();
  early.newest.clear();
  CHECK(
      plain_line(early).ends_with("achievements 9, messages 70 (31 sent, 4 deferred, 3 retried, 2 failed over), insights 0 (0 by models)"));
}

TEST_CASE("the table shows a dash where a metric has no value, and as many lines for as many metrics") {
  const std::string shown = table(sight());
  CHECK(shown.find("writer-4") != std::string::npos);
  CHECK(shown.find("31 sent      4 deferred, 3 retried, 2 failed over") != std::string::npos);
  CHECK(shown.find("80.0 %") != std::string::npos);
  CHECK(shown.find("–") != std::string::npos);
  CHECK(shown.find("provisional, incomplete") != std::string::npos);
  Sight later = sight();
  later.changes = 99'999'999;
  later.newest_score = ScoreLine{"Feelings", "empathy", 62.5, 8.13, 54.2};
  later.newest_achievement = "Three Days";
  later.newest_message = "Task essay is now running";
  const std::string again = table(later);
  CHECK(again.find("40 scores    of 12 submissions, the newest: Feelings, empathy 62.5 ± 8.1 (T 54)") != std::string::npos);
  CHECK(again.find("9 achievements of 25 completions, the newest: Three Days") != std::string::npos);
  CHECK(again.find("70 to 5 users, the newest: Task essay is now running") != std::string::npos);
  CHECK(std::count(again.begin(), again.end(), '\n') == std::count(shown.begin(), shown.end(), '\n'));
}
