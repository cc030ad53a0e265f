#include "consumers/scoring/course_store.hpp"

namespace weir::scoring {

namespace {

using postgres::Params;
using postgres::Statements;

constexpr const char* kModules = R"(
  SELECT organization_id, id
    FROM public.learning_modules
   WHERE organization_id = ANY ($1) AND is_published AND deleted_at IS NULL
)";

constexpr const char* kPrerequisites = R"(
  SELECT organization_id, module_id, prerequisite_id
    FROM public.module_prerequisites
   WHERE organization_id = ANY ($1)
)";

constexpr const char* kActivities = R"(
  SELECT organization_id, id, module_id, difficulty_rating, points, required
    FROM public.learning_activities
   WHERE organization_id = ANY ($1) AND deleted_at IS NULL
)";

constexpr const char* kAchievements = R"(
  SELECT o.organization_id, a.id, a.condition, a.points
    FROM unnest($1) AS o (organization_id)
    JOIN public.achievements a ON a.organization_id = o.organization_id OR a.organization_id IS NULL
   WHERE a.deleted_at IS NULL
)";

}  // namespace

Result<std::map<OrganizationId, Curriculum>> read_curricula(Statements& connection, const std::set<OrganizationId>& organizations) {
  std::map<OrganizationId, Curriculum> found;
  std::vector<Uuid> ids;
  for (const OrganizationId& organization : organizations) {
    ids.push_back(organization.value);
    found[organization];
  }
  const Params params = Params{}.add_array(ids);
  const auto modules = WEIR_TRY(connection.query("scoring_modules", kModules, params));
  for (std::size_t i = 0; i < modules.size(); ++i) {
    found[modules[i].get<OrganizationId>(0)].course.add_module(modules[i].get<Uuid>(1));
  }
  const auto prerequisites = WEIR_TRY(connection.query("scoring_prerequisites", kPrerequisites, params));
  for (std::size_t i = 0; i < prerequisites.size(); ++i) {
    const auto row = prerequisites[i];
    found[row.get<OrganizationId>(0)].course.add_prerequisite(row.get<Uuid>(1), row.get<Uuid>(2));
  }
  const auto activities = WEIR_TRY(connection.query("scoring_activities", kActivities, params));
  for (std::size_t i = 0; i < activities.size(); ++i) {
    const auto row = activities[i];
    const Activity activity{row.get<Uuid>(2), row.get<double>(3), row.get<std::int64_t>(4), row.get<bool>(5)};
    found[row.get<OrganizationId>(0)].course.add_activity(row.get<Uuid>(1), activity);
  }
  const auto achievements = WEIR_TRY(connection.query("scoring_achievements", kAchievements, params));
  for (std::size_t i = 0; i < achievements.size(); ++i) {
    const auto row = achievements[i];
    const auto condition = read_condition(row.text(2)).condition;
    // The change that brought such a condition is a dead letter, which says what is wrong with it.
    if (!condition) continue;
    found[row.get<OrganizationId>(0)].achievements.push_back({row.get<Uuid>(1), *condition, row.get<std::int64_t>(3)});
  }
  return found;
}

}  // namespace weir::scoring
