#include "consumers/scoring/learners_store.hpp"

#include <array>

namespace weir::scoring {

namespace {

using postgres::Params;
using postgres::Row;
using postgres::RowArray;
using postgres::Statements;

/// A local date comes as its days since 1970. A time outside of these years is infinite, or no clock had it.
constexpr const char* kCompletions = R"(
  SELECT c.organization_id, c.user_id, c.completed_at, c.id, c.activity_id, c.succeeded, c.score,
         (c.completed_at AT TIME ZONE coalesce(z.time_zone, 'UTC'))::date - date '1970-01-01'
    FROM unnest($1, $2) AS p (organization_id, user_id)
    JOIN public.users u ON u.organization_id = p.organization_id AND u.id = p.user_id AND u.deleted_at IS NULL
    JOIN public.activity_completions c ON c.organization_id = p.organization_id AND c.user_id = p.user_id
    LEFT JOIN LATERAL (
      SELECT h.time_zone
        FROM weir.user_zones h
       WHERE h.user_id = c.user_id AND h.holds_from <= c.completed_at
       ORDER BY h.holds_from DESC
       LIMIT 1) z ON true
   WHERE c.completed_at >= '0001-01-01Z' AND c.completed_at < '10000-01-01Z'
)";

constexpr const char* kReadProgress = R"(
  SELECT m.organization_id, m.user_id, m.module_id, m.status, m.percent, m.unlocked_at, m.completed_at
    FROM unnest($1, $2) AS p (organization_id, user_id)
    JOIN public.module_progress m USING (organization_id, user_id)
)";

constexpr const char* kReadLearners = R"(
  SELECT s.organization_id, s.user_id, s.skill_rating, s.points, s.streak_days, s.longest_streak_days,
         s.last_active_on - date '1970-01-01', s.freeze_used_on - date '1970-01-01'
    FROM unnest($1, $2) AS p (organization_id, user_id)
    JOIN public.learner_states s USING (organization_id, user_id)
)";

constexpr const char* kReadUnlocked = R"(
  SELECT a.organization_id, a.user_id, a.achievement_id, a.unlocked_at
    FROM unnest($1, $2) AS p (organization_id, user_id)
    JOIN public.achievements_unlocked a USING (organization_id, user_id)
)";

constexpr const char* kWriteProgress = R"(
  INSERT INTO public.module_progress (organization_id, user_id, module_id, status, percent, unlocked_at, completed_at)
  SELECT * FROM unnest($1)
  ON CONFLICT (organization_id, user_id, module_id) DO UPDATE
    SET status = excluded.status, percent = excluded.percent, unlocked_at = excluded.unlocked_at, completed_at = excluded.completed_at
)";

constexpr const char* kWriteLearners = R"(
  INSERT INTO public.learner_states (
    organization_id, user_id, skill_rating, points, streak_days, longest_streak_days, last_active_on, freeze_used_on)
  SELECT * FROM unnest($1)
  ON CONFLICT (organization_id, user_id) DO UPDATE
    SET skill_rating = excluded.skill_rating, points = excluded.points, streak_days = excluded.streak_days,
        longest_streak_days = excluded.longest_streak_days, last_active_on = excluded.last_active_on,
        freeze_used_on = excluded.freeze_used_on
)";

constexpr const char* kWriteUnlocked = R"(
  INSERT INTO public.achievements_unlocked (organization_id, user_id, achievement_id, unlocked_at)
  SELECT * FROM unnest($1)
  ON CONFLICT (organization_id, user_id, achievement_id) DO UPDATE SET unlocked_at = excluded.unlocked_at
)";

constexpr const char* kRemoveProgress = R"(
  DELETE FROM public.module_progress m
   USING unnest($1, $2, $3) AS r (organization_id, user_id, module_id)
   WHERE m.organization_id = r.organization_id AND m.user_id = r.user_id AND m.module_id = r.module_id
)";

constexpr const char* kRemoveLearners = R"(
  DELETE FROM public.learner_states s
   USING unnest($1, $2) AS r (organization_id, user_id)
   WHERE s.organization_id = r.organization_id AND s.user_id = r.user_id
)";

constexpr const char* kRemoveUnlocked = R"(
  DELETE FROM public.achievements_unlocked a
   USING unnest($1, $2, $3) AS r (organization_id, user_id, achievement_id)
   WHERE a.organization_id = r.organization_id AND a.user_id = r.user_id AND a.achievement_id = r.achievement_id
)";

Day day_at(const Row& row, int column) { return Day{std::chrono::days{row.get<std::int32_t>(column)}}; }
std::optional<Day> maybe_day_at(const Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(day_at(row, column));
}

void put(RowArray& out, const ProgressRow& row) {
  out.begin_row(7);
  out.uuid(row.organization.value);
  out.uuid(row.user.value);
  out.uuid(row.module);
  out.text(module_status_text(row.progress.status));
  out.real8(row.progress.percent);
  out.instant(row.progress.unlocked_at);
  out.instant(row.progress.completed_at);
}

void put(RowArray& out, const LearnerRow& row) {
  out.begin_row(8);
  out.uuid(row.organization.value);
  out.uuid(row.user.value);
  out.real8(row.skill);
  out.int8(row.points);
  out.int4(row.streak.days);
  out.int4(row.streak.longest);
  out.date(row.streak.last_active_on);
  out.date(row.streak.freeze_used_on);
}

void put(RowArray& out, const UnlockedRow& row) {
  out.begin_row(4);
  out.uuid(row.organization.value);
  out.uuid(row.user.value);
  out.uuid(row.achievement);
  out.instant(row.unlocked_at);
}

/// A table's statements.
struct Writing {
  std::string_view write_name;
  const char* write;
  const char* type;
  std::string_view remove_name;
  const char* remove;
};

template <class T>
Result<void> apply(Statements& connection, const Writing& statements, const Difference<T>& rows) {
  if (!rows.remove.empty()) {
    std::array<std::vector<Uuid>, 3> keys;
    for (const T* row : rows.remove) {
      keys[0].push_back(row->organization.value);
      keys[1].push_back(row->user.value);
      if constexpr (requires { row->module; }) keys[2].push_back(row->module);
      if constexpr (requires { row->achievement; }) keys[2].push_back(row->achievement);
    }
    Params params;
    for (const auto& key : keys) {
      if (!key.empty()) params.add_array(key);
    }
    WEIR_TRY(connection.execute(statements.remove_name, statements.remove, params));
  }
  WEIR_TRY(connection.execute_over(statements.write_name, statements.write, statements.type, rows.write,
                                   [](RowArray& out, const T* row) { put(out, *row); }));
  return {};
}

}  // namespace

Result<std::map<Person, std::vector<Completion>>> read_completions(Statements& connection, const std::set<Person>& people) {
  const auto rows = WEIR_TRY(connection.query("scoring_completions", kCompletions, params_of_pairs(people)));
  std::map<Person, std::vector<Completion>> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    found[{row.get<OrganizationId>(0), row.get<UserId>(1)}].push_back(
        {row.get<Instant>(2), row.get<Uuid>(3), row.get<Uuid>(4), row.get<bool>(5), row.maybe<double>(6), day_at(row, 7)});
  }
  return found;
}

Result<LearningRows> read_learning(Statements& connection, const std::set<Person>& people) {
  const Params params = params_of_pairs(people);
  LearningRows found;
  const auto progress = WEIR_TRY(connection.query("scoring_read_progress", kReadProgress, params));
  for (std::size_t i = 0; i < progress.size(); ++i) {
    const auto row = progress[i];
    const auto status = parse_module_status(row.text(3));
    WEIR_ASSERT(status.has_value());  // the column's CHECK allows no other
    found.progress.push_back({row.get<OrganizationId>(0),
                              row.get<UserId>(1),
                              row.get<Uuid>(2),
                              {*status, row.get<double>(4), row.maybe<Instant>(5), row.maybe<Instant>(6)}});
  }
  const auto learners = WEIR_TRY(connection.query("scoring_read_learners", kReadLearners, params));
  for (std::size_t i = 0; i < learners.size(); ++i) {
    const auto row = learners[i];
    found.learners.push_back({row.get<OrganizationId>(0),
                              row.get<UserId>(1),
                              row.get<double>(2),
                              row.get<std::int64_t>(3),
                              {row.get<std::int32_t>(4), row.get<std::int32_t>(5), maybe_day_at(row, 6), maybe_day_at(row, 7)}});
  }
  const auto unlocked = WEIR_TRY(connection.query("scoring_read_unlocked", kReadUnlocked, params));
  for (std::size_t i = 0; i < unlocked.size(); ++i) {
    const auto row = unlocked[i];
    found.unlocked.push_back({row.get<OrganizationId>(0), row.get<UserId>(1), row.get<Uuid>(2), row.get<Instant>(3)});
  }
  return found;
}

Result<void> write_learning(Statements& connection, const LearningChanges& changes) {
  static constexpr Writing kProgress{"scoring_write_progress", kWriteProgress, "weir.module_progress_row", "scoring_remove_progress",
                                     kRemoveProgress};
  static constexpr Writing kLearners{"scoring_write_learners", kWriteLearners, "weir.learner_states_row", "scoring_remove_learners",
                                     kRemoveLearners};
  static constexpr Writing kUnlocked{"scoring_write_unlocked", kWriteUnlocked, "weir.achievements_unlocked_row", "scoring_remove_unlocked",
                                     kRemoveUnlocked};
  WEIR_TRY(apply(connection, kProgress, changes.progress));
  WEIR_TRY(apply(connection, kLearners, changes.learners));
  return apply(connection, kUnlocked, changes.unlocked);
}

}  // namespace weir::scoring
