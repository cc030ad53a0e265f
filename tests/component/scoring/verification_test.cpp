// Results compared with their source rows, as the operator's role: right rows give no difference, and each row that was changed, lost or
// invented is found with its place.
#include "consumers/scoring/verification.hpp"

#include "tests/component/scoring/learning_site.hpp"

using namespace weir;
using namespace weir::scoring;

namespace {

using Found = std::vector<process::ResultDifference>;

struct Verifying {
  /// Three submissions of the first user, an hour apart, and one of the second; a completion of the first.
  Verifying() {
    for (int n = 1; n <= 4; ++n) {
      worker.apply(site.submit({.response = n, .user = 1 + n / 4, .submitted_at = kStart + std::chrono::hours{n}}));
    }
    site.award(1, R"({"activities_completed": 1})");
    worker.apply(site.complete({.completion = 1, .at = "2026-11-18T13:00Z"}));
    worker.wake();
  }

  process::ResultDifferences differences(process::Period period, bool with_key = true) {
    auto connection = connect(site.dsn + " user=weir_operator");
    process::ResultDifferences found(100);
    must(connection.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    const VerifyOptions options{{share_of(0.8), std::chrono::minutes{10}}, with_key ? site.masters : nullptr};
    must(verify_results(connection, options, period, found));
    return found;
  }
  Found found(process::Period period = kDay, bool with_key = true) {
    const auto all = differences(period, with_key);
    return {all.kept().begin(), all.kept().end()};
  }
  /// "table.column stored -> source", one a line, of rows whose key has this text.
  std::string told(const std::string& key = "") {
    std::string all;
    for (const auto& one : found()) {
      CHECK_MESSAGE(one.key.find(key) != std::string::npos, one.key);
      all += one.table.substr(7) + "." + one.column + " " + one.stored + " -> " + one.source + "\n";
    }
    return all;
  }

  inline static const process::Period kDay{kStart, kStart + std::chrono::hours{24}};
  LearningSite site;
  Worker worker{site};
};

}  // namespace

TEST_CASE("results that follow from their source rows give no difference, and each table was compared") {
  Verifying here;
  const auto found = here.differences(Verifying::kDay);
  CHECK(here.told() == "");
  CHECK(found.not_asked().empty());
  for (const char* table : {"public.assessment_responses", "public.assessment_scores", "public.growth_scores", "public.module_progress",
                            "public.learner_states", "public.achievements_unlocked"}) {
    CAPTURE(table);
    REQUIRE(found.tables().contains(table));
    CHECK(found.tables().at(table).compared > 0);
  }
  CHECK(found.tables().at("public.assessment_responses").compared == 4);
}

TEST_CASE("a figure that was changed by hand is found in its column, with what is stored and what the answers give") {
  Verifying here;
  here.site.run("UPDATE public.assessment_scores SET t_score = 12.5 WHERE dimension = 'calm' AND response_id = '" + response(2).text() +
                "'");
  const Found found = here.found();
  REQUIRE(found.size() == 1);
  CHECK(found[0].table == "public.assessment_scores");
  CHECK(found[0].key ==
        fmt::format(R"({{"organization_id":"{}","response_id":"{}","dimension":"calm"}})", kOrganization.text(), response(2).text()));
  CHECK(found[0].column == "t_score");
  CHECK(found[0].stored == "12.5");
  CHECK(found[0].source == here.site.value("SELECT t_score FROM public.assessment_scores WHERE dimension = 'calm' AND response_id = '" +
                                           response(1).text() + "'"));
  CHECK(here.found({kStart + std::chrono::hours{3}, kStart + std::chrono::hours{24}}).empty());  // of another period
}

TEST_CASE("growth that was changed, lost or invented is found, with the submission before it") {
  Verifying here;
  here.site.run("UPDATE public.growth_scores SET previous_response_id = '" + response(1).text() +
                "' WHERE dimension = 'calm' AND response_id = '" + response(3).text() + "'");
  CHECK(here.told(response(3).text()) == "growth_scores.previous_response_id " + response(1).text() + " -> " + response(2).text() + "\n");
  here.site.run("DELETE FROM public.growth_scores WHERE dimension = 'calm' AND response_id = '" + response(3).text() + "'");
  CHECK(here.told(response(3).text()) == "growth_scores.row no row -> a row\n");
  here.worker.apply(here.site.changed(3));
  const std::string columns =
      "organization_id, dimension, user_id, previous_response_id, difference, reliable_change_index, slope_of_five, direction, "
      "improvement_streak";
  here.site.run("INSERT INTO public.growth_scores (response_id, submitted_at, " + columns + ") SELECT '" + response(1).text() +
                "', '2026-11-18T13:00Z', " + columns + " FROM public.growth_scores WHERE dimension = 'warm' AND response_id = '" +
                response(2).text() + "'");
  CHECK(here.told(response(1).text()) == "growth_scores.row a row -> no row\n");
}

TEST_CASE("scores that were lost, and those of a submission that never was, are found; the latter name the submission") {
  Verifying here;
  here.site.run("DELETE FROM public.assessment_scores WHERE response_id = '" + response(4).text() + "' AND dimension = 'composite'");
  CHECK(here.told(response(4).text()) == "assessment_scores.row no row -> a row\n");
  here.worker.apply(here.site.changed(4));
  here.site.run("INSERT INTO public.assessment_scores SELECT (jsonb_populate_record(s, jsonb_build_object('response_id', '" +
                id(4'000).text() + "'))).* FROM public.assessment_scores s WHERE dimension = 'calm' AND response_id = '" +
                response(4).text() + "'");
  const Found found = here.found();
  REQUIRE(found.size() == 1);
  CHECK(found[0].column == "row");
  CHECK(found[0].source == "no row");
  CHECK(found[0].source_id == id(4'000).text());
}

TEST_CASE("a submission that was never scored is found; a withdrawn and a refused one are right as they are") {
  Verifying here;
  here.site.submit({.response = 5, .user = 2, .submitted_at = kStart + std::chrono::hours{5}});
  const Found found = here.found();
  REQUIRE(found.size() == 1);
  CHECK(found[0].table == "public.assessment_responses");
  CHECK(found[0].stored == "submitted");
  CHECK(found[0].source_id == response(5).text());
  here.worker.apply(here.site.changed(5));
  CHECK(here.told() == "");
  // Corrected, and not taken yet: the rows of the former answers are still the right ones for what was taken.
  here.site.correct(3, answers({1, 1, 1, 1, 1, 1, 1, 1, 1, 1}));
  CHECK(here.told(response(3).text()) == "assessment_responses.status submitted -> scored or rejected\n");
  here.worker.apply(here.site.changed(3));
  here.worker.apply(here.site.withdraw(2));
  here.worker.apply(here.site.correct(1, answers({9, 1, 1, 1, 1, 1, 1, 1, 1, 1})));
  CHECK(here.site.status(1) == "rejected out_of_scale:a1");
  CHECK(here.told() == "");
}

TEST_CASE("without the master key scores are not compared, which is told, and growth still is") {
  Verifying here;
  here.site.run("UPDATE public.assessment_scores SET t_score = 1 WHERE dimension = 'calm'");
  here.site.run("UPDATE public.growth_scores SET improvement_streak = 7 WHERE dimension = 'calm' AND response_id = '" + response(3).text() +
                "'");
  const auto all = here.differences(Verifying::kDay, false);
  REQUIRE(all.kept().size() == 1);
  CHECK(all.kept().begin()->column == "improvement_streak");
  REQUIRE(all.not_asked().size() == 1);
  CHECK(all.not_asked().begin()->second == 4);
}

TEST_CASE("a learner's rows that were changed, lost or invented are found; a learner with a mark waits for the wake-up") {
  Verifying here;
  here.site.run("UPDATE public.learner_states SET points = points + 1");
  CHECK(here.told(user(1).text()) == "learner_states.points 12 -> 11\n");
  here.worker.apply(here.site.completed(1, 11));
  here.site.run("DELETE FROM public.achievements_unlocked; DELETE FROM weir.achievement_holders");
  CHECK(here.told(user(1).text()) == "achievements_unlocked.row no row -> a row\n");
  here.worker.apply(here.site.completed(1, 11));
  here.site.run("UPDATE public.module_progress SET percent = 77");
  CHECK(here.told(user(1).text()) == "module_progress.percent 77 -> 50\n");
  here.worker.wake();  // who holds the achievement is counted
  here.worker.apply(LearningSite::taught({1}));
  const auto waits = here.differences(Verifying::kDay);
  CHECK(waits.kept().empty());
  CHECK(waits.not_asked().size() == 2);  // the learner, and the activity that the learner has completed
  CHECK(waits.not_asked().contains("learners who wait for a wake-up, or whose rows the database refuses (weir status)"));
  here.worker.wake();
  CHECK(here.told() == "");
}
