#include "consumers/scoring/result_columns.hpp"

#include "common/core/json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <initializer_list>

namespace weir::scoring {

namespace {

using Columns = process::ResultDifferences::Columns;

std::string json_of(std::initializer_list<std::pair<const char*, std::string>> members) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  for (const auto& [name, value] : members) json.member(name, value);
  json.end_object();
  return out;
}

std::string text(double number) { return fmt::format("{}", number); }
std::string text(std::int64_t number) { return std::to_string(number); }
std::string text(Instant at) { return format_instant(at); }
std::string text(Day day) { return format_instant(Instant{day}).substr(0, 10); }
template <class T>
std::string text(const std::optional<T>& value) {
  return value ? text(*value) : "null";
}

template <class Row>
std::string key_of_submission(const OrganizationId& organization, const Row& row) {
  if constexpr (requires { row.dimension; }) {
    return json_of({{"organization_id", organization.text()}, {"response_id", row.place.response.text()}, {"dimension", row.dimension}});
  } else {
    return json_of({{"organization_id", organization.text()}, {"response_id", row.place.response.text()}});
  }
}

}  // namespace

std::string key_of(const ScoreRow& row) { return key_of_submission(row.series.organization, row); }
std::string key_of(const ProfileRow& row) { return key_of_submission(row.organization, row); }
std::string key_of(const GrowthRow& row) { return key_of_submission(row.organization, row); }

std::string key_of(const ProgressRow& row) {
  return json_of({{"organization_id", row.organization.text()}, {"user_id", row.user.text()}, {"module_id", row.module.text()}});
}
std::string key_of(const LearnerRow& row) { return json_of({{"organization_id", row.organization.text()}, {"user_id", row.user.text()}}); }
std::string key_of(const UnlockedRow& row) {
  return json_of({{"organization_id", row.organization.text()}, {"user_id", row.user.text()}, {"achievement_id", row.achievement.text()}});
}

std::string key_of(const RatingRow& row) {
  return json_of({{"organization_id", row.organization.text()}, {"activity_id", row.activity.text()}});
}
std::string key_of(const HoldersRow& row) {
  return json_of({{"organization_id", row.organization.text()}, {"achievement_id", row.achievement.text()}});
}
std::string key_of(const AlignmentRow& row) {
  return json_of({{"organization_id", row.organization.text()},
                  {"user_id", row.user.text()},
                  {"other_user_id", row.other.text()},
                  {"assessment_id", row.assessment.text()}});
}

Columns columns_of(const ScoreRow& row) {
  const auto figure = [&](auto of) { return row.figures ? text(of(*row.figures)) : "null"; };
  return {{"user_id", row.series.user.text()},
          {"assessment_id", row.series.assessment.text()},
          {"instrument_version", text(std::int64_t{row.instrument_version})},
          {"raw_score", figure([](const ScoredFigures& f) { return f.raw; })},
          {"t_score", figure([](const ScoredFigures& f) { return f.t_score; })},
          {"percentile", figure([](const ScoredFigures& f) { return f.percentile; })},
          {"standard_error", figure([](const ScoredFigures& f) { return f.standard_error; })},
          {"interval_low", figure([](const ScoredFigures& f) { return f.interval.low; })},
          {"interval_high", figure([](const ScoredFigures& f) { return f.interval.high; })},
          {"null_reason", row.null_reason.empty() ? "null" : row.null_reason},
          {"answered_items", text(row.answered)},
          {"flags", fmt::format("{{{}}}", fmt::join(row.flags, ","))},
          {"submitted_at", text(row.place.submitted_at)}};
}

Columns columns_of(const ProfileRow& row) {
  return {{"user_id", row.user.text()},
          {"anxiety", text(row.anxiety)},
          {"avoidance", text(row.avoidance)},
          {"style", row.style},
          {"p_secure", text(row.probabilities.secure)},
          {"p_anxious", text(row.probabilities.anxious)},
          {"p_avoidant", text(row.probabilities.avoidant)},
          {"p_disorganized", text(row.probabilities.disorganized)},
          {"submitted_at", text(row.place.submitted_at)}};
}

Columns columns_of(const GrowthRow& row) {
  const Growth& growth = row.growth;
  return {{"user_id", row.user.text()},
          {"previous_response_id", row.previous_response.text()},
          {"difference", text(growth.difference)},
          {"reliable_change_index", text(growth.reliable_change_index)},
          {"slope_of_five", text(growth.slope)},
          {"direction", growth.direction ? std::string(direction_text(*growth.direction)) : "null"},
          {"improvement_streak", text(std::int64_t{growth.improvement_streak})},
          {"submitted_at", text(row.place.submitted_at)}};
}

Columns columns_of(const ProgressRow& row) {
  return {{"status", std::string(module_status_text(row.progress.status))},
          {"percent", text(row.progress.percent)},
          {"unlocked_at", text(row.progress.unlocked_at)},
          {"completed_at", text(row.progress.completed_at)}};
}

Columns columns_of(const LearnerRow& row) {
  return {{"skill_rating", text(row.skill)},
          {"points", text(row.points)},
          {"streak_days", text(std::int64_t{row.streak.days})},
          {"longest_streak_days", text(std::int64_t{row.streak.longest})},
          {"last_active_on", text(row.streak.last_active_on)},
          {"freeze_used_on", text(row.streak.freeze_used_on)}};
}

Columns columns_of(const UnlockedRow& row) { return {{"unlocked_at", text(row.unlocked_at)}}; }

Columns columns_of(const RatingRow& row) { return {{"difficulty_rating", text(row.difficulty)}, {"attempts", text(row.attempts)}}; }

Columns columns_of(const HoldersRow& row) { return {{"holders", text(row.holders)}}; }

Columns columns_of(const AlignmentRow& row) {
  return {{"profile_correlation", text(row.alignment.correlation)},
          {"mean_absolute_difference", text(row.alignment.mean_absolute_difference)}};
}

}  // namespace weir::scoring
