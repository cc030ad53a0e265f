// Alignments, ratings of activities and counts of holders compared with their source rows, as the operator's role; and who is looked at.
#include "consumers/scoring/shared_verification.hpp"

#include "consumers/scoring/verification.hpp"
#include "consumers/scoring/verification_store.hpp"
#include "tests/component/scoring/circle.hpp"
#include "tests/component/scoring/learning_site.hpp"

using namespace weir;
using namespace weir::scoring;

namespace {

const process::Period kDay{kStart, kStart + std::chrono::hours{24}};

process::ResultDifferences differences(const Site& site, const process::Period& period = kDay) {
  auto connection = connect(site.dsn + " user=weir_operator");
  process::ResultDifferences found(100);
  must(connection.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  must(verify_results(connection, {{share_of(0.8), std::chrono::minutes{10}}, site.masters}, period, found));
  return found;
}

/// "table.column stored -> source", one a line.
std::string told(const Site& site, const process::Period& period = kDay) {
  std::string all;
  const auto found = differences(site, period);
  for (const auto& one : found.kept()) {
    all += one.table.substr(one.table.find('.') + 1) + "." + one.column + " " + one.stored + " -> " + one.source + "\n";
  }
  return all;
}

/// A learner who has completed an activity and received an achievement for it, and another who has failed.
struct Learned {
  Learned() {
    site.award(1, R"({"activities_completed": 1})");
    worker.apply({site.complete({.completion = 1, .user = 1, .at = "2026-11-18T13:00Z"}),
                  site.complete({.completion = 2, .user = 2, .at = "2026-11-18T13:30Z", .succeeded = false})});
    worker.wake();
  }
  LearningSite site;
  Worker worker{site};
};

}  // namespace

TEST_CASE("an alignment that was changed, lost or invented is found, with the pair") {
  Circle circle;
  Worker worker(circle.site);
  circle.two(worker);
  CHECK(told(circle.site) == "");
  CHECK(differences(circle.site).tables().at("public.values_alignments").compared > 0);
  circle.site.run("UPDATE public.values_alignments SET mean_absolute_difference = 3");
  CHECK(told(circle.site) == "values_alignments.mean_absolute_difference 3 -> 25\n");
  const auto found = differences(circle.site);
  CHECK(found.kept().begin()->key == fmt::format(R"({{"organization_id":"{}","user_id":"{}","other_user_id":"{}","assessment_id":"{}"}})",
                                                 kOrganization.text(), user(1).text(), user(2).text(), circle.values.text()));
  circle.site.run("DELETE FROM public.values_alignments");
  CHECK(told(circle.site) == "values_alignments.row no row -> a row\n");
  worker.apply(circle.person(1));
  worker.wake();
  CHECK(told(circle.site) == "");
  circle.site.run("INSERT INTO public.values_alignments SELECT (jsonb_populate_record(v, jsonb_build_object('user_id', '" + user(8).text() +
                  "', 'other_user_id', '" + user(9).text() + "', 'updated_at', '2026-11-18T15:00Z'))).* FROM public.values_alignments v");
  CHECK(told(circle.site) == "values_alignments.row a row -> no row\n");  // of users who did nothing else in the period
}

TEST_CASE("an alignment waits while one of its users has a mark, and stands by the consents that the last wake-up saw") {
  Circle circle;
  Worker worker(circle.site);
  worker.now = kStart + std::chrono::hours{1};
  circle.two(worker);
  circle.site.run("UPDATE public.consents SET withdrawn_at = '2026-11-01T01:00Z' WHERE user_id = '" + user(1).text() + "'");
  CHECK(told(circle.site) == "values_alignments.row a row -> no row\n");
  worker.apply(circle.person(1));
  const auto waits = differences(circle.site);
  CHECK(waits.kept().empty());
  CHECK(waits.not_asked().size() == 1);
  worker.wake();
  CHECK(told(circle.site) == "");
  circle.site.run("UPDATE public.consents SET withdrawn_at = NULL");
  worker.apply(circle.person(1));
  worker.wake();
  circle.site.run("UPDATE public.consents SET withdrawn_at = '2026-11-18T13:30Z' WHERE user_id = '" + user(1).text() + "'");
  CHECK(circle.pairs() != "");
  CHECK(told(circle.site) == "");  // the wake-up looked before that
  worker.now = kStart + std::chrono::hours{2};
  worker.wake();
  CHECK(circle.pairs() == "");
  CHECK(told(circle.site) == "");
}

TEST_CASE("a rating that was changed, lost or invented is found; one whose activity has a mark waits") {
  Learned here;
  CHECK(told(here.site) == "");
  CHECK(differences(here.site).tables().at("public.activity_ratings").compared == 1);
  here.site.run("UPDATE public.activity_ratings SET attempts = 7");
  CHECK(told(here.site) == "activity_ratings.attempts 7 -> 2\n");
  here.site.run("DELETE FROM public.activity_ratings");
  CHECK(told(here.site) == "activity_ratings.row no row -> a row\n");
  CHECK(told(here.site, {kStart - std::chrono::hours{24}, kStart}) == "");  // of another period
  const auto late = here.site.complete({.completion = 3, .user = 3, .at = "2026-11-18T13:45Z"});
  here.worker.apply(late);
  const auto waits = differences(here.site);
  CHECK(waits.kept().empty());
  CHECK(waits.not_asked().contains("ratings of activities that wait for a wake-up, or that the database refuses"));
  here.worker.wake();
  CHECK(told(here.site) == "");
  here.site.run(
      "INSERT INTO public.activity_ratings (organization_id, activity_id, difficulty_rating, attempts, updated_at) SELECT "
      "organization_id, '" +
      activity_of(12).text() + "', 1000, 1, '2026-11-18T14:00Z' FROM public.activity_ratings");
  CHECK(told(here.site) == "activity_ratings.row a row -> no row\n");
}

TEST_CASE("a count of holders that was changed, lost or invented is found") {
  Learned here;
  CHECK(differences(here.site).tables().at("weir.achievement_holders").compared == 1);
  here.site.run("UPDATE weir.achievement_holders SET holders = 9");
  CHECK(told(here.site) == "achievement_holders.holders 9 -> 1\n");
  here.site.run("DELETE FROM weir.achievement_holders");
  CHECK(told(here.site) == "achievement_holders.row no row -> a row\n");
  here.site.run(
      "INSERT INTO weir.achievement_holders SELECT organization_id, id, 1 FROM public.achievements UNION SELECT organization_id, '" +
      achievement_of(2).text() + "', 4 FROM public.achievements");
  CHECK(told(here.site) == "achievement_holders.row a row -> no row\n");
}

TEST_CASE("people of a period are found among any number of users, in whatever organizations") {
  Site site;
  site.run(fmt::format(R"(
INSERT INTO public.users (id, organization_id, email, role)
SELECT ('00000000-0000-4000-8000-' || lpad(to_hex(100000 + n), 12, '0'))::uuid, CASE WHEN n % 2 = 0 THEN '{}' ELSE '{}' END::uuid, n || '@b.example',
       'student'
  FROM generate_series(1, {}) n;
INSERT INTO public.learner_states (organization_id, user_id, updated_at)
SELECT organization_id, id, '2026-11-18T13:00Z'
  FROM (SELECT organization_id, id, row_number() OVER (ORDER BY organization_id, id) AS place FROM public.users) u
 WHERE place IN (1, {}, {}, 7777, {}) OR place BETWEEN 3000 AND 3250)",
                       kOrganization.text(), kOtherOrganization.text(), 2 * kUsersAtOnce + 1, kUsersAtOnce, kUsersAtOnce + 1,
                       2 * kUsersAtOnce + 5));
  auto connection = connect(site.dsn + " user=weir_operator");
  must(connection.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  PeopleReader reader(connection, kDay);
  std::vector<Person> all;
  for (auto some = must(reader.next()); !some.empty(); some = must(reader.next())) {
    CHECK(some.size() <= kPeopleAtOnce);
    all.insert(all.end(), some.begin(), some.end());
  }
  CHECK(all.size() == 256);
  CHECK(std::ranges::is_sorted(all));
  CHECK(std::ranges::adjacent_find(all) == all.end());
}
