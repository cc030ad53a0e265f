#include "consumers/insights/releases_store.hpp"

#include "tests/component/insights/histories_site.hpp"

using namespace weir;
using namespace weir::insights;

namespace {

/// Professional 30 with clients 1 to 6, each of whom consents and has a score of 60 and so many points more.
class Groups : public HistoriesSite {
 public:
  Groups() {
    run(R"(
INSERT INTO public.users (id, organization_id, email, role)
VALUES (nth(286), nth(1), 'p@a.example', 'professional');
INSERT INTO public.professionals (id, organization_id, user_id, licence_number, verified_at, background_checked_at)
VALUES (nth(30), nth(1), nth(286), 'L', now(), now());
INSERT INTO public.assessments (id, key, instrument_version, title, status, published_at)
VALUES (nth(40), 'emotional_intelligence', 1, 'E', 'published', now()))");
    for (int n = 1; n <= 6; ++n) join(n);
  }
  void join(int n) {
    run(fmt::format(R"(
INSERT INTO public.professional_clients (organization_id, professional_id, client_id) VALUES (nth(1), nth(30), nth({0}));
INSERT INTO public.consents (organization_id, user_id, scope) VALUES (nth(1), nth({0}), 'assessments'))",
                    0x100 + n));
    score(n, 60 + n, "2026-11-01T00:00:00Z");
  }
  void score(int n, int raw, const std::string& submitted_at) {
    run(fmt::format(R"(
INSERT INTO public.assessment_scores (organization_id, response_id, dimension, user_id, assessment_id, instrument_version, raw_score, submitted_at)
VALUES (nth(1), gen_random_uuid(), 'empathy', nth({}), nth(40), 1, {}, '{}'))",
                    0x100 + n, raw, submitted_at));
  }
  void withdraw(int n) { run(fmt::format("UPDATE public.consents SET withdrawn_at = now() WHERE user_id = nth({})", 0x100 + n)); }

  bool release(int week) {
    return within([&](postgres::Statements& connection) { return release_groups(connection, kNow + std::chrono::weeks{week}); });
  }
  /// What the professional sees.
  std::string seen() {
    run(fmt::format(R"(
BEGIN;
SET LOCAL ROLE authenticated;
SELECT set_config('request.jwt.claims', '{{"sub": "{}", "organization_id": "{}", "user_role": "professional"}}', true))",
                    user(30).text(), kOrganization.text()));
    const std::string rows =
        dump("SELECT instrument, dimension, clients, mean_score, sd_score, week FROM public.professional_group_scores");
    run("ROLLBACK");
    return rows;
  }
};

}  // namespace

TEST_CASE("a group is released once a week, rounded, and shown to its professional as it was released") {
  Groups here;
  CHECK(here.seen() == "");
  CHECK(!here.release(0));
  CHECK(here.seen() == "(emotional_intelligence,empathy,6,64,0,2026-11-23)");  // 63.5 and 1.87
  here.score(1, 100, "2026-11-20T00:00:00Z");
  CHECK(!here.release(0));
  CHECK(here.seen() == "(emotional_intelligence,empathy,6,64,0,2026-11-23)");
  // The same people with their new scores, in the next week.
  CHECK(!here.release(1));
  CHECK(here.seen() == "(emotional_intelligence,empathy,6,70,15,2026-11-30)");
}

TEST_CASE("six of whom one leaves keep their figures, and so do they when one joins") {
  Groups here;
  here.release(0);
  here.withdraw(6);
  here.release(1);
  CHECK(here.seen() == "(emotional_intelligence,empathy,6,64,0,2026-11-23)");
  here.run("UPDATE public.professional_clients SET ended_at = now() WHERE client_id = nth(257)");
  here.join(7);
  here.release(2);
  CHECK(here.seen() == "(emotional_intelligence,empathy,6,64,0,2026-11-23)");
  for (int n = 8; n <= 9; ++n) here.join(n);
  here.release(3);
  CHECK(here.seen() == "(emotional_intelligence,empathy,7,65,5,2026-12-14)");  // 2 to 5 and 7 to 9
  CHECK(here.value("SELECT count(*) FROM weir.group_releases") == "2");
}

TEST_CASE("four clients who consent are no group") {
  Groups here;
  here.withdraw(1);
  here.withdraw(2);
  here.release(0);
  CHECK(here.value("SELECT count(*) FROM weir.group_releases") == "0");
  CHECK(here.seen() == "");
}

TEST_CASE("releases whose figures stay the same are not written again") {
  Groups here;
  for (int week = 0; week < 3; ++week) here.release(week);
  CHECK(here.value("SELECT count(*) FROM weir.group_releases") == "1");
}

TEST_CASE("many professionals are served in turns, by one instance at a time") {
  Groups here;
  here.run(R"(
INSERT INTO public.users (id, organization_id, email, role)
SELECT nth(10000 + n), nth(1), 'p' || n || '@a.example', 'professional'
  FROM generate_series(1, 50) n;
INSERT INTO public.professionals (id, organization_id, user_id, licence_number)
SELECT nth(20000 + n), nth(1), nth(10000 + n), 'L' || n
  FROM generate_series(1, 50) n;
INSERT INTO public.professional_clients (organization_id, professional_id, client_id)
SELECT nth(1), nth(20050), nth(256 + n)
  FROM generate_series(1, 6) n)");
  postgres::Connection other = connect(here.dsn + " user=weir_insights");
  must(other.begin());
  CHECK(must(release_groups(other, kNow)));
  CHECK(!here.release(0));  // the other instance is at it
  must(other.commit());
  CHECK(here.value("SELECT count(*) FROM weir.group_releases") == "1");
  CHECK(!here.release(0));
  CHECK(here.value("SELECT count(*) FROM weir.group_releases") == "2");
}
