// The rows that are made of submissions, as values: a submission's score gives rows of assessment_scores and attachment_profiles, and a
// user's series gives rows of growth_scores. They are compared with the stored rows, and only differences are written.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"
#include "consumers/scoring/pure/difference.hpp"
#include "consumers/scoring/pure/growth.hpp"
#include "consumers/scoring/pure/submission.hpp"

#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace weir::scoring {

/// A user's submissions of one version of an instrument.
struct SeriesKey {
  OrganizationId organization;
  UserId user;
  Uuid assessment;
  friend auto operator<=>(const SeriesKey&, const SeriesKey&) = default;
};

/// The place of a submission in its series, by which the series is ordered.
struct Place {
  Instant submitted_at{};
  Uuid response;
  friend auto operator<=>(const Place&, const Place&) = default;
};

struct ScoredFigures {
  double raw = 0;
  double t_score = 0;
  double percentile = 0;
  double standard_error = 0;
  Interval interval;
  friend bool operator==(const ScoredFigures&, const ScoredFigures&) = default;
};

/// A row of assessment_scores.
struct ScoreRow {
  SeriesKey series;
  Place place;
  std::string dimension;
  std::int32_t instrument_version = 0;
  std::optional<ScoredFigures> figures;
  std::string null_reason;  // empty where there are figures
  std::int64_t answered = 0;
  std::vector<std::string> flags;
  friend bool operator==(const ScoreRow&, const ScoreRow&) = default;

  [[nodiscard]] auto key() const { return std::tie(series.organization, place.response, dimension); }
};

/// A row of attachment_profiles.
struct ProfileRow {
  OrganizationId organization;
  UserId user;
  Place place;
  double anxiety = 0;
  double avoidance = 0;
  std::string style;
  StyleProbabilities probabilities;
  friend bool operator==(const ProfileRow&, const ProfileRow&) = default;

  [[nodiscard]] auto key() const { return std::tie(organization, place.response); }
};

/// A row of growth_scores.
struct GrowthRow {
  OrganizationId organization;
  UserId user;
  Place place;
  std::string dimension;
  Uuid previous_response;
  Growth growth;
  friend bool operator==(const GrowthRow&, const GrowthRow&) = default;

  [[nodiscard]] auto key() const { return std::tie(organization, place.response, dimension); }
};

/// One row for each dimension, in the instrument's order, then the composite's.
[[nodiscard]] std::vector<ScoreRow> score_rows(const SeriesKey& series, const Place& place, const Instrument& instrument,
                                               const SubmissionScore& score);
[[nodiscard]] std::optional<ProfileRow> profile_row(const SeriesKey& series, const Place& place, const SubmissionScore& score);

/// The growth rows of one series. `scores` are all of its rows, in any order; rows of dimensions that the instrument does not have are
/// ignored.
[[nodiscard]] std::vector<GrowthRow> growth_rows(const Instrument& instrument, std::span<const ScoreRow> scores);

}  // namespace weir::scoring
