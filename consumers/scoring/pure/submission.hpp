// The score of one submission: every dimension and the composite, with the error of each, and doubts about the answers.
#pragma once

#include "common/core/time.hpp"
#include "consumers/scoring/pure/answers.hpp"
#include "consumers/scoring/pure/attachment.hpp"
#include "consumers/scoring/pure/instrument.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace weir::scoring {

/// The figures that follow from a raw score. All but percentile and T are in raw points.
struct Figures {
  double raw = 0;  // 0 to 100
  double t_score = 0;
  double percentile = 0;       // 0 to 100
  double standard_error = 0;   // above 0
  Interval interval;           // within 0 to 100
  double error_over_time = 0;  // the standard error for comparisons with other submissions; above 0
};

struct DimensionScore {
  std::optional<Figures> figures;  // none where too little was answered
  std::string_view null_reason;    // why there are no figures; empty where there are
  std::size_t answered = 0;        // items
};

/// Doubts about a submission as a whole, by its answers before reversal.
struct Flags {
  bool straight_lining = false;                          // two or more answers, all equal
  bool too_fast = false;                                 // less than a second an answered item
  bool all_at_one_end = false;                           // every answer at its item's scale_min, or every answer at its scale_max
  [[nodiscard]] std::vector<std::string> texts() const;  // in alphabetical order
};

struct AttachmentProfile {
  double anxiety = 0;  // raw scores
  double avoidance = 0;
  AttachmentStyle style = AttachmentStyle::kSecure;
  StyleProbabilities probabilities;
};

struct SubmissionScore {
  std::vector<DimensionScore> dimensions;       // as in Instrument::dimensions
  std::optional<DimensionScore> composite;      // where the instrument has one
  std::optional<AttachmentProfile> attachment;  // where the instrument has styles and both dimensions have scores
  Flags flags;
};

/// The standard errors of a dimension of which a given number of items, at least one, was answered: for a single score, and for comparisons
/// over time.
struct Errors {
  double of_score = 0;
  double over_time = 0;
};
[[nodiscard]] Errors errors_of(const Dimension& dimension, std::size_t answered);

/// `fallback` is the least share of required items for an instrument that states none.
[[nodiscard]] SubmissionScore score(const Instrument& instrument, const Answers& answers, Microseconds time_taken, Share fallback);

}  // namespace weir::scoring
