#include "consumers/scoring/pure/results.hpp"

#include <algorithm>
#include <map>

namespace weir::scoring {

namespace {

ScoreRow row_of(const SeriesKey& series, const Place& place, std::string dimension, std::int32_t version, const DimensionScore& score,
                const std::vector<std::string>& flags) {
  ScoreRow row{
      series, place, std::move(dimension), version, std::nullopt, std::string(score.null_reason), static_cast<std::int64_t>(score.answered),
      flags};
  if (score.figures) {
    const Figures& f = *score.figures;
    row.figures = ScoredFigures{f.raw, f.t_score, f.percentile, f.standard_error, f.interval};
  }
  return row;
}

/// The rows of one submission by dimension.
using Submission = std::map<std::string, const ScoreRow*, std::less<>>;

/// The error for comparisons over time. It is not stored, because it follows from the number of answered items.
std::optional<double> error_over_time(const Instrument& instrument, const Submission& submission, std::string_view dimension) {
  const auto of = [&](const Dimension& one) -> std::optional<double> {
    const auto row = submission.find(one.name);
    if (row == submission.end() || row->second->answered < 1) return std::nullopt;
    const auto answered = std::min(static_cast<std::size_t>(row->second->answered), one.items);
    return errors_of(one, answered).over_time;
  };
  if (dimension != kComposite) {
    const auto found = std::ranges::find(instrument.dimensions, dimension, &Dimension::name);
    return found == instrument.dimensions.end() ? std::nullopt : of(*found);
  }
  std::vector<double> errors;
  for (const Dimension& one : instrument.dimensions) {
    const auto error = of(one);
    if (!error) return std::nullopt;
    errors.push_back(*error);
  }
  return composite_error(instrument.composite->weights, errors);
}

Polarity polarity_of(const Instrument& instrument, std::string_view dimension) {
  if (dimension == kComposite) return instrument.composite->polarity;
  return std::ranges::find(instrument.dimensions, dimension, &Dimension::name)->polarity;
}

}  // namespace

std::vector<ScoreRow> score_rows(const SeriesKey& series, const Place& place, const Instrument& instrument, const SubmissionScore& score) {
  const std::vector<std::string> flags = score.flags.texts();
  std::vector<ScoreRow> rows;
  for (std::size_t i = 0; i < score.dimensions.size(); ++i) {
    rows.push_back(row_of(series, place, instrument.dimensions[i].name, instrument.version, score.dimensions[i], flags));
  }
  if (score.composite) rows.push_back(row_of(series, place, std::string(kComposite), instrument.version, *score.composite, flags));
  return rows;
}

std::optional<ProfileRow> profile_row(const SeriesKey& series, const Place& place, const SubmissionScore& score) {
  if (!score.attachment) return std::nullopt;
  const AttachmentProfile& profile = *score.attachment;
  return ProfileRow{series.organization,  series.user, place, profile.anxiety, profile.avoidance, std::string(style_text(profile.style)),
                    profile.probabilities};
}

std::vector<GrowthRow> growth_rows(const Instrument& instrument, std::span<const ScoreRow> scores) {
  std::map<Place, Submission> submissions;
  for (const ScoreRow& row : scores) submissions[row.place].emplace(row.dimension, &row);
  std::vector<std::string_view> dimensions;
  for (const Dimension& dimension : instrument.dimensions) dimensions.push_back(dimension.name);
  if (instrument.composite) dimensions.push_back(kComposite);
  std::vector<GrowthRow> rows;
  for (const std::string_view dimension : dimensions) {
    std::vector<Measured> series;
    std::vector<const ScoreRow*> of;
    for (const auto& [place, submission] : submissions) {
      const auto row = submission.find(dimension);
      if (row == submission.end() || !row->second->figures) continue;
      const auto error = error_over_time(instrument, submission, dimension);
      if (!error) continue;
      series.push_back({row->second->figures->raw, *error});
      of.push_back(row->second);
    }
    const std::vector<Growth> growth = growth_of(series, polarity_of(instrument, dimension));
    for (std::size_t i = 0; i < growth.size(); ++i) {
      const SeriesKey& whose = of[i + 1]->series;
      rows.push_back({whose.organization, whose.user, of[i + 1]->place, std::string(dimension), of[i]->place.response, growth[i]});
    }
  }
  return rows;
}

}  // namespace weir::scoring
