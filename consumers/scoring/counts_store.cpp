#include "consumers/scoring/counts_store.hpp"

namespace weir::scoring {

namespace {

using postgres::Params;
using postgres::RowArray;
using postgres::Statements;

constexpr const char* kResults = R"(
  SELECT a.organization_id, a.id, a.difficulty_rating, count(*) FILTER (WHERE NOT c.succeeded), count(*) FILTER (WHERE c.succeeded)
    FROM unnest($1, $2) AS s (organization_id, activity_id)
    JOIN public.learning_activities a ON a.organization_id = s.organization_id AND a.id = s.activity_id AND a.deleted_at IS NULL
    JOIN public.learning_modules m ON m.organization_id = a.organization_id AND m.id = a.module_id AND m.is_published AND m.deleted_at IS NULL
    JOIN public.activity_completions c ON c.organization_id = a.organization_id AND c.activity_id = a.id
   GROUP BY a.organization_id, a.id, a.difficulty_rating
)";

constexpr const char* kReadRatings = R"(
  SELECT r.organization_id, r.activity_id, r.difficulty_rating, r.attempts
    FROM unnest($1, $2) AS s (organization_id, activity_id)
    JOIN public.activity_ratings r USING (organization_id, activity_id)
)";

constexpr const char* kWriteRatings = R"(
  INSERT INTO public.activity_ratings (organization_id, activity_id, difficulty_rating, attempts)
  SELECT * FROM unnest($1)
  ON CONFLICT (organization_id, activity_id) DO UPDATE
    SET difficulty_rating = excluded.difficulty_rating, attempts = excluded.attempts
)";

constexpr const char* kRemoveRatings = R"(
  DELETE FROM public.activity_ratings r
   USING unnest($1, $2) AS s (organization_id, activity_id)
   WHERE r.organization_id = s.organization_id AND r.activity_id = s.activity_id
)";

const std::string kCountHolders = R"(
  SELECT u.organization_id, u.achievement_id, count(*)
    FROM unnest($1, $2) AS s (organization_id, achievement_id)
    JOIN public.achievements_unlocked u USING (organization_id, achievement_id)
   GROUP BY u.organization_id, u.achievement_id)";

const std::string kWriteHolders = R"(
  INSERT INTO weir.achievement_holders AS h (organization_id, achievement_id, holders))" +
                                  kCountHolders + R"(
  ON CONFLICT (organization_id, achievement_id) DO UPDATE SET holders = excluded.holders WHERE h.holders <> excluded.holders
)";

constexpr const char* kReadHolders = R"(
  SELECT h.organization_id, h.achievement_id, h.holders
    FROM unnest($1, $2) AS s (organization_id, achievement_id)
    JOIN weir.achievement_holders h USING (organization_id, achievement_id)
)";

constexpr const char* kRemoveHolders = R"(
  DELETE FROM weir.achievement_holders h
   USING unnest($1, $2) AS s (organization_id, achievement_id)
   WHERE h.organization_id = s.organization_id AND h.achievement_id = s.achievement_id
     AND NOT EXISTS (SELECT FROM public.achievements_unlocked u
                      WHERE u.organization_id = s.organization_id AND u.achievement_id = s.achievement_id)
)";

Result<std::vector<HoldersRow>> holders_of(Statements& connection, std::string_view name, const std::string& sql,
                                           const std::set<Subject>& achievements) {
  const auto rows = WEIR_TRY(connection.query(name, sql, params_of_pairs(achievements)));
  std::vector<HoldersRow> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    found.push_back({rows[i].get<OrganizationId>(0), rows[i].get<Uuid>(1), rows[i].get<std::int64_t>(2)});
  }
  return found;
}

}  // namespace

Result<std::vector<RatingRow>> rate_activities(Statements& connection, const std::set<Subject>& activities) {
  const auto rows = WEIR_TRY(connection.query("scoring_results_of_activities", kResults, params_of_pairs(activities)));
  std::vector<RatingRow> wanted;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    wanted.push_back(
        rating_row(row.get<OrganizationId>(0), row.get<Uuid>(1), row.get<double>(2), row.get<std::int64_t>(3), row.get<std::int64_t>(4)));
  }
  return wanted;
}

Result<std::vector<RatingRow>> read_ratings(Statements& connection, const std::set<Subject>& activities) {
  const auto rows = WEIR_TRY(connection.query("scoring_read_ratings", kReadRatings, params_of_pairs(activities)));
  std::vector<RatingRow> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    found.push_back({rows[i].get<OrganizationId>(0), rows[i].get<Uuid>(1), rows[i].get<double>(2), rows[i].get<std::int64_t>(3)});
  }
  return found;
}

Result<void> write_ratings(Statements& connection, const Difference<RatingRow>& rows) {
  if (!rows.remove.empty()) {
    std::set<Subject> gone;
    for (const RatingRow* row : rows.remove) gone.emplace(row->organization, row->activity);
    WEIR_TRY(connection.execute("scoring_remove_ratings", kRemoveRatings, params_of_pairs(gone)));
  }
  const auto put = [](RowArray& out, const RatingRow* row) {
    out.begin_row(4);
    out.uuid(row->organization.value);
    out.uuid(row->activity);
    out.real8(row->difficulty);
    out.int8(row->attempts);
  };
  WEIR_TRY(connection.execute_over("scoring_write_ratings", kWriteRatings, "weir.activity_ratings_row", rows.write, put));
  return {};
}

Result<std::vector<HoldersRow>> counted_holders(Statements& connection, const std::set<Subject>& achievements) {
  return holders_of(connection, "scoring_count_holders", kCountHolders, achievements);
}

Result<std::vector<HoldersRow>> read_holders(Statements& connection, const std::set<Subject>& achievements) {
  return holders_of(connection, "scoring_read_holders", kReadHolders, achievements);
}

Result<void> count_holders(Statements& connection, const std::set<Subject>& achievements) {
  if (achievements.empty()) return {};
  const Params params = params_of_pairs(achievements);
  WEIR_TRY(connection.execute("scoring_write_holders", kWriteHolders, params));
  WEIR_TRY(connection.execute("scoring_remove_holders", kRemoveHolders, params));
  return {};
}

}  // namespace weir::scoring
