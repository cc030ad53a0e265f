#include "consumers/scoring/pure/submission.hpp"

#include "common/core/result.hpp"

#include <algorithm>

namespace weir::scoring {

namespace {

constexpr std::string_view kNoAnswers = "no_answers";
constexpr std::string_view kTooFewAnswers = "too_few_answers";
constexpr std::string_view kDimensionWithoutScore = "dimension_without_score";
constexpr Microseconds kShortestTimeAnItem = Seconds{1};

/// The sums over the answered items of one dimension.
struct Tally {
  double weights = 0;
  double weighted = 0;  // each item's place on its scale, 0 to 1, times its weight
  std::size_t answered = 0;
  std::size_t required_answered = 0;
};

std::vector<Tally> tally(const Instrument& instrument, const Answers& answers) {
  std::vector<Tally> tallies(instrument.dimensions.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) continue;
    const Item& item = instrument.items[i];
    Tally& of = tallies[item.dimension];
    const double place =
        static_cast<double>(item.counted(*answers[i]) - item.scale_min) / static_cast<double>(item.scale_max - item.scale_min);
    of.weights += item.weight;
    of.weighted += item.weight * place;
    ++of.answered;
    if (item.required) ++of.required_answered;
  }
  return tallies;
}

Figures figures_of(double raw, const Norm& norm, double error, double error_over_time) {
  return {raw, t_score(raw, norm), percentile(raw, norm), error, interval_95(raw, error), error_over_time};
}

DimensionScore score_dimension(const Dimension& dimension, const Tally& of, Share least) {
  DimensionScore score;
  score.answered = of.answered;
  if (of.answered == 0) {
    score.null_reason = kNoAnswers;
  } else if (!least.is_met(of.required_answered, dimension.required_items)) {
    score.null_reason = kTooFewAnswers;
  } else {
    const Errors errors = errors_of(dimension, of.answered);
    score.figures = figures_of(cut_score(100 * (of.weighted / of.weights)), dimension.norm, errors.of_score, errors.over_time);
  }
  return score;
}

DimensionScore score_composite(const Composite& composite, const std::vector<DimensionScore>& dimensions) {
  DimensionScore score;
  double raw = 0;
  std::vector<double> errors;
  std::vector<double> errors_over_time;
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    score.answered += dimensions[i].answered;
    if (!dimensions[i].figures) {
      score.null_reason = kDimensionWithoutScore;
      continue;
    }
    raw += composite.weights[i] * dimensions[i].figures->raw;
    errors.push_back(dimensions[i].figures->standard_error);
    errors_over_time.push_back(dimensions[i].figures->error_over_time);
  }
  if (!score.null_reason.empty()) return score;
  score.figures = figures_of(cut_score(raw), composite.norm, composite_error(composite.weights, errors),
                             composite_error(composite.weights, errors_over_time));
  return score;
}

std::optional<AttachmentProfile> attachment_of(const Attachment& attachment, const std::vector<DimensionScore>& dimensions) {
  const auto& anxiety = dimensions[attachment.anxiety].figures;
  const auto& avoidance = dimensions[attachment.avoidance].figures;
  if (!anxiety || !avoidance) return std::nullopt;
  const AttachmentAxis first{anxiety->raw, anxiety->standard_error, attachment.anxiety_cut};
  const AttachmentAxis second{avoidance->raw, avoidance->standard_error, attachment.avoidance_cut};
  return AttachmentProfile{first.raw, second.raw, style_of(first, second), style_probabilities(first, second)};
}

Flags flags_of(const Instrument& instrument, const Answers& answers, Microseconds time_taken) {
  std::int32_t answered = 0;
  std::int32_t like_the_first = 0;
  std::int32_t lowest = 0;
  std::int32_t highest = 0;
  std::optional<std::int32_t> first;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) continue;
    if (!first) first = answers[i];
    ++answered;
    if (answers[i] == first) ++like_the_first;
    if (answers[i] == instrument.items[i].scale_min) ++lowest;
    if (answers[i] == instrument.items[i].scale_max) ++highest;
  }
  if (answered == 0) return {};
  return {.straight_lining = answered >= 2 && like_the_first == answered,
          .too_fast = time_taken < answered * kShortestTimeAnItem,
          .all_at_one_end = lowest == answered || highest == answered};
}

}  // namespace

std::vector<std::string> Flags::texts() const {
  std::vector<std::string> names;
  if (all_at_one_end) names.emplace_back("all_at_one_end");
  if (straight_lining) names.emplace_back("straight_lining");
  if (too_fast) names.emplace_back("too_fast");
  return names;
}

Errors errors_of(const Dimension& dimension, std::size_t answered) {
  const auto error = [&](double reliability) {
    return standard_error(dimension.norm.sd, shortened_reliability(reliability, answered, dimension.items));
  };
  return {error(dimension.reliability.internal_consistency), error(dimension.reliability.over_time())};
}

SubmissionScore score(const Instrument& instrument, const Answers& answers, Microseconds time_taken, Share fallback) {
  WEIR_ASSERT(answers.size() == instrument.items.size());
  const Share least = instrument.least_share.value_or(fallback);
  const std::vector<Tally> tallies = tally(instrument, answers);
  SubmissionScore out;
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    out.dimensions.push_back(score_dimension(instrument.dimensions[i], tallies[i], least));
  }
  if (instrument.composite) out.composite = score_composite(*instrument.composite, out.dimensions);
  if (instrument.attachment) out.attachment = attachment_of(*instrument.attachment, out.dimensions);
  out.flags = flags_of(instrument, answers, time_taken);
  return out;
}

}  // namespace weir::scoring
