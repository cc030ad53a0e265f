// Learners: progress, points, skill and achievements from completions in any order, and after changes of the course.
#include "tests/component/scoring/learning_site.hpp"

#include <functional>
#include <thread>

using namespace weir;
using namespace weir::scoring;

namespace {

struct Learning {
  LearningSite site;
  Worker worker{site};
  std::string did(int completion, int activity, const std::string& at, bool succeeded = true) {
    return worker.apply(site.complete({.completion = completion, .activity = activity, .at = at, .succeeded = succeeded}));
  }
};

}  // namespace

TEST_CASE("a module goes from unlocked to completed, and then the modules that need it are unlocked") {
  Learning here;
  CHECK(here.did(1, 13, "2026-11-02T08:00Z") == "done");
  CHECK(here.site.progress(1) == "(1,in_progress,0,,)");
  here.did(2, 11, "2026-11-02T09:00Z");
  here.did(3, 12, "2026-11-02T10:00Z");
  CHECK(here.site.progress(1) == "(1,completed,100,,\"2026-11-02 10:00:00\")\n(2,unlocked,0,\"2026-11-02 10:00:00\",)");
  here.did(4, 31, "2026-11-02T07:00Z");  // begun while it was locked
  CHECK(here.site.progress(1).find("(3,in_progress,50,,)") != std::string::npos);
  here.did(5, 21, "2026-11-02T11:00Z");
  here.did(6, 22, "2026-11-02T12:00Z");
  CHECK(here.site.progress(1).find("(3,in_progress,50,\"2026-11-02 12:00:00\",)") != std::string::npos);
  CHECK(here.site.points(1) == "110");
  CHECK(here.site.streak(1) == "1 1 2026-11-02");
}

TEST_CASE("a replay is skipped and writes nothing") {
  Learning here;
  const auto event = here.site.complete({});
  CHECK(here.worker.apply(event) == "done");
  const std::string rows =
      here.site.dump("SELECT xmin, s.* FROM public.learner_states s") + here.site.dump("SELECT xmin, m.* FROM public.module_progress m");
  CHECK(here.worker.apply(event) == "unchanged");
  CHECK(here.worker.apply(Events{event, event}) == std::vector<std::string>{"unchanged", "unchanged"});
  CHECK(here.site.dump("SELECT xmin, s.* FROM public.learner_states s") +
            here.site.dump("SELECT xmin, m.* FROM public.module_progress m") ==
        rows);
}

TEST_CASE("the deletion of a completion undoes its results, achievements and their points included") {
  Learning here;
  here.worker.apply({here.site.award(1, R"({"modules_completed": 1})", 50), here.site.award(2, R"({"points": 11})", 3)});
  here.did(1, 11, "2026-11-02T08:00Z");
  here.worker.wake();
  const std::string before = here.site.settled();
  const LearningSite::Done last{.completion = 2, .activity = 12, .at = "2026-11-02T09:00Z"};
  here.worker.apply(here.site.complete(last));
  here.worker.wake();
  CHECK(here.site.unlocked(1) == "a1 02 09:00, a2 02 08:00");
  CHECK(here.site.points(1) == "76");
  CHECK(here.site.holders() == "(1)\n(1)");
  CHECK(here.worker.apply(here.site.undo(last)) == "done");
  here.worker.wake();
  CHECK(here.site.settled() == before);
  CHECK(here.site.unlocked(1) == "a2 02 08:00");
  here.worker.apply(here.site.undo({.completion = 1}));
  here.worker.wake();
  for (const char* table : {"public.learner_states", "public.module_progress", "public.achievements_unlocked", "public.activity_ratings",
                            "weir.achievement_holders"}) {
    CAPTURE(table);
    CHECK(here.site.value(std::string("SELECT count(*) FROM ") + table) == "0");
  }
}

TEST_CASE("a late completion counts in its place by time") {
  Learning here;
  here.worker.apply(here.site.award(1, R"({"activities_completed": 2})"));
  here.did(1, 11, "2026-11-02T10:00Z");
  here.did(2, 12, "2026-11-02T12:00Z");
  CHECK(here.site.unlocked(1) == "a1 02 12:00");
  here.did(3, 13, "2026-11-02T11:00Z");
  CHECK(here.site.unlocked(1) == "a1 02 11:00");
  // A failure before the first success is the first attempt.
  const std::string skill = here.site.value("SELECT skill_rating FROM public.learner_states");
  here.did(4, 11, "2026-11-02T09:00Z", false);
  CHECK(here.site.value("SELECT skill_rating < " + skill + " FROM public.learner_states") == "t");
}

TEST_CASE("a completion that moves to another user and activity is taken from the first user and activity") {
  Learning here;
  here.did(1, 11, "2026-11-02T10:00Z");
  here.worker.wake();
  here.site.run(
      fmt::format("UPDATE public.activity_completions SET user_id = '{}', activity_id = '{}'", user(2).text(), activity_of(12).text()));
  CHECK(here.worker.apply(event_of(CompletionChanged{kOrganization, user(2), activity_of(12), user(1), activity_of(11)}, kStart)) ==
        "done");
  here.worker.wake();
  CHECK(here.site.points(1) == "");
  CHECK(here.site.points(2) == "12");
  CHECK(here.site.ratings() == "(1068.328,1)");
}

TEST_CASE("a change of a module, prerequisite or activity reaches the learners concerned by wake-up, and its reversal restores every row") {
  Learning here;
  here.did(1, 11, "2026-11-02T10:00Z");
  here.did(2, 12, "2026-11-02T11:00Z");
  here.worker.apply(here.site.complete({.completion = 3, .user = 2, .activity = 21, .at = "2026-11-02T09:00Z"}));
  here.worker.wake();
  const std::string whole = here.site.settled();
  CHECK(here.site.progress(2) == "(2,in_progress,50,,)");
  struct Row {
    const char* what;
    std::function<std::shared_ptr<runtime::Event>()> change;
    std::string first;
    std::string second;
    std::function<std::shared_ptr<runtime::Event>()> back;
  };
  LearningSite& site = here.site;
  const std::string completed = "(1,completed,100,,\"2026-11-02 11:00:00\")";
  for (const Row& row :
       {Row{"a prerequisite that nobody needs any more", [&] { return site.needs_no_more(2, 1); }, completed, "(2,in_progress,50,,)",
            [&] { return site.needs(2, 1); }},
        Row{"a module that is unpublished", [&] { return site.alter_module(1, "is_published = false"); }, "", "(2,in_progress,50,,)",
            [&] { return site.alter_module(1, "is_published = true"); }},
        Row{"a module that is deleted softly", [&] { return site.alter_module(2, "deleted_at = now()"); },
            completed + "\n(3,unlocked,0,\"2026-11-02 11:00:00\",)", "", [&] { return site.alter_module(2, "deleted_at = NULL"); }},
        Row{"an activity that is required no more", [&] { return site.alter_activity(22, "required = false"); },
            completed + "\n(2,unlocked,0,\"2026-11-02 11:00:00\",)", "(2,completed,100,,\"2026-11-02 09:00:00\")",
            [&] { return site.alter_activity(22, "required = true"); }},
        Row{"an activity that is deleted softly", [&] { return site.alter_activity(12, "deleted_at = now()"); },
            "(1,completed,100,,\"2026-11-02 10:00:00\")\n(2,unlocked,0,\"2026-11-02 10:00:00\",)", "(2,in_progress,50,,)",
            [&] { return site.alter_activity(12, "deleted_at = NULL"); }}}) {
    CAPTURE(row.what);
    CHECK(here.worker.apply(row.change()) == "done");
    here.worker.wake();
    CHECK(here.site.progress(1) == row.first);
    CHECK(here.site.progress(2) == row.second);
    here.worker.apply(row.back());
    here.worker.wake();
    CHECK(here.site.settled() == whole);
    CHECK(here.site.marks() == "0");
  }
}

TEST_CASE("a changed, faulty or deleted condition of an achievement reaches every learner by wake-up") {
  Learning here;
  here.did(1, 11, "2026-11-02T10:00Z");
  here.worker.apply(here.site.complete({.completion = 2, .user = 2, .activity = 12, .at = "2026-11-02T11:00Z"}));
  here.worker.apply(here.site.award(1, R"({"points": 12})", 5));
  here.worker.apply(here.site.award(2, R"({"activities_completed": 1})", 100, std::nullopt));
  here.worker.wake();
  CHECK(here.site.unlocked(1) == "a2 02 10:00");
  CHECK(here.site.unlocked(2) == "a1 02 11:00, a2 02 11:00");
  CHECK(here.site.points(2) == "117");
  CHECK(here.site.holders() == "(1)\n(2)");
  here.worker.apply(here.site.award(1, R"({"points": 11})", 7));
  here.worker.wake();
  CHECK(here.site.points(1) == "118");
  here.site.award(1, R"({"points": 11, "skill": 1})");
  CHECK(here.worker.apply(event_of(AchievementChanged{achievement_of(1), runtime::Dead{"out_of_domain", "/after/condition", ""}},
                                   kStart)) == "dead out_of_domain");
  here.worker.wake();
  CHECK(here.site.points(1) == "111");
  CHECK(here.site.holders() == "(2)");
  here.site.run("UPDATE public.achievements SET deleted_at = now()");
  here.worker.apply({here.site.awarded(2), here.site.awarded(1)});
  here.worker.wake();
  CHECK(here.site.points(2) == "12");
  CHECK(here.site.holders() == "");
}

TEST_CASE("the difficulty of an activity follows from all of its results by wake-up, and is removed with the activity") {
  Learning here;
  for (int n = 1; n <= 5; ++n) here.did(n, 11, fmt::format("2026-11-02T{:02}:00Z", 9 + n), n == 5);
  CHECK(here.site.ratings() == "");
  here.worker.wake();
  CHECK(here.site.ratings() == "(1170.437,5)");  // 1100 + 400·log10(9/6)
  here.worker.apply(here.site.alter_activity(11, "difficulty_rating = 1200"));
  here.worker.wake();
  CHECK(here.site.ratings() == "(1270.437,5)");
  here.site.run("DELETE FROM public.learning_activities WHERE id = '" + activity_of(11).text() + "'");
  here.worker.apply({LearningSite::taught({1}, 11), LearningSite::completed(1, 11)});
  here.worker.wake();
  CHECK(here.site.ratings() == "");
  CHECK(here.site.points(1) == "");
}

TEST_CASE("a softly deleted user counts as absent and comes back whole; a deleted user leaves no count behind") {
  Learning here;
  here.worker.apply(here.site.award(1, R"({"points": 11})", 7));
  here.did(1, 11, "2026-11-02T10:00Z");
  here.worker.apply(here.site.complete({.completion = 2, .user = 2, .activity = 12, .at = "2026-11-02T11:00Z"}));
  here.worker.wake();
  const std::string whole = here.site.settled();
  CHECK(here.site.holders() == "(2)");
  here.site.run("UPDATE public.users SET deleted_at = now() WHERE id = '" + user(1).text() + "'");
  here.worker.apply(here.site.changed_user(1));
  here.worker.wake();
  CHECK(here.site.points(1) == "");
  CHECK(here.site.unlocked(1) == "");
  CHECK(here.site.holders() == "(1)");
  here.site.run("UPDATE public.users SET deleted_at = NULL WHERE id = '" + user(1).text() + "'");
  here.worker.apply(here.site.changed_user(1));
  here.worker.wake();
  CHECK(here.site.settled() == whole);
  CHECK(here.site.value("SELECT count(*) FROM weir.user_zones") == "1");
  here.site.run("DELETE FROM public.users WHERE id = '" + user(1).text() + "'");
  here.worker.apply({LearningSite::completed(1, 11), event_of(UserGone{user(1)}, kStart)});
  here.worker.wake();
  CHECK(here.site.holders() == "(1)");
  CHECK(here.site.value("SELECT count(*) FROM weir.user_zones") == "0");
}

TEST_CASE("a completion without a date counts nowhere and is a dead letter, and its earlier results are removed") {
  Learning here;
  here.did(1, 11, "2026-11-02T10:00Z");
  here.site.run("UPDATE public.activity_completions SET completed_at = 'infinity'");
  CHECK(here.worker.apply(event_of(
            CompletionChanged{.organization = kOrganization, .user = user(1), .activity = activity_of(11), .has_no_date = true}, kStart)) ==
        "dead out_of_domain");
  CHECK(here.site.points(1) == "");
}

TEST_CASE("a snapshot leaves its learners to the wake-up") {
  Learning here;
  Events events;
  for (int n = 1; n <= 3; ++n) {
    here.site.complete({.completion = n, .activity = 10 + n});
    events.push_back(event_of(
        CompletionChanged{.organization = kOrganization, .user = user(1), .activity = activity_of(10 + n), .is_snapshot = true}, kStart));
  }
  for (const auto& event : events) CHECK(here.worker.apply(event) == "done");
  CHECK(here.site.points(1) == "");
  here.worker.wake();
  CHECK(here.site.points(1) == "36");
  CHECK(here.site.marks() == "0");
}

TEST_CASE("a learner whose row Postgres refuses keeps the marks while others are computed, and is computed once Postgres takes the row") {
  Learning here;
  here.site.run("ALTER TABLE public.learner_states ADD CONSTRAINT spared CHECK (right(user_id::text, 2) <> '66')");
  Events events;
  for (int n = 1; n <= 3; ++n) {
    here.site.complete({.completion = n, .user = n});
    events.push_back(event_of(
        CompletionChanged{.organization = kOrganization, .user = user(n), .activity = activity_of(11), .is_snapshot = true}, kStart));
  }
  for (const auto& event : events) CHECK(here.worker.apply(event) == "done");
  here.worker.wake();
  CHECK(here.site.points(1) == "11");
  CHECK(here.site.points(2) == "");
  CHECK(here.site.points(3) == "11");
  CHECK(here.site.ratings() != "");
  CHECK(here.site.marks() == "1");
  CHECK(here.site.dump("SELECT wakeup, right(key, 2), constraint_name, tries FROM weir.refused_wakeups") == "(learners,66,spared,1)");

  here.site.run("ALTER TABLE public.learner_states DROP CONSTRAINT spared");
  here.site.run("UPDATE weir.refused_wakeups SET next_try = now()");
  here.worker.wake();
  CHECK(here.site.points(2) == "11");
  CHECK(here.site.marks() == "0");
  CHECK(here.site.dump("SELECT * FROM weir.refused_wakeups") == "");
}

TEST_CASE("two instances that compute one learner at once leave the results of both completions") {
  Learning here;
  Worker other(here.site);
  here.did(3, 13, "2026-11-02T10:00Z");
  here.worker.begin_apply({here.site.complete({.completion = 1, .activity = 11})});
  const auto two = here.site.complete({.completion = 2, .activity = 12});
  std::thread beside([&] { other.apply(two); });
  // It waits before it reads, or it might write the older results after the newer ones.
  CHECK(await(Milliseconds{20'000}, [&] {
    return here.site.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%weir.scoring_users%'") ==
           "1";
  }));
  here.worker.commit();
  beside.join();
  CHECK(here.site.points(1) == "36");
}

TEST_CASE("the wake-up of an instance waits for that of another, and then counts what both have marked") {
  Learning here;
  Worker other(here.site);
  here.did(1, 11, "2026-11-02T10:00Z");
  must(here.worker.connection().begin());
  must(here.worker.consumer.wake(here.worker, here.worker.now));
  other.apply(here.site.complete({.completion = 2, .user = 2}));
  std::thread beside([&] { other.wake(); });
  CHECK(await(Milliseconds{20'000},
              [&] { return here.site.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == "1"; }));
  CHECK(here.site.ratings() == "");
  here.worker.commit();
  beside.join();
  CHECK(here.site.ratings() == "(1041.549,2)");
}
