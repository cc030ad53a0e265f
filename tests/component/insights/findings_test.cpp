#include "consumers/insights/findings_store.hpp"

#include "tests/component/insights/histories_site.hpp"

using namespace weir;
using namespace weir::insights;

namespace {

class Findings : public HistoriesSite {
 public:
  Findings() {
    run(R"(
INSERT INTO public.assessments (id, key, instrument_version, title, status, published_at)
VALUES (nth(40), 'emotional_intelligence', 1, 'E', 'published', now());
UPDATE public.users SET locale = 'de', time_zone = 'Europe/Berlin' WHERE id = nth(257);
UPDATE public.users SET time_zone = 'Mars/Olympus' WHERE id = nth(258))");
    low(1);
  }
  /// Three low scores of a user.
  void low(int who) {
    run(fmt::format(R"(
INSERT INTO public.assessment_scores (organization_id, response_id, dimension, user_id, assessment_id, instrument_version, raw_score, t_score, submitted_at)
SELECT nth(1), nth(500 + {0} * 10 + n), 'empathy', nth(256 + {0}), nth(40), 1, 20, 30 + n, '2026-11-20T10:00:00Z'::timestamptz + n * interval '1 day'
  FROM generate_series(1, 3) n)",
                    who));
  }
  /// An insight that told it before.
  void told(const std::string& classed, const std::string& at, const std::string& rating = "NULL", int n = 0) {
    run(fmt::format(R"(
INSERT INTO public.insights (id, organization_id, user_id, kind, title, body, confidence, input_hash, pattern, subject, class, created_at, rating)
VALUES (nth({}), nth(1), nth(257), 'pattern', 'T', 'B', 1, sha256('x'), 'repeated_low', 'emotional_intelligence.empathy', '{}', '{}', {}))",
                    900 + n, classed, at, rating));
  }
  std::vector<SubjectFindings> find(const std::vector<Subject>& subjects, Instant now = kNow) {
    return within([&](postgres::Statements& connection) { return reader.find_for(connection, subjects, now); });
  }
  FindingsReader reader;
};

Subject of_user(int n) { return {kOrganization, user(n)}; }

}  // namespace

TEST_CASE("findings come in the order of the subjects, with the locale of each") {
  Findings here;
  const auto found =
      here.find({of_user(2), of_user(1), {kOrganization, std::nullopt}, of_user(1), of_user(99), {kOtherOrganization, user(1)}});
  REQUIRE(found.size() == 6);
  CHECK(found[0].tellings.empty());
  REQUIRE(found[1].tellings.size() == 1);
  CHECK(found[1].locale == "de");
  CHECK(found[1].tellings[0].finding.subject == "emotional_intelligence.empathy");
  CHECK(!found[1].tellings[0].supersedes);
  CHECK(found[2].tellings.empty());
  CHECK(found[3].tellings.size() == 1);
  CHECK(found[4].tellings.empty());
  CHECK(found[5].tellings.empty());  // the user is of another organization
}

TEST_CASE("what was told is not told again before its pause is over or its class changes") {
  Findings here;
  here.told("low", "2026-11-20T12:00:00Z");
  CHECK(here.find({of_user(1)})[0].tellings.empty());
  here.run("UPDATE public.insights SET class = 'very_low'");
  CHECK(here.find({of_user(1)})[0].tellings.at(0).supersedes == id(900));
  here.run("UPDATE public.insights SET class = 'low', created_at = '2026-11-14T12:00:00Z', status = 'hidden'");
  CHECK(here.find({of_user(1)})[0].tellings.at(0).supersedes == id(900));
  CHECK(here.find({of_user(1)}, kNow - Microseconds{1})[0].tellings.empty());
}

TEST_CASE("two insights of a pattern that were not helpful double its pause") {
  Findings here;
  here.told("low", "2026-11-10T12:00:00Z", "'not_helpful'");
  here.told("low", "2026-10-10T12:00:00Z", "'not_helpful'", 1);
  CHECK(here.find({of_user(1)})[0].tellings.empty());
  CHECK(here.find({of_user(1)}, *parse_instant("2026-12-08T12:00:00Z"))[0].tellings.size() == 1);
  here.run("UPDATE public.insights SET rating = 'helpful' WHERE id = nth(901)");
  CHECK(here.find({of_user(1)})[0].tellings.size() == 1);
}

TEST_CASE("nothing is found about a user who is deleted") {
  Findings here;
  here.run("UPDATE public.users SET deleted_at = now() WHERE id = nth(257)");
  CHECK(here.find({of_user(1)})[0].tellings.empty());
}

TEST_CASE("an organization is told which of its agents degrade") {
  Findings here;
  here.run(R"(
SELECT weir.ensure_partition('public.agent_metrics_1h', '2026-11-20T00:00:00Z');
INSERT INTO public.agent_metrics_1h (organization_id, agent_id, window_start, total_tasks, completed_tasks, failed_tasks, median_execution_time_ms)
SELECT nth(1), nth(80 + agent), '2026-11-28T12:00:00Z'::timestamptz - h * interval '1 hour', 10,
       CASE WHEN agent = 1 AND h <= 24 THEN 5 ELSE 9 END, CASE WHEN agent = 1 AND h <= 24 THEN 5 ELSE 1 END, 200 + h % 7
  FROM generate_series(1, 192) h, generate_series(1, 2) agent)");
  const Subject agents{kOrganization, std::nullopt};
  const auto found = here.find({agents, of_user(1)});
  REQUIRE(found[0].tellings.size() == 1);
  CHECK(found[0].tellings[0].finding.classed == "failing");
  CHECK(found[0].tellings[0].finding.subject == id(81).text());
  here.run(R"(
INSERT INTO public.insights (organization_id, kind, audience, title, body, confidence, input_hash, pattern, subject, class, created_at)
VALUES (nth(1), 'risk', 'admin', 'T', 'B', 1, sha256('x'), 'agent_degradation', nth(81)::text, 'failing', '2026-11-28T11:00:00Z'))");
  CHECK(here.find({agents})[0].tellings.empty());
}
