#include "demo/witness/verify_learning_sql.hpp"

#include "demo/witness/verify_learning.hpp"

#include <tuple>

namespace weir::demo {

namespace {

Result<void> copy_zones(SqlSession& session, std::span<const GivenZone> zones) {
  WEIR_TRY(session.script(sql::kDropLearning));
  WEIR_TRY(session.script(sql::kMakeZones));
  return session.outside([&](pqxx::transaction_base& transaction) {
    pqxx::stream_to rows(transaction, "given_zones");
    for (const GivenZone& one : zones) rows << std::make_tuple(one.user.text(), format_instant(one.since), one.zone);
    rows.complete();
  });
}

}  // namespace

Result<std::string> unsettled_learning(SqlSession& session) {
  const auto marks = WEIR_TRY(session.ask(sql::kLearningMarks))[0][0].as<std::int64_t>();
  return marks == 0 ? "" : std::to_string(marks) + " marks of learning are left";
}

Result<void> verify_learning(SqlSession& session, std::span<const GivenZone> zones, Verdict& verdict) {
  WEIR_TRY(copy_zones(session, zones));
  for (const char* step : {sql::kMakeLearning, sql::kExpectCourse, sql::kExpectLearners}) WEIR_TRY(session.script(step));
  compare(verdict, WEIR_TRY(session.ask(sql::kLearnerDifferences)), "learner_states", "rows");
  compare(verdict, WEIR_TRY(session.ask(sql::kProgressDifferences)), "module_progress", "rows");
  compare(verdict, WEIR_TRY(session.ask(sql::kUnlockedDifferences)), "achievements_unlocked", "rows");
  compare(verdict, WEIR_TRY(session.ask(sql::kHolderDifferences)), "achievement_holders", "holders");
  compare(verdict, WEIR_TRY(session.ask(sql::kRatingDifferences)), "activity_ratings", "attempts");
  return {};
}

}  // namespace weir::demo
