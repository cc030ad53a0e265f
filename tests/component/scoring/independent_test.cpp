// The consumer against the checks of its scores, which compute the same figures in SQL from the given answers. The checks must find and
// name each kind of wrong row.
#include "demo/clients/given_answers.hpp"

#include "consumers/scoring/result_checks.hpp"
#include "demo/application/respondents.hpp"
#include "demo/witness/verify.hpp"
#include "tests/component/scoring/site.hpp"

using namespace weir;
using namespace weir::scoring;

namespace {

constexpr int kActs = 300;

/// Two organizations whose users have taken the shipped assessments, with all results of weir scoring.
struct Scene {
  Scene() {
    for (const char* key : {"attachment", "communication", "conflict_resolution", "emotional_intelligence", "values_alignment"}) {
      site.load(testing::content(testing::source_directory() / "schemas/instruments" / (std::string(key) + ".json")));
    }
    for (const OrganizationId& organization : {kOrganization, kOtherOrganization}) {
      demo::Organization one{organization.value, "O", {}};
      for (int n = 0; n < 8; ++n) {
        one.users.push_back(Uuid::random());
        site.run(
            fmt::format("INSERT INTO public.users (id, organization_id, email, role) VALUES ('{0}', '{1}', '{0}@b.example', 'student')",
                        one.users.back().text(), organization.text()));
      }
      world.organizations.push_back(std::move(one));
    }
    site.run("UPDATE public.assessments SET status = 'retired' WHERE key = 'sample'");
    encryption::KeyRing ring(site.owner, *site.masters);
    respondents.emplace(must(demo::SqlSession::open(site.dsn, "test")), ring, world, 7);
    must(respondents->gather(kStart));
    Worker worker(site);
    std::set<Uuid> told;
    for (int act = 0; act < kActs; ++act) {
      must(respondents->act(kStart + Seconds{act}));
      // Some are looked at as they come, some late.
      if (act % 3 == 0) continue;
      const demo::GivenResponse& newest = respondents->responses().back();
      if (told.insert(newest.id).second) worker.apply(event_of(newest));
    }
    replay();
  }

  /// Takes all events once more.
  void replay() {
    Worker worker(site);
    for (const demo::GivenResponse& one : respondents->responses()) worker.apply(event_of(one));
    for (const demo::Organization& organization : world.organizations) {
      for (const Uuid& user : organization.users) {
        worker.apply(scoring::event_of(PersonChanged{OrganizationId{organization.id}, UserId{user}, std::nullopt}, kStart));
      }
    }
    worker.wake();
  }

  static std::shared_ptr<runtime::Event> event_of(const demo::GivenResponse& one) {
    const ResponseChanged fact{OrganizationId{one.organization}, one.id, UserId{one.user}, std::nullopt, one.submitted_at};
    return scoring::event_of(fact, one.submitted_at + Seconds{1});
  }

  demo::Verdict verdict() {
    auto session = must(demo::SqlSession::open(site.dsn, "test"));
    const process::ResultChecks checks = score_checks();
    CHECK(must(session.ask(std::string(checks.waits.front()))).empty());
    must(demo::give_answers(session, respondents->responses()));
    demo::Verdict verdict;
    must(demo::check_results(session, checks, verdict));
    return verdict;
  }

  Site site;
  demo::World world;
  std::optional<demo::Respondents> respondents;
};

struct Falsehood {
  const char* table;
  const char* set;  // empty: the row is deleted
  const char* of;   // which row
};

constexpr Falsehood kFalsehoods[] = {
    {"assessment_scores", "raw_score = raw_score * 0.999", "raw_score > 0"},
    {"assessment_scores", "percentile = percentile * 0.999", "percentile > 1"},
    {"assessment_scores", "standard_error = standard_error + 1e-6", "standard_error > 0"},
    {"assessment_scores", "", "true"},
    {"growth_scores", "improvement_streak = improvement_streak + 1", "true"},
    {"growth_scores", "reliable_change_index = reliable_change_index + 1e-6", "true"},
    {"growth_scores", "", "true"},
    {"attachment_profiles", "anxiety = anxiety * 0.999", "anxiety > 0"},
    {"attachment_profiles", "", "true"},
    {"values_alignments", "mean_absolute_difference = mean_absolute_difference * 0.999", "mean_absolute_difference > 1"},
    {"values_alignments", "", "true"},
    {"assessment_responses", "status = 'submitted'", "status = 'scored'"},
};

}  // namespace

TEST_CASE(
    "scores, growth, profiles and alignments are what SQL gives over the answers, and a row that is not is found, named, and mended by a "
    "replay") {
  Scene scene;
  const demo::Verdict right = scene.verdict();
  CHECK_MESSAGE(right.differences.empty(), fmt::format("{}", fmt::join(right.differences, "\n")));
  for (const char* table : {"assessment_scores", "growth_scores", "attachment_profiles", "values_alignments"}) {
    CAPTURE(table);
    CHECK(std::stoi(scene.site.value(std::string("SELECT count(*) FROM public.") + table)) > 5);
  }
  for (const char* some : {"null_reason IS NOT NULL", "flags <> '{}'", "dimension = 'composite'"}) {
    CAPTURE(some);
    CHECK(std::stoi(scene.site.value(std::string("SELECT count(*) FROM public.assessment_scores WHERE ") + some)) > 0);
  }
  for (const Falsehood& falsehood : kFalsehoods) {
    CAPTURE(falsehood.table);
    CAPTURE(falsehood.set);
    const std::string row = fmt::format("ctid = (SELECT min(ctid) FROM public.{} WHERE {})", falsehood.table, falsehood.of);
    const bool deletes = *falsehood.set == '\0';
    scene.site.run(deletes ? fmt::format("DELETE FROM public.{} WHERE {}", falsehood.table, row)
                           : fmt::format("UPDATE public.{} SET {} WHERE {}", falsehood.table, falsehood.set, row));
    const demo::Verdict found = scene.verdict();
    REQUIRE_FALSE(found.differences.empty());
    CHECK(found.differences.front().starts_with(falsehood.table));
    CHECK_FALSE(found.good());
    scene.replay();
    CHECK(scene.verdict().differences.empty());
  }
}
