#include "tests/unit/scoring/learning.hpp"

#include "consumers/scoring/pure/difference.hpp"
#include "consumers/scoring/pure/learning_rows.hpp"

using namespace weir;
using namespace weir::scoring;

namespace {

const OrganizationId kOrganization{numbered(8, 1)};
const UserId kUser{numbered(9, 1)};

}  // namespace

TEST_CASE("a learner has one row of counts, and one row for each touched module and each achievement") {
  const std::vector<Achievement> achievements{{achievement_id(1), {Measure::kModulesCompleted, 1}, 50}};
  LearningRows rows;
  add_rows(kOrganization, kUser, *learn(three_modules(), achievements, std::vector{completion(1, 11), completion(2, 12)}), rows);
  REQUIRE(rows.learners.size() == 1);
  CHECK(rows.learners[0].points == 73);
  CHECK(rows.learners[0].streak == Streak{1, 1, day(0), std::nullopt});
  REQUIRE(rows.progress.size() == 2);
  CHECK(rows.progress[0].module == module_id(1));
  CHECK(rows.progress[1].progress.status == ModuleStatus::kUnlocked);
  REQUIRE(rows.unlocked.size() == 1);
  CHECK(rows.unlocked[0].unlocked_at == minute(2));
}

TEST_CASE("ratings are compared by their activity") {
  const RatingRow row = rating_row(kOrganization, activity_id(1), 1'200, 45, 0);
  CHECK(row.attempts == 45);
  CHECK(row.difficulty == doctest::Approx(1'600));
  const std::vector<RatingRow> there{row};
  CHECK(difference<RatingRow>(there, there).empty());
  CHECK(difference<RatingRow>(there, std::vector{rating_row(kOrganization, activity_id(1), 1'200, 45, 1)}).write.size() == 1);
  CHECK(difference<RatingRow>(there, std::vector{rating_row(kOrganization, activity_id(2), 1'200, 45, 0)}).remove.size() == 1);
}
