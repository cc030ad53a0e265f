// Recomputation beside a running group: rows that another program changed are put right, and right rows are left alone.
#include "consumers/scoring/recompute.hpp"

#include "tests/component/operations/program.hpp"
#include "tests/component/scoring/site.hpp"

#include <thread>

using namespace weir;
using namespace weir::scoring;

namespace {

struct Recomputing {
  Recomputed run(std::optional<UserId> user = std::nullopt) {
    auto connection = connect(site.dsn + " user=weir_scoring");
    RecomputeOptions options{{share_of(0.8), std::chrono::minutes{10}}, site.masters};
    options.user = user;
    return must(recompute(connection, options, clock));
  }
  Site site;
  Worker worker{site};
  SystemClock clock;
};

std::string rows(Site& site) {
  return site.dump("SELECT 's', xmin, s.* FROM public.assessment_scores s ORDER BY response_id, dimension") +
         site.dump("SELECT 'g', xmin, g.* FROM public.growth_scores g ORDER BY response_id, dimension") +
         site.dump("SELECT 'r', xmin, r.id FROM public.assessment_responses r ORDER BY id");
}

}  // namespace

TEST_CASE("a recomputation of right results looks at each response and writes no row") {
  Recomputing here;
  for (int n = 1; n <= 3; ++n) here.worker.apply(here.site.submit({.response = n, .user = 1 + n / 3, .submitted_at = kStart + Seconds{n}}));
  const std::string before = rows(here.site);
  const Recomputed done = here.run();
  CHECK(done.users == 9);
  CHECK(done.responses == 3);
  CHECK(done.written == 0);
  CHECK(done.learners == 0);
  CHECK(rows(here.site) == before);
}

TEST_CASE("results that were changed, lost or left behind are put right, for one user or for all") {
  Recomputing here;
  for (int n = 1; n <= 4; ++n) {
    here.worker.apply(here.site.submit({.response = n, .user = 1 + n % 2, .submitted_at = kStart + std::chrono::hours{n}}));
  }
  const std::string right = here.site.settled();
  here.site.run("UPDATE public.assessment_scores SET raw_score = 1, t_score = 2 WHERE dimension = 'calm'");
  here.site.run("DELETE FROM public.growth_scores WHERE dimension = 'warm'");
  // A submission that was deleted while the group was away, and one that it never took.
  here.site.run("INSERT INTO public.assessment_scores SELECT (jsonb_populate_record(s, jsonb_build_object('response_id', '" +
                id(4'000).text() + "'))).* FROM public.assessment_scores s WHERE response_id = '" + response(1).text() + "'");
  CHECK(here.run(user(1)).written == 2);
  CHECK(here.site.settled() != right);
  CHECK(here.run().written == 3);
  CHECK(here.site.settled() == right);
  CHECK(here.run().written == 0);
  here.site.submit({.response = 5});
  CHECK(here.run().written == 3);  // the user's two other submissions are written too
  CHECK(here.site.status(5) == "scored");
}

TEST_CASE("a submission at a time that no calendar has counts as gone") {
  Recomputing here;
  here.worker.apply(here.site.submit({.response = 1}));
  here.site.run("UPDATE public.assessment_responses SET submitted_at = 'infinity'");
  CHECK(here.run().responses == 1);
  CHECK(here.site.scores(1) == "");
}

TEST_CASE("a recomputation waits for a unit of work that has the user, and the other way round") {
  Recomputing here;
  const auto event = here.site.submit({.response = 1});
  here.worker.begin_apply({event});
  Recomputed done;
  std::thread other([&] { done = here.run(); });
  await_blocked(here.site.dsn);
  here.worker.commit();
  other.join();
  CHECK(done.responses == 1);
  CHECK(done.written == 0);
  CHECK(here.site.status(1) == "scored");
}

TEST_CASE("alignments that are missing, or exist without consent, are put right") {
  Recomputing here;
  std::string json = sample_instrument();
  json.replace(json.find("\"sample\""), 8, "\"values\"");
  json.insert(json.find("\"least_share\""), R"("values_alignment": true, )");
  const Uuid values = here.site.load(json);
  here.site.run(
      fmt::format("INSERT INTO public.projects (id, organization_id, owner_id, name) VALUES ('{0}', '{1}', '{2}', 'P'); "
                  "INSERT INTO public.project_members (organization_id, project_id, user_id) VALUES ('{1}', '{0}', '{2}'), "
                  "('{1}', '{0}', '{3}'); INSERT INTO public.consents (organization_id, user_id, scope, granted_at) VALUES "
                  "('{1}', '{2}', 'values_alignment', '2026-11-01Z'), ('{1}', '{3}', 'values_alignment', '2026-11-01Z')",
                  id(501).text(), kOrganization.text(), user(1).text(), user(2).text()));
  here.site.submit({.response = 1, .user = 1, .assessment = values});
  here.site.submit({.response = 2, .user = 2, .plaintext = answers({5, 5, 5, 5, 1, 2, 2, 2, 2, 4}), .assessment = values});
  CHECK(here.run().written == 2);
  CHECK(here.site.value("SELECT count(*) FROM public.values_alignments") == "1");
  here.site.run("UPDATE public.consents SET withdrawn_at = now() - interval '1 second'");
  here.run();
  CHECK(here.site.value("SELECT count(*) FROM public.values_alignments") == "0");
}

TEST_CASE("weir scoring recompute takes users, needs the master key, and reports what it did") {
  Recomputing here;
  here.site.submit({.response = 1});
  const std::map<std::string, std::string> without_key{{"WEIR_POSTGRES_DSN", here.site.dsn + " user=weir_scoring"}};
  std::map<std::string, std::string> environment = without_key;
  environment["WEIR_ENCRYPTION_MASTER_KEY_FILE"] = here.site.folder / "master.key";
  CHECK(testing::run_weir({"scoring", "recompute"}, environment).exit_code == 64);
  CHECK(testing::run_weir({"scoring", "recompute", "--all"}, without_key).exit_code == 78);
  const testing::Said done = testing::run_weir({"scoring", "recompute", "--all", "--json"}, environment);
  CHECK_MESSAGE(done.exit_code == 0, done.err);
  CHECK(done.out.find(R"("users":9,"responses":1,"written":1,"refused":0)") != std::string::npos);
  CHECK(here.site.status(1) == "scored");
}
