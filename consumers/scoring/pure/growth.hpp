// Growth: a user's scores of one dimension over time, each against those before it. A series holds the submissions of one version of an
// instrument that have a score of the dimension, in order of (submitted_at, response_id).
#pragma once

#include "consumers/scoring/pure/polarity.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace weir::scoring {

/// A raw score, 0 to 100, and its standard error for comparisons over time, in the same points and above 0.
struct Measured {
  double raw = 0;
  double error = 0;
};

/// RCI = (after − before)/√(SEM_before² + SEM_after²): the difference of two scores in units of the error that chance alone would give it
/// (Jacobson and Truax, Journal of Consulting and Clinical Psychology 59, 1991; the two errors differ where not all items were answered).
[[nodiscard]] double reliable_change_index(const Measured& before, const Measured& after);

/// Whether a change is more than chance: |RCI| above 1.96.
[[nodiscard]] bool is_reliable(double reliable_change_index);

/// The slope of the straight line through the scores at x = 1, 2, … by least squares, in points a submission. `scores` are two or more.
[[nodiscard]] double slope(std::span<const double> scores);

/// The most submissions of which a slope is computed.
inline constexpr std::size_t kSlopeLength = 5;

enum class Direction : std::uint8_t { kImproving, kDeclining, kStable };
[[nodiscard]] std::string_view direction_text(Direction direction);
[[nodiscard]] std::optional<Direction> parse_direction(std::string_view text);

/// Improving is a reliable change in the good direction, declining is one in the other direction. None where the dimension has no good
/// direction.
[[nodiscard]] std::optional<Direction> direction_of(double reliable_change_index, Polarity polarity);

/// A submission compared with the one before it.
struct Growth {
  double difference = 0;  // −100 to 100 points
  double reliable_change_index = 0;
  double slope = 0;  // over the last two to five submissions, this one included
  std::optional<Direction> direction;
  std::int32_t improvement_streak = 0;  // submissions in a row, up to this one, that improved
  friend bool operator==(const Growth&, const Growth&) = default;
};

/// The growth at each submission of the series except the first.
[[nodiscard]] std::vector<Growth> growth_of(std::span<const Measured> series, Polarity polarity);

}  // namespace weir::scoring
