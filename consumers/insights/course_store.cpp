#include "consumers/insights/course_store.hpp"

#include "common/postgres/columns.hpp"
#include "consumers/insights/history_store.hpp"

#include <functional>
#include <set>

namespace weir::insights {

namespace {

using postgres::columns_of;
using postgres::Row;
using postgres::Rows;
using postgres::Statements;

/// A course is read once for all users of its organization.
constexpr const char* kCourses = R"(
  SELECT m.organization_id, m.id, m.title, m.dimensions, m.position,
         EXISTS (SELECT FROM public.module_prerequisites r
                   JOIN public.learning_modules n ON n.organization_id = r.organization_id AND n.id = r.prerequisite_id
                  WHERE r.organization_id = m.organization_id AND r.module_id = m.id AND n.is_published AND n.deleted_at IS NULL)
    FROM unnest($1) AS o (organization_id)
    JOIN public.learning_modules m ON m.organization_id = o.organization_id AND m.is_published AND m.deleted_at IS NULL
   ORDER BY m.organization_id, m.position, m.id
)";

constexpr const char* kActivities = R"(
  SELECT a.module_id, a.id, a.difficulty_rating
    FROM unnest($1) AS o (organization_id)
    JOIN public.learning_activities a ON a.organization_id = o.organization_id AND a.deleted_at IS NULL
   ORDER BY a.module_id, a.position, a.id
)";

/// A module without a row is untouched: unlocked if it has no prerequisites, else locked. unlocked_at is set once its prerequisites are
/// completed.
constexpr const char* kProgress = R"(
  SELECT g.user_id, g.module_id, g.status, g.unlocked_at IS NOT NULL
    FROM unnest($1, $2) AS p (organization_id, user_id)
    JOIN public.module_progress g ON g.organization_id = p.organization_id AND g.user_id = p.user_id
)";

/// A user has done something in the modules in progress alone, as far as they are not completed.
constexpr const char* kDone = R"(
  SELECT DISTINCT g.user_id, a.id
    FROM unnest($1, $2) AS p (organization_id, user_id)
    JOIN public.module_progress g ON g.organization_id = p.organization_id AND g.user_id = p.user_id AND g.status = 'in_progress'
    JOIN public.learning_activities a ON a.organization_id = g.organization_id AND a.module_id = g.module_id AND a.deleted_at IS NULL
    JOIN public.activity_completions c ON c.organization_id = a.organization_id AND c.user_id = g.user_id AND c.activity_id = a.id AND c.succeeded
)";

struct Activity {
  Uuid id;
  double difficulty = 0;
};

struct Taught {
  Module module;
  bool has_prerequisites = false;
  std::vector<Activity> activities;
};

struct Progress {
  std::string status;
  bool is_unlocked = false;
};

using Courses = std::map<OrganizationId, std::vector<Taught>>;

Result<Courses> read_courses(Statements& connection, std::span<const Person> people) {
  std::set<OrganizationId> organizations;
  for (const Person& person : people) organizations.insert(person.organization);
  const postgres::Params params = columns_of(organizations, std::identity{});
  const Rows modules = WEIR_TRY(connection.query("insights_courses", kCourses, params));
  const Rows activities = WEIR_TRY(connection.query("insights_activities", kActivities, params));
  std::map<Uuid, std::vector<Activity>> by_module;
  for (std::size_t i = 0; i < activities.size(); ++i) {
    by_module[activities[i].get<Uuid>(0)].push_back({activities[i].get<Uuid>(1), activities[i].get<double>(2)});
  }
  Courses courses;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    const Row row = modules[i];
    const auto id = row.get<Uuid>(1);
    courses[row.get<OrganizationId>(0)].push_back(
        {{id, row.get<std::string>(2), row.get<std::vector<std::string>>(3), row.get<std::int32_t>(4), false, {}},
         row.get<bool>(5),
         std::move(by_module[id])});
  }
  return courses;
}

std::vector<Module> open_modules(const std::vector<Taught>& course, const std::map<Uuid, Progress>& progress, const std::set<Uuid>& done) {
  std::vector<Module> open;
  for (const Taught& taught : course) {
    const auto found = progress.find(taught.module.id);
    const Progress is = found == progress.end() ? Progress{} : found->second;
    if (is.status == "completed" || (taught.has_prerequisites && !is.is_unlocked)) continue;
    Module module = taught.module;
    module.is_begun = is.status == "in_progress";
    for (const Activity& activity : taught.activities) {
      if (!done.contains(activity.id)) module.open_difficulties.push_back(activity.difficulty);
    }
    open.push_back(std::move(module));
  }
  return open;
}

}  // namespace

Result<std::map<UserId, std::vector<Module>>> read_modules(Statements& connection, std::span<const Person> people) {
  const Courses courses = WEIR_TRY(read_courses(connection, people));
  const postgres::Params params = columns_of(people, &Person::organization, &Person::user);
  const Rows progress_rows = WEIR_TRY(connection.query("insights_progress", kProgress, params));
  std::map<UserId, std::map<Uuid, Progress>> progress;
  for (std::size_t i = 0; i < progress_rows.size(); ++i) {
    const Row row = progress_rows[i];
    progress[row.get<UserId>(0)][row.get<Uuid>(1)] = {row.get<std::string>(2), row.get<bool>(3)};
  }
  const Rows done_rows = WEIR_TRY(connection.query("insights_done", kDone, params));
  std::map<UserId, std::set<Uuid>> done;
  for (std::size_t i = 0; i < done_rows.size(); ++i) done[done_rows[i].get<UserId>(0)].insert(done_rows[i].get<Uuid>(1));
  std::map<UserId, std::vector<Module>> modules;
  for (const Person& person : people) {
    const auto course = courses.find(person.organization);
    if (course != courses.end()) modules[person.user] = open_modules(course->second, progress[person.user], done[person.user]);
  }
  return modules;
}

}  // namespace weir::insights
