#include "demo/witness/verify_scores_sql.hpp"

#include "demo/witness/verify_scores.hpp"

#include <tuple>

namespace weir::demo {

namespace {

std::string_view status_of(ResponseEnd end) {
  switch (end) {
    case ResponseEnd::kScored:
      return "scored";
    case ResponseEnd::kRejected:
      return "rejected";
    case ResponseEnd::kWithdrawn:
      return "in_progress";
    case ResponseEnd::kDeleted:
      return "deleted";
  }
  return {};
}

Result<void> copy_given(SqlSession& session, std::span<const GivenResponse> given) {
  WEIR_TRY(session.script("DROP TABLE IF EXISTS pg_temp.given_responses, pg_temp.given_answers, pg_temp.expected_scores"));
  WEIR_TRY(
      session.script("DROP FUNCTION IF EXISTS pg_temp.normal_cdf(double precision), pg_temp.differ(double precision, double precision)"));
  WEIR_TRY(session.script(sql::kMakeGiven));
  WEIR_TRY(session.outside([&](pqxx::transaction_base& transaction) {
    pqxx::stream_to rows(transaction, "given_responses");
    for (const GivenResponse& one : given) {
      rows << std::make_tuple(one.id.text(), one.organization.text(), one.user.text(), one.assessment.text(),
                              format_instant(one.started_at), format_instant(one.submitted_at), std::string(status_of(one.end)));
    }
    rows.complete();
  }));
  return session.outside([&](pqxx::transaction_base& transaction) {
    pqxx::stream_to rows(transaction, "given_answers");
    for (const GivenResponse& one : given) {
      for (const auto& [code, value] : one.answers) rows << std::make_tuple(one.id.text(), code, value);
    }
    rows.complete();
  });
}

}  // namespace

Expectation scores_expected() {
  Expectation expectation;
  expectation.group = "weir.scoring";
  expectation.topics.clear();
  for (const char* table : {"assessment_responses", "consents", "project_members", "projects", "users", "activity_completions",
                            "learning_modules", "module_prerequisites", "learning_activities", "achievements"}) {
    expectation.topics.push_back(std::string("weir.cdc.public.") + table);
  }
  return expectation;
}

Result<std::string> unsettled_alignments(SqlSession& session) {
  const auto marks = WEIR_TRY(session.ask(sql::kMarks))[0][0].as<std::int64_t>();
  return marks == 0 ? "" : "alignments of " + std::to_string(marks) + " users are to be computed";
}

Result<void> verify_scores(SqlSession& session, std::span<const GivenResponse> given, Verdict& verdict) {
  WEIR_TRY(copy_given(session, given));
  WEIR_TRY(session.script(sql::kExpectScores));
  compare(verdict, WEIR_TRY(session.ask(sql::kStatusDifferences)), "assessment_responses", "");
  compare(verdict, WEIR_TRY(session.ask(sql::kScoreDifferences)), "assessment_scores", "rows");
  compare(verdict, WEIR_TRY(session.ask(sql::kGrowthDifferences)), "growth_scores", "rows");
  compare(verdict, WEIR_TRY(session.ask(sql::kProfileDifferences)), "attachment_profiles", "rows");
  compare(verdict, WEIR_TRY(session.ask(sql::kAlignmentDifferences)), "values_alignments", "rows");
  return {};
}

}  // namespace weir::demo
