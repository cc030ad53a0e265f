// A history of completions, deletions, moves and changes of the course, told late, in batches of any size, to two instances in turns, with
// repetitions. In the end the rows are those that a recomputation makes of the tables alone.
#include "consumers/scoring/pure/achievement.hpp"
#include "consumers/scoring/recompute.hpp"
#include "tests/component/scoring/learning_site.hpp"

#include <algorithm>

using namespace weir;
using namespace weir::scoring;

namespace {

class LearningHistory {
 public:
  LearningHistory(LearningSite& site, std::uint32_t seed) : site_(site), random_(seed) {}

  std::shared_ptr<runtime::Event> act() {
    switch (below(12)) {
      case 0:
        return site_.alter_activity(any_activity(), fmt::format("required = {}, points = {}", below(2) == 0, below(50)));
      case 1:
        return site_.alter_module(1 + below(3), fmt::format("is_published = {}", below(4) != 0));
      case 2:
        return site_.award(1 + below(4),
                           fmt::format(R"({{"{}": {}}})", measure_name(kMeasures.at(static_cast<std::size_t>(below(5)))), 1 + below(40)),
                           below(20));
      case 3:
        return site_.move(1 + below(3), below(2) == 0 ? "Asia/Tokyo" : "America/New_York", time());
      case 4:
      case 5:
        if (!there_.empty()) return undo();
        [[fallthrough]];
      default:
        there_.push_back({.completion = ++last_,
                          .user = 1 + below(3),
                          .activity = any_activity(),
                          .at = time(),
                          .succeeded = below(3) != 0,
                          .score = below(2) == 0 ? "NULL" : fmt::format("{}", below(101) / 100.0)});
        return site_.complete(there_.back());
    }
  }

 private:
  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  int any_activity() { return 10 * (1 + below(3)) + 1 + below(3); }
  std::string time() { return fmt::format("2026-11-{:02}T{:02}:00Z", 2 + below(14), below(24)); }
  std::shared_ptr<runtime::Event> undo() {
    const auto chosen = there_.begin() + below(static_cast<int>(there_.size()));
    const LearningSite::Done done = *chosen;
    there_.erase(chosen);
    return site_.undo(done);
  }

  LearningSite& site_;
  std::mt19937 random_;
  std::vector<LearningSite::Done> there_;
  int last_ = 0;
};

std::string recomputed(Site& site) {
  site.run(
      "TRUNCATE public.module_progress, public.learner_states, public.achievements_unlocked, public.activity_ratings, "
      "weir.achievement_holders, weir.learning_marks");
  auto connection = connect(site.dsn + " user=weir_scoring");
  const SystemClock clock;
  must(recompute(connection, {{share_of(0.8), std::chrono::minutes{10}}, site.masters}, clock));
  return site.settled();
}

}  // namespace

TEST_CASE("late, split and repeated events at two instances leave the rows that a recomputation makes of the tables alone") {
  for (std::uint32_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    LearningSite site;
    Worker first(site);
    Worker second(site);
    LearningHistory history(site, seed);
    std::mt19937 random(seed + 100);
    Events waiting;
    for (int n = 0; n < 60; ++n) {
      waiting.push_back(history.act());
      if (random() % 6 != 0) continue;
      // Of each user and of what is taught the order holds; here all of a batch comes at once, and some of it again.
      waiting.push_back(waiting[random() % waiting.size()]);
      (random() % 2 == 0 ? first : second).apply(waiting);
      if (random() % 2 == 0) (random() % 2 == 0 ? first : second).wake();
      waiting.clear();
    }
    if (!waiting.empty()) first.apply(waiting);
    second.wake();
    const std::string told = site.settled();
    CHECK(site.marks() == "0");
    CHECK(told.find("skill_rating") != std::string::npos);
    CHECK(told == recomputed(site));
  }
}

TEST_CASE("a recomputation writes the rows of learners that differ, and no others") {
  LearningSite site;
  Worker worker(site);
  worker.apply({site.move(1, "Asia/Tokyo", "2026-11-01T00:00Z"), site.award(1, R"({"activities_completed": 1})", 5)});
  worker.apply({site.complete({.completion = 1}), site.complete({.completion = 2, .user = 2, .succeeded = false})});
  worker.wake();
  const auto rows = [&] {
    return site.dump("SELECT xmin, s.* FROM public.learner_states s ORDER BY user_id") +
           site.dump("SELECT xmin, m.* FROM public.module_progress m") + site.dump("SELECT xmin, u.* FROM public.achievements_unlocked u") +
           site.dump("SELECT xmin, r.* FROM public.activity_ratings r") + site.dump("SELECT xmin, h.* FROM weir.achievement_holders h");
  };
  const auto run = [&](std::optional<UserId> user = std::nullopt) {
    auto connection = connect(site.dsn + " user=weir_scoring");
    RecomputeOptions options{{share_of(0.8), std::chrono::minutes{10}}, site.masters};
    options.user = user;
    const SystemClock clock;
    return must(recompute(connection, options, clock));
  };
  const std::string before = rows();
  CHECK(run().learners == 0);
  CHECK(rows() == before);
  const std::string right = site.settled();
  site.run(
      "UPDATE public.learner_states SET points = 1; DELETE FROM public.achievements_unlocked; UPDATE weir.achievement_holders SET holders "
      "= 9");
  CHECK(run(user(1)).learners == 1);
  CHECK(site.settled() != right);
  CHECK(run().learners == 1);
  CHECK(site.settled() == right);
  // A user whose zone no change has told is in the zone of the row.
  site.run("DELETE FROM weir.user_zones");
  run();
  CHECK(site.dump("SELECT time_zone FROM weir.user_zones ORDER BY user_id LIMIT 1") == "(Asia/Tokyo)");
}
