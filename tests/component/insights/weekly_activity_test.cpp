#include "tests/component/insights/histories_site.hpp"

#include "common/core/await.hpp"
#include "consumers/insights/weekly_store.hpp"

#include <thread>

using namespace weir;
using namespace weir::insights;

namespace {

class Weeks : public HistoriesSite {
 public:
  Weeks() {
    run(R"(
INSERT INTO public.learning_modules (id, organization_id, key, title, is_published)
VALUES (nth(2000), nth(1), 'm', 'M', true);
INSERT INTO public.learning_activities (id, organization_id, module_id, kind, title)
VALUES (nth(2100), nth(1), nth(2000), 'quiz', 'A'))");
  }
  CompletionPlace complete(int n, int who, const std::string& at) {
    run(fmt::format(R"(
INSERT INTO public.activity_completions (id, organization_id, user_id, activity_id, succeeded, completed_at)
VALUES (nth({}), nth(1), nth({}), nth(2100), true, '{}'))",
                    3'000 + n, 0x100 + who, at));
    return place(who, at);
  }
  static CompletionPlace place(int who, const std::string& at) { return {user(who), *parse_instant(at)}; }

  void take(const std::vector<CompletionMoved>& moved, const std::vector<ActionDone>& actions = {}) {
    within([&](postgres::Statements& connection) -> Result<int> {
      WEIR_TRY(write_weekly(connection, weekly_changes(actions, moved)));
      return 0;
    });
  }
  std::string weeks() {
    return dump("SELECT right(user_id::text, 1), week, actions, completions FROM weir.weekly_activity ORDER BY user_id, week");
  }
};

ActionDone action(int n, int who, const std::string& at) { return {id(5'000 + n), kOrganization, user(who), *parse_instant(at)}; }

}  // namespace

TEST_CASE("actions are added, and completions counted as their rows stand") {
  Weeks here;
  const CompletionPlace first = here.complete(1, 1, "2026-11-23T00:00:00Z");
  const CompletionPlace second = here.complete(2, 1, "2026-11-29T23:59:59Z");
  here.take({{kOrganization, {}, first}, {kOrganization, {}, second}},
            {action(1, 1, "2026-11-24T10:00:00Z"), action(2, 2, "2026-11-24T10:00:00Z"), action(3, 1, "2026-11-30T00:00:00Z")});
  CHECK(here.weeks() == "(1,2026-11-23,1,2) (1,2026-11-30,1,0) (2,2026-11-23,1,0)");
  here.take({}, {action(4, 1, "2026-11-25T10:00:00Z")});
  CHECK(here.weeks() == "(1,2026-11-23,2,2) (1,2026-11-30,1,0) (2,2026-11-23,1,0)");
  CHECK(here.value("SELECT id FROM weir.weekly_activity ORDER BY user_id, week LIMIT 1") ==
        week_id({kOrganization, user(1), std::chrono::floor<std::chrono::days>(*parse_instant("2026-11-23T00:00:00Z"))}).text());
}

TEST_CASE("a change that comes again, a correction and a deletion leave the right number") {
  Weeks here;
  const CompletionPlace first = here.complete(1, 1, "2026-11-24T10:00:00Z");
  const CompletionMoved made{kOrganization, {}, first};
  here.take({made});
  here.take({made, made});
  CHECK(here.weeks() == "(1,2026-11-23,0,1)");
  here.run("UPDATE public.activity_completions SET completed_at = '2026-11-16T10:00:00Z'");
  const CompletionPlace moved = Weeks::place(1, "2026-11-16T10:00:00Z");
  here.take({{kOrganization, first, moved}});
  CHECK(here.weeks() == "(1,2026-11-16,0,1)");
  here.take({made});  // the first change once more, after the correction
  CHECK(here.weeks() == "(1,2026-11-16,0,1)");
  here.run("DELETE FROM public.activity_completions");
  here.take({{kOrganization, moved, {}}});
  CHECK(here.weeks() == "");
}

TEST_CASE("a user who is not there has no weeks, and loses them when deleted") {
  Weeks here;
  here.take({}, {action(1, 99, "2026-11-24T10:00:00Z"), action(2, 11, "2026-11-24T10:00:00Z"), action(3, 3, "2026-11-24T10:00:00Z")});
  CHECK(here.weeks() == "(3,2026-11-23,1,0)");
  here.run("DELETE FROM public.users WHERE id = nth(259)");
  CHECK(here.weeks() == "");
}

TEST_CASE("two instances that count one week leave the count of the one that saw more") {
  Weeks here;
  const CompletionMoved first{kOrganization, {}, here.complete(1, 1, "2026-11-24T10:00:00Z")};
  here.run("INSERT INTO weir.weekly_activity VALUES (nth(1), nth(257), '2026-11-23', nth(70), 5)");
  postgres::Connection other = connect(here.dsn + " user=weir_insights");
  must(other.begin());
  must(other.execute("test_hold", "UPDATE weir.weekly_activity SET actions = 6"));
  std::thread beside([&] { here.take({first}); });
  CHECK(await(Milliseconds{20'000}, [&] {
    return here.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%weir.weekly_activity%'") ==
           "1";
  }));
  // It waits before it counts, or it would write a number that it read too early.
  here.complete(2, 1, "2026-11-25T10:00:00Z");
  must(other.commit());
  beside.join();
  CHECK(here.weeks() == "(1,2026-11-23,6,2)");
}
