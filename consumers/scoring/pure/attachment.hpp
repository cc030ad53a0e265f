// Attachment styles from the two dimensions of adult attachment, anxiety and avoidance (Brennan, Clark and Shaver 1998; the four styles
// after Bartholomew and Horowitz, Journal of Personality and Social Psychology 61, 1991).
//
//                     avoidance below its cut    avoidance at its cut or above
//   anxiety below     secure                     avoidant
//   anxiety above     anxious                    disorganized
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::scoring {

enum class AttachmentStyle : std::uint8_t { kSecure, kAnxious, kAvoidant, kDisorganized };
[[nodiscard]] std::string_view style_text(AttachmentStyle style);

/// One of the two dimensions of a submission. All three in raw points; `error` is the standard error of measurement, above 0.
struct AttachmentAxis {
  double raw = 0;
  double error = 0;
  double cut = 0;  // a score at the cut is high

  [[nodiscard]] bool is_high() const { return raw >= cut; }
};

/// The probabilities of the four styles, each 0 to 1; they sum to 1 but for rounding.
struct StyleProbabilities {
  double secure = 0;
  double anxious = 0;
  double avoidant = 0;
  double disorganized = 0;
  friend bool operator==(const StyleProbabilities&, const StyleProbabilities&) = default;
};

/// The style of the two scores as they were observed. It is always the likeliest of the four.
[[nodiscard]] AttachmentStyle style_of(const AttachmentAxis& anxiety, const AttachmentAxis& avoidance);

/// How likely each style is, given the errors: p(high) = Φ((raw − cut)/SEM) for each dimension. The dimensions share no item, so their
/// errors are independent, and a style's probability is the product of two.
[[nodiscard]] StyleProbabilities style_probabilities(const AttachmentAxis& anxiety, const AttachmentAxis& avoidance);

}  // namespace weir::scoring
