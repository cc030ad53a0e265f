#include "consumers/scoring/learning_marks.hpp"

namespace weir::scoring {

namespace {

using postgres::Params;
using postgres::Statements;

constexpr const char* kMark = R"(
  INSERT INTO weir.learning_marks (kind, organization_id, subject_id)
  SELECT $3, s.organization_id, s.subject_id
    FROM unnest($1, $2) AS s (organization_id, subject_id)
)";

constexpr const char* kMarkChangedUsers = R"(
  INSERT INTO weir.learning_marks (kind, organization_id, subject_id)
  SELECT 'learner', p.organization_id, p.user_id
    FROM unnest($1, $2) AS p (organization_id, user_id)
   WHERE EXISTS (SELECT FROM public.activity_completions c
                   JOIN public.users u ON u.organization_id = c.organization_id AND u.id = c.user_id AND u.deleted_at IS NULL
                  WHERE c.organization_id = p.organization_id AND c.user_id = p.user_id)
      <> EXISTS (SELECT FROM public.learner_states s
                  WHERE s.organization_id = p.organization_id AND s.user_id = p.user_id)
)";

/// Progress in a module follows from its activities and from those of its prerequisites; so whoever did none of them is not concerned.
constexpr const char* kMarkModules = R"(
  WITH changed AS (
    SELECT organization_id, module_id
      FROM unnest($1, $2) AS m (organization_id, module_id)
  ), needed AS (
    SELECT organization_id, module_id
      FROM changed
     UNION
    SELECT p.organization_id, p.prerequisite_id
      FROM changed
      JOIN public.module_prerequisites p USING (organization_id, module_id)
     UNION
    SELECT p.organization_id, p.prerequisite_id
      FROM changed
      JOIN public.module_prerequisites d ON d.organization_id = changed.organization_id AND d.prerequisite_id = changed.module_id
      JOIN public.module_prerequisites p ON p.organization_id = d.organization_id AND p.module_id = d.module_id
  ), concerned AS (
    SELECT c.organization_id, c.user_id
      FROM needed
      JOIN public.learning_activities a USING (organization_id, module_id)
      JOIN public.activity_completions c ON c.organization_id = a.organization_id AND c.activity_id = a.id
     UNION
    SELECT m.organization_id, m.user_id
      FROM changed
      JOIN public.module_progress m USING (organization_id, module_id)
  )
  INSERT INTO weir.learning_marks (kind, organization_id, subject_id)
  SELECT 'learner', organization_id, user_id
    FROM concerned
   UNION ALL
  SELECT 'rating', a.organization_id, a.id
    FROM changed
    JOIN public.learning_activities a USING (organization_id, module_id)
)";

constexpr const char* kMarkAchievements = R"(
  INSERT INTO weir.learning_marks (kind, organization_id, subject_id)
  SELECT 'learner', s.organization_id, s.user_id
    FROM public.achievements a
    JOIN public.learner_states s ON a.organization_id IS NULL OR s.organization_id = a.organization_id
   WHERE a.id = ANY ($1)
   UNION
  SELECT 'learner', h.organization_id, h.user_id
    FROM public.achievements_unlocked h
   WHERE h.achievement_id = ANY ($1)
)";

constexpr const char* kMarkHoldersAfter = R"(
  INSERT INTO weir.learning_marks (kind, organization_id, subject_id)
  SELECT DISTINCT 'holders', h.organization_id, h.achievement_id
    FROM unnest($1, $2) AS p (organization_id, user_id)
    JOIN weir.achievement_holders h ON h.organization_id = p.organization_id
   WHERE NOT EXISTS (SELECT FROM public.users u WHERE u.organization_id = p.organization_id AND u.id = p.user_id)
)";

constexpr const char* kMarkAllCounts = R"(
  INSERT INTO weir.learning_marks (kind, organization_id, subject_id)
  SELECT 'rating', organization_id, id FROM public.learning_activities
   UNION
  SELECT 'rating', organization_id, activity_id FROM public.activity_ratings
   UNION
  SELECT 'holders', organization_id, achievement_id FROM public.achievements_unlocked
   UNION
  SELECT 'holders', organization_id, achievement_id FROM weir.achievement_holders
)";

/// A snapshot leaves thousands of marks of one learner. They count as one subject, so that the learner is computed once.
constexpr const char* kDue = R"(
  SELECT organization_id, subject_id, count(*)
    FROM (SELECT id, organization_id, subject_id
            FROM weir.learning_marks
           WHERE kind = $1 AND subject_id <> ALL ($4)
           ORDER BY id
           LIMIT $3) oldest
   GROUP BY organization_id, subject_id
   ORDER BY min(id)
   LIMIT $2
)";

constexpr const char* kRemove = R"(
  DELETE FROM weir.learning_marks m
   USING unnest($1, $2) AS s (organization_id, subject_id)
   WHERE m.kind = $3 AND m.organization_id = s.organization_id AND m.subject_id = s.subject_id
)";
/// Marks that are looked through, for each subject that may be taken.
constexpr std::size_t kMarksASubject = 10;

}  // namespace

std::string_view kind_text(MarkKind kind) {
  switch (kind) {
    case MarkKind::kLearner:
      return "learner";
    case MarkKind::kRating:
      return "rating";
    case MarkKind::kHolders:
      return "holders";
  }
  return {};
}

Result<void> mark_subjects(Statements& connection, MarkKind kind, const std::set<Subject>& subjects) {
  if (subjects.empty()) return {};
  WEIR_TRY(connection.execute("scoring_mark", kMark, params_of_pairs(subjects).add(kind_text(kind))));
  return {};
}

Result<void> mark_changed_users(Statements& connection, const std::set<Person>& changed, const std::set<Person>& moved) {
  std::set<Subject> subjects;
  for (const auto& [organization, user] : moved) subjects.emplace(organization, user.value);
  WEIR_TRY(mark_subjects(connection, MarkKind::kLearner, subjects));
  if (changed.empty()) return {};
  WEIR_TRY(connection.execute("scoring_mark_changed_users", kMarkChangedUsers, params_of_pairs(changed)));
  return {};
}

Result<void> mark_modules(Statements& connection, const std::set<Subject>& modules) {
  if (modules.empty()) return {};
  WEIR_TRY(connection.execute("scoring_mark_modules", kMarkModules, params_of_pairs(modules)));
  return {};
}

Result<void> mark_achievements(Statements& connection, const std::set<Uuid>& achievements) {
  if (achievements.empty()) return {};
  const std::vector<Uuid> ids(achievements.begin(), achievements.end());
  WEIR_TRY(connection.execute("scoring_mark_achievements", kMarkAchievements, Params{}.add_array(ids)));
  return {};
}

Result<void> mark_holders_after(Statements& connection, const std::set<Person>& people) {
  WEIR_TRY(connection.execute("scoring_mark_holders_after", kMarkHoldersAfter, params_of_pairs(people)));
  return {};
}

Result<void> mark_all_counts(Statements& connection) {
  WEIR_TRY(connection.execute("scoring_mark_all_counts", kMarkAllCounts));
  return {};
}

Result<DueSubjects> due_subjects(Statements& connection, MarkKind kind, std::size_t most, const std::vector<Uuid>& without) {
  const std::size_t looked_through = kMarksASubject * most;
  const auto rows = WEIR_TRY(
      connection.query("scoring_due_subjects", kDue, Params{}.add(kind_text(kind)).add(most).add(looked_through).add_array(without)));
  DueSubjects due;
  std::size_t marks = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    due.subjects.emplace(rows[i].get<OrganizationId>(0), rows[i].get<Uuid>(1));
    marks += rows[i].get<std::size_t>(2);
  }
  due.more = due.subjects.size() == most || marks >= looked_through;
  return due;
}

Result<void> remove_learning_marks(Statements& connection, MarkKind kind, const std::set<Subject>& subjects) {
  WEIR_TRY(connection.execute("scoring_remove_learning_marks", kRemove, params_of_pairs(subjects).add(kind_text(kind))));
  return {};
}

}  // namespace weir::scoring
