#include "consumers/scoring/results_store.hpp"

#include "consumers/scoring/person.hpp"

#include <string>

namespace weir::scoring {

namespace {

using postgres::Params;
using postgres::Row;
using postgres::RowArray;
using postgres::Rows;
using postgres::Statements;

constexpr const char* kSeriesOf = R"(
  SELECT DISTINCT s.organization_id, s.user_id, s.assessment_id
    FROM unnest($1, $2) AS r (organization_id, response_id)
    JOIN public.assessment_scores s USING (organization_id, response_id)
)";

constexpr const char* kResponsesOf = R"(
  SELECT organization_id, response_id, user_id
    FROM (SELECT r.organization_id, r.id AS response_id FROM public.assessment_responses r
            JOIN unnest($1, $2) AS p (organization_id, user_id) USING (organization_id, user_id)
           UNION
          SELECT s.organization_id, s.response_id FROM public.assessment_scores s
            JOIN unnest($1, $2) AS p (organization_id, user_id) USING (organization_id, user_id)
           UNION
          SELECT a.organization_id, a.response_id FROM public.attachment_profiles a
            JOIN unnest($1, $2) AS p (organization_id, user_id) USING (organization_id, user_id)
           UNION
          SELECT g.organization_id, g.response_id FROM public.growth_scores g
            JOIN unnest($1, $2) AS p (organization_id, user_id) USING (organization_id, user_id)) affected
    LEFT JOIN (SELECT id AS response_id, user_id FROM public.assessment_responses) holder USING (response_id)
)";

constexpr const char* kReadScores = R"(
  SELECT s.organization_id, s.user_id, s.assessment_id, s.submitted_at, s.response_id, s.dimension, s.instrument_version, s.raw_score,
         s.t_score, s.percentile, s.standard_error, s.interval_low, s.interval_high, s.null_reason, s.answered_items, s.flags
    FROM unnest($1, $2, $3) AS k (organization_id, user_id, assessment_id)
    JOIN public.assessment_scores s USING (organization_id, user_id, assessment_id)
)";

constexpr const char* kReadGrowth = R"(
  SELECT g.organization_id, g.user_id, g.submitted_at, g.response_id, g.dimension, g.previous_response_id, g.difference,
         g.reliable_change_index, g.slope_of_five, g.direction, g.improvement_streak
    FROM unnest($1, $2) AS r (organization_id, response_id)
    JOIN public.growth_scores g USING (organization_id, response_id)
)";

constexpr const char* kReadProfiles = R"(
  SELECT p.organization_id, p.user_id, p.submitted_at, p.response_id, p.anxiety, p.avoidance, p.style, p.p_secure, p.p_anxious,
         p.p_avoidant, p.p_disorganized
    FROM unnest($1, $2) AS r (organization_id, response_id)
    JOIN public.attachment_profiles p USING (organization_id, response_id)
)";

constexpr const char* kWriteScores = R"(
  INSERT INTO public.assessment_scores (
    organization_id, response_id, dimension, user_id, assessment_id, instrument_version, raw_score, null_reason, t_score, percentile,
    norm_group, standard_error, interval_low, interval_high, answered_items, flags, submitted_at)
  SELECT * FROM unnest($1)
  ON CONFLICT (organization_id, response_id, dimension) DO UPDATE
    SET user_id = excluded.user_id, assessment_id = excluded.assessment_id, instrument_version = excluded.instrument_version,
        raw_score = excluded.raw_score, null_reason = excluded.null_reason, t_score = excluded.t_score, percentile = excluded.percentile,
        norm_group = excluded.norm_group, standard_error = excluded.standard_error, interval_low = excluded.interval_low,
        interval_high = excluded.interval_high, answered_items = excluded.answered_items, flags = excluded.flags,
        submitted_at = excluded.submitted_at
)";

constexpr const char* kWriteProfiles = R"(
  INSERT INTO public.attachment_profiles (
    organization_id, response_id, user_id, anxiety, avoidance, style, p_secure, p_anxious, p_avoidant, p_disorganized, submitted_at)
  SELECT * FROM unnest($1)
  ON CONFLICT (organization_id, response_id) DO UPDATE
    SET user_id = excluded.user_id, anxiety = excluded.anxiety, avoidance = excluded.avoidance, style = excluded.style,
        p_secure = excluded.p_secure, p_anxious = excluded.p_anxious, p_avoidant = excluded.p_avoidant,
        p_disorganized = excluded.p_disorganized, submitted_at = excluded.submitted_at
)";

constexpr const char* kWriteGrowth = R"(
  INSERT INTO public.growth_scores (
    organization_id, response_id, dimension, user_id, previous_response_id, difference, reliable_change_index, slope_of_five, direction,
    improvement_streak, submitted_at)
  SELECT * FROM unnest($1)
  ON CONFLICT (organization_id, response_id, dimension) DO UPDATE
    SET user_id = excluded.user_id, previous_response_id = excluded.previous_response_id, difference = excluded.difference,
        reliable_change_index = excluded.reliable_change_index, slope_of_five = excluded.slope_of_five, direction = excluded.direction,
        improvement_streak = excluded.improvement_streak, submitted_at = excluded.submitted_at
)";

constexpr const char* kRemoveScores = R"(
  DELETE FROM public.assessment_scores s
   USING unnest($1, $2, $3) AS r (organization_id, response_id, dimension)
   WHERE s.organization_id = r.organization_id AND s.response_id = r.response_id AND s.dimension = r.dimension
)";

constexpr const char* kRemoveGrowth = R"(
  DELETE FROM public.growth_scores g
   USING unnest($1, $2, $3) AS r (organization_id, response_id, dimension)
   WHERE g.organization_id = r.organization_id AND g.response_id = r.response_id AND g.dimension = r.dimension
)";

constexpr const char* kRemoveProfiles = R"(
  DELETE FROM public.attachment_profiles p
   USING unnest($1, $2) AS r (organization_id, response_id)
   WHERE p.organization_id = r.organization_id AND p.response_id = r.response_id
)";

ScoreRow score_at(const Row& row) {
  ScoreRow score{{row.get<OrganizationId>(0), row.get<UserId>(1), row.get<Uuid>(2)},
                 {row.get<Instant>(3), row.get<Uuid>(4)},
                 row.get<std::string>(5),
                 row.get<std::int32_t>(6),
                 std::nullopt,
                 row.maybe<std::string>(13).value_or(""),
                 row.get<std::int64_t>(14),
                 row.get<std::vector<std::string>>(15)};
  if (row.is_null(7)) return score;
  // A row that another program wrote may lack figures beside a raw score. It then differs from the computed row, which replaces it.
  const auto figure = [&](int column) { return row.maybe<double>(column).value_or(-1); };
  score.figures = ScoredFigures{figure(7), figure(8), figure(9), figure(10), {figure(11), figure(12)}};
  return score;
}

void put(RowArray& out, const ScoreRow& row) {
  const auto figure = [&](auto of) { return row.figures ? std::optional<double>(of(*row.figures)) : std::nullopt; };
  out.begin_row(17);
  out.uuid(row.series.organization.value);
  out.uuid(row.place.response);
  out.text(row.dimension);
  out.uuid(row.series.user.value);
  out.uuid(row.series.assessment);
  out.int4(row.instrument_version);
  out.real8(figure([](const ScoredFigures& f) { return f.raw; }));
  out.text(row.figures ? std::nullopt : std::optional<std::string_view>(row.null_reason));
  out.real8(figure([](const ScoredFigures& f) { return f.t_score; }));
  out.real8(figure([](const ScoredFigures& f) { return f.percentile; }));
  out.text(row.figures ? std::optional<std::string_view>(kNormGroup) : std::nullopt);
  out.real8(figure([](const ScoredFigures& f) { return f.standard_error; }));
  out.real8(figure([](const ScoredFigures& f) { return f.interval.low; }));
  out.real8(figure([](const ScoredFigures& f) { return f.interval.high; }));
  out.int4(static_cast<std::int32_t>(row.answered));
  out.text_array(row.flags);
  out.instant(row.place.submitted_at);
}

void put(RowArray& out, const ProfileRow& row) {
  out.begin_row(11);
  out.uuid(row.organization.value);
  out.uuid(row.place.response);
  out.uuid(row.user.value);
  out.real8(row.anxiety);
  out.real8(row.avoidance);
  out.text(row.style);
  out.real8(row.probabilities.secure);
  out.real8(row.probabilities.anxious);
  out.real8(row.probabilities.avoidant);
  out.real8(row.probabilities.disorganized);
  out.instant(row.place.submitted_at);
}

void put(RowArray& out, const GrowthRow& row) {
  out.begin_row(11);
  out.uuid(row.organization.value);
  out.uuid(row.place.response);
  out.text(row.dimension);
  out.uuid(row.user.value);
  out.uuid(row.previous_response);
  out.real8(row.growth.difference);
  out.real8(row.growth.reliable_change_index);
  out.real8(row.growth.slope);
  out.text(row.growth.direction ? std::optional(direction_text(*row.growth.direction)) : std::nullopt);
  out.int4(row.growth.improvement_streak);
  out.instant(row.place.submitted_at);
}

template <class T>
Result<void> write(Statements& connection, std::string_view name, const std::string& sql, const std::string& type,
                   const std::vector<const T*>& rows) {
  WEIR_TRY(connection.execute_over(name, sql, type, rows, [](RowArray& out, const T* row) { put(out, *row); }));
  return {};
}

template <class T>
Result<void> remove(Statements& connection, std::string_view name, const std::string& sql, const std::vector<const T*>& rows) {
  if (rows.empty()) return {};
  std::vector<Uuid> organizations;
  std::vector<Uuid> responses;
  std::vector<std::string> dimensions;
  for (const T* row : rows) {
    if constexpr (requires { row->series; }) {
      organizations.push_back(row->series.organization.value);
    } else {
      organizations.push_back(row->organization.value);
    }
    responses.push_back(row->place.response);
    if constexpr (requires { row->dimension; }) dimensions.push_back(row->dimension);
  }
  Params params = Params{}.add_array(organizations).add_array(responses);
  if (!dimensions.empty()) params.add_array(dimensions);
  WEIR_TRY(connection.execute(name, sql, params));
  return {};
}

}  // namespace

Result<Affected> responses_of(Statements& connection, const std::vector<std::pair<OrganizationId, UserId>>& people) {
  std::set<Uuid> locked;
  for (const auto& [organization, user] : people) locked.insert(user.value);
  const Rows rows = WEIR_TRY(connection.query("scoring_responses_of", kResponsesOf, params_of_pairs(people)));
  Affected affected;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    affected.responses.insert({rows[i].get<OrganizationId>(0), rows[i].get<Uuid>(1)});
    if (const auto user = rows[i].maybe<Uuid>(2)) locked.insert(*user);
  }
  affected.users.assign(locked.begin(), locked.end());
  return affected;
}

Result<std::set<SeriesKey>> series_of(Statements& connection, const std::set<ResponseKey>& responses) {
  const Rows rows = WEIR_TRY(connection.query("scoring_series_of", kSeriesOf, params_of_pairs(responses)));
  std::set<SeriesKey> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    found.insert({rows[i].get<OrganizationId>(0), rows[i].get<UserId>(1), rows[i].get<Uuid>(2)});
  }
  return found;
}

Result<std::vector<ScoreRow>> read_scores(Statements& connection, const std::set<SeriesKey>& series) {
  std::vector<Uuid> organizations;
  std::vector<Uuid> users;
  std::vector<Uuid> assessments;
  for (const SeriesKey& key : series) {
    organizations.push_back(key.organization.value);
    users.push_back(key.user.value);
    assessments.push_back(key.assessment);
  }
  const Rows rows = WEIR_TRY(
      connection.query("scoring_read_scores", kReadScores, Params{}.add_array(organizations).add_array(users).add_array(assessments)));
  std::vector<ScoreRow> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.push_back(score_at(rows[i]));
  return found;
}

Result<std::vector<GrowthRow>> read_growth(Statements& connection, const std::set<ResponseKey>& responses) {
  const Rows rows = WEIR_TRY(connection.query("scoring_read_growth", kReadGrowth, params_of_pairs(responses)));
  std::vector<GrowthRow> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    GrowthRow growth{row.get<OrganizationId>(0),
                     row.get<UserId>(1),
                     {row.get<Instant>(2), row.get<Uuid>(3)},
                     row.get<std::string>(4),
                     row.get<Uuid>(5),
                     {row.get<double>(6), row.get<double>(7), row.maybe<double>(8).value_or(0), std::nullopt, row.get<std::int32_t>(10)}};
    if (!row.is_null(9)) growth.growth.direction = parse_direction(row.text(9));
    found.push_back(std::move(growth));
  }
  return found;
}

Result<std::vector<ProfileRow>> read_profiles(Statements& connection, const std::set<ResponseKey>& responses) {
  const Rows rows = WEIR_TRY(connection.query("scoring_read_profiles", kReadProfiles, params_of_pairs(responses)));
  std::vector<ProfileRow> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    found.push_back({row.get<OrganizationId>(0),
                     row.get<UserId>(1),
                     {row.get<Instant>(2), row.get<Uuid>(3)},
                     row.get<double>(4),
                     row.get<double>(5),
                     row.get<std::string>(6),
                     {row.get<double>(7), row.get<double>(8), row.get<double>(9), row.get<double>(10)}});
  }
  return found;
}

Result<void> write_scores(Statements& connection, const Difference<ScoreRow>& rows) {
  WEIR_TRY(remove(connection, "scoring_remove_scores", kRemoveScores, rows.remove));
  return write(connection, "scoring_write_scores", kWriteScores, "weir.assessment_scores_row", rows.write);
}

Result<void> write_growth(Statements& connection, const Difference<GrowthRow>& rows) {
  WEIR_TRY(remove(connection, "scoring_remove_growth", kRemoveGrowth, rows.remove));
  return write(connection, "scoring_write_growth", kWriteGrowth, "weir.growth_scores_row", rows.write);
}

Result<void> write_profiles(Statements& connection, const Difference<ProfileRow>& rows) {
  WEIR_TRY(remove(connection, "scoring_remove_profiles", kRemoveProfiles, rows.remove));
  return write(connection, "scoring_write_profiles", kWriteProfiles, "weir.attachment_profiles_row", rows.write);
}

}  // namespace weir::scoring
