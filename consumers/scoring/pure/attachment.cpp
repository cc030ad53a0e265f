#include "consumers/scoring/pure/attachment.hpp"

#include "consumers/scoring/pure/measurement.hpp"

namespace weir::scoring {

namespace {

/// Both are computed from Φ, because 1 − p(high) would lose the digits of a small p(low).
struct Sides {
  double low;
  double high;
};

Sides sides_of(const AttachmentAxis& axis) {
  const double z = (axis.raw - axis.cut) / axis.error;
  return {normal_cdf(-z), normal_cdf(z)};
}

}  // namespace

std::string_view style_text(AttachmentStyle style) {
  switch (style) {
    case AttachmentStyle::kSecure:
      return "secure";
    case AttachmentStyle::kAnxious:
      return "anxious";
    case AttachmentStyle::kAvoidant:
      return "avoidant";
    case AttachmentStyle::kDisorganized:
      return "disorganized";
  }
  return {};
}

AttachmentStyle style_of(const AttachmentAxis& anxiety, const AttachmentAxis& avoidance) {
  if (anxiety.is_high()) return avoidance.is_high() ? AttachmentStyle::kDisorganized : AttachmentStyle::kAnxious;
  return avoidance.is_high() ? AttachmentStyle::kAvoidant : AttachmentStyle::kSecure;
}

StyleProbabilities style_probabilities(const AttachmentAxis& anxiety, const AttachmentAxis& avoidance) {
  const Sides a = sides_of(anxiety);
  const Sides b = sides_of(avoidance);
  return {a.low * b.low, a.high * b.low, a.low * b.high, a.high * b.high};
}

}  // namespace weir::scoring
